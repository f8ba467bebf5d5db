"""Check runs have re-run buttons if they work. Otherwise the log says why not."""

from __future__ import annotations

import pytest

from tests.support.github.server import REPOSITORY, GithubServer
from tests.support.rerun.reruns import CreateScenario
from tests.support.rules import rule

_FORK = {"number": 7, "head": {"sha": "e" * 40, "ref": "topic", "repo": {"full_name": "mallory/demo"}}}


def test_workflow_without_rerun_input_has_no_buttons(create_scenario: CreateScenario, github: GithubServer) -> None:
    """For other reasons see `tests/unit/core/rerun/test_buttons.py`."""
    result = create_scenario(workflow="name: tests\non: [push, pull_request]\n").first()
    assert github.run["actions"] == []
    reason = ".github/workflows/tests.yml has no trigger `workflow_dispatch`."
    assert f"The check run has no re-run buttons: {reason}" in result.log


@pytest.mark.slow
def test_run_of_github_token_has_no_buttons(create_scenario: CreateScenario, github: GithubServer) -> None:
    token = github.world.actions_token(REPOSITORY)
    result = create_scenario().first(app_id="", private_key="", github_token=token)
    assert github.run["actions"] == []
    assert "no re-run buttons: only check runs of your own GitHub App can have them." in result.log


def test_commit_of_fork_has_no_buttons(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    scenario.job.event = {"pull_request": {**_FORK, "base": {"ref": "main"}}}
    result = scenario.first(env={"GITHUB_EVENT_NAME": "pull_request_target"})
    assert github.run["actions"] == []
    assert "no re-run buttons: the commit is from a fork" in result.log


@rule("Buttons: the App may not start workflows")
def test_app_without_actions_permission_has_no_buttons(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    github.installation.permissions["actions"] = "read"
    result = scenario.first()
    assert (github.run["conclusion"], github.run["actions"]) == ("failure", [])
    assert result.log.count("The check run has no re-run buttons: the App cannot start workflows.") == 1
    assert "set Actions to Read and write" in result.log


@pytest.mark.slow
def test_preview_neither_has_nor_mentions_buttons(create_scenario: CreateScenario, github: GithubServer) -> None:
    result = create_scenario().job.run("preview")
    assert "re-run button" not in result.log
    assert github.runs == []
