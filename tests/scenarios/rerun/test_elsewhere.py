"""A machine is lost in a job that reports on a commit which its workflow run's event does not name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.core.model.delivery import DeliveryStatus
from tests.support.github.server import Fault, GithubServer
from tests.support.rerun.reruns import FAILED, CreateScenario, RerunScenario
from tests.support.rules import rule

_RUN_ID = 4713
_ELSEWHERE = replace(FAILED, run_id=str(_RUN_ID))


def lose_a_job(scenario: RerunScenario, event: str) -> dict[str, Any]:
    """Start a workflow run on main's newest commit, whose job reports on the commit before. Return its check run."""
    github, tested = scenario.github, scenario.job.sha
    github.world.branches["main"] = newest = "d" * 40
    github.world.start_workflow_run(run_id=_RUN_ID, event=event, sha=newest)
    created = [scenario.create_run(category) for category in ("docs", "lint")]
    run = scenario.create_run("unit", "", _ELSEWHERE, status="in_progress")
    for check_run in (*created, run):
        github.deliver("check_run", github.created(check_run["id"]), send=False)
    assert run["head_sha"] == tested
    return run


@rule("Re-runs: a machine is lost in a job that a comment or another workflow has started")
@pytest.mark.parametrize("event", ["issue_comment", "workflow_run", "workflow_dispatch", "schedule"])
def test_lost_run_on_another_commit_is_completed(
    create_scenario: CreateScenario, github: GithubServer, event: str
) -> None:
    scenario = create_scenario()
    run = lose_a_job(scenario, event)
    before = len(github.requests)
    assert scenario.complete_workflow(_RUN_ID, "failure").reason == "completed pytest (unit)"
    assert (run["conclusion"], run["output"]["title"]) == ("failure", "job lost · 1 failed, 1 passed")
    assert len(github.requests) - before <= 12


def test_passed_workflow_run_is_not_searched_for(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    lose_a_job(scenario, "issue_comment")
    assert "left no check run incomplete" in scenario.complete_workflow(_RUN_ID, "success").reason
    assert not [request for request in github.requests if "/hook/deliveries" in request.path]


def test_check_of_running_workflow_run_is_not_completed(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    run = lose_a_job(scenario, "issue_comment")
    payload = github.workflow_completed(_RUN_ID, "failure")
    github.world.workflow_runs[_RUN_ID] |= {"status": "in_progress", "conclusion": None}
    assert scenario.event("workflow_run", payload).status is DeliveryStatus.IGNORED
    assert run["status"] == "in_progress"


def test_unreadable_delivery_log_is_tried_again(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    lose_a_job(scenario, "issue_comment")
    github.fault(Fault(path="/hook/deliveries", how="answer", status=502))
    assert scenario.complete_workflow(_RUN_ID, "failure").status is DeliveryStatus.LATER
    github.mend()
    assert scenario.complete_workflow(_RUN_ID, "failure").reason == "completed pytest (unit)"


def test_other_repositories_and_runs_are_not_mistaken(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    lose_a_job(scenario, "issue_comment")
    other = github.world.start_workflow_run(run_id=4714, event="issue_comment")
    assert "left no check run incomplete" in scenario.complete_workflow(other["id"], "failure").reason
