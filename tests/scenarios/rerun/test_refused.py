"""Re-runs that are not started: missing permissions, commits that cannot be re-run, and refusals by GitHub."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from checks.core.model.delivery import DeliveryStatus
from checks.core.model.identity import RunKind
from tests.support.github.server import Fault, GithubServer
from tests.support.rerun.edges import create_foreign_run
from tests.support.rerun.reruns import FAILED, CreateScenario, RerunScenario
from tests.support.rules import rule


def _lose_the_branch(github: GithubServer) -> None:
    github.world.branches.clear()


def _lose_the_input(github: GithubServer) -> None:
    github.world.workflows["tests.yml"] = set()


def _lose_the_trigger(github: GithubServer) -> None:
    github.world.workflows["tests.yml"] = None


def _lose_the_workflow(github: GithubServer) -> None:
    github.world.workflows.clear()


def _lose_the_permission(github: GithubServer) -> None:
    del github.installation.permissions["actions"]


def _forbid(github: GithubServer) -> None:
    body = {"message": "Resource not accessible by integration"}
    github.fault(Fault(path="/dispatches$", how="answer", status=403, body=body))


@rule("A click: GitHub does not start the workflow: branch deleted")
@pytest.mark.parametrize(
    ("breaks", "cause", "remedy"),
    [
        pytest.param(
            _lose_the_branch, "`main` no longer exists (422: No ref found", "Push it again", id="branch deleted"
        ),
        pytest.param(_lose_the_input, "does not declare the input `rerun` (422", "Declare it there", id="no input"),
        pytest.param(_lose_the_trigger, "has no trigger `workflow_dispatch`", "Add that trigger", id="no trigger"),
        pytest.param(
            _lose_the_workflow, "was not found on the default branch (404", "Actions to Read", id="no workflow"
        ),
        pytest.param(_lose_the_permission, "cannot start workflows (4", "Actions to Read and write", id="permission"),
        pytest.param(_forbid, "cannot start workflows (403", "Actions to Read and write", id="forbidden"),
    ],
)
def test_refused_dispatch_is_reported_and_can_be_repeated(
    create_scenario: CreateScenario,
    github: GithubServer,
    breaks: Callable[[GithubServer], None],
    cause: str,
    remedy: str,
) -> None:
    scenario = create_scenario()
    scenario.create_run(failures=["test_a.py::test_flaky"])
    before = dict(github.world.branches), dict(github.world.workflows)
    breaks(github)
    delivery_result = scenario.press()
    assert delivery_result.status is DeliveryStatus.REFUSED
    assert cause in delivery_result.reason
    run = scenario.latest
    assert (run["status"], run["conclusion"]) == ("completed", "action_required")
    assert run["output"]["title"].startswith("not started · Re-run of 1 failed test")
    assert [action["identifier"] for action in run["actions"]] == ["rerun-failed", "rerun-all"]
    assert cause.replace("`", "") in run["output"]["summary"].replace("`", "").replace("\\", "")
    assert remedy in run["output"]["summary"]
    assert scenario.press(run=github.runs[0]["id"]).status is DeliveryStatus.DONE  # the first click again
    assert len(github.runs) == 2

    github.world.branches, github.world.workflows = before
    github.installation.permissions["actions"] = "write"
    github.mend()
    assert scenario.press().status is DeliveryStatus.DONE
    assert (scenario.latest["status"], scenario.latest["output"]["title"][:24]) == (
        "queued",
        "Re-run of 1 failed test ",
    )
    assert scenario.dispatched_input()["runs"][0]["earlier"] == str(run["id"])


@rule("A click: a server that does not know return_run_details")
@pytest.mark.parametrize("status", [400, 422])
def test_server_without_run_details_starts_the_workflow(
    create_scenario: CreateScenario, github: GithubServer, status: int
) -> None:
    github.world.knows_run_details, github.world.unknown_key_status = False, status
    scenario = create_scenario()
    scenario.create_run()
    assert scenario.press().status is DeliveryStatus.DONE
    assert len(scenario.dispatches) == 1
    assert scenario.press(run=github.runs[0]["id"]).reason.startswith("it was already answered")


@rule("A click: by somebody without write access")
@pytest.mark.parametrize("permission", ["read", "triage", "none"])
def test_sender_without_write_access_starts_nothing(
    create_scenario: CreateScenario, github: GithubServer, permission: str
) -> None:
    scenario = create_scenario()
    scenario.create_run()
    github.world.permissions["mallory"] = permission
    delivery_result = scenario.press(sender="mallory")
    assert (delivery_result.status, len(github.runs), scenario.dispatches) == (DeliveryStatus.REFUSED, 1, [])
    assert delivery_result.reason.startswith("@mallory has no write access to this repository (")


@rule("A click: GitHub's own link of a check, refused")
def test_refused_rerequest_republishes_verdict_and_reason_once(
    create_scenario: CreateScenario, github: GithubServer
) -> None:
    scenario = create_scenario()
    first = scenario.create_run()
    payload = github.rerequest(first["id"], "mallory")
    assert [scenario.event("check_run", payload).status for _ in range(2)] == [
        DeliveryStatus.REFUSED,
        DeliveryStatus.DONE,
    ]
    assert len(github.runs) == 2
    assert (scenario.latest["conclusion"], scenario.latest["output"]["title"]) == ("failure", "1 failed, 1 passed")
    assert "mallory has no write access to this repository" in scenario.latest["output"]["summary"]
    assert "@mallory" not in scenario.latest["output"]["summary"]
    assert f"({first['html_url']})" in scenario.latest["output"]["summary"]
    assert scenario.press().status is DeliveryStatus.DONE  # octocat has write access
    assert [run["status"] for run in github.runs] == ["completed", "completed", "queued"]


@pytest.fixture
def of_fork(create_scenario: CreateScenario, github: GithubServer) -> RerunScenario:
    """A run on a fork's commit."""
    scenario = create_scenario()
    github.world.branches.clear()
    github.world.start_workflow_run(run_id=4711, sha=scenario.job.sha, head_repository="mallory/demo")
    scenario.create_run()
    return scenario


@rule("A click: on a fork's commit")
def test_commit_of_fork_is_not_rerun_by_any_button(of_fork: RerunScenario, github: GithubServer) -> None:
    reason = "the commit is from a fork or on no branch, so a workflow cannot be started for it"
    assert (of_fork.press().status, of_fork.press().reason) == (DeliveryStatus.REFUSED, reason)
    assert len(github.runs) == 1
    assert of_fork.rerequest().reason == reason
    assert "the commit is from a fork" in of_fork.latest["output"]["summary"]
    assert of_fork.latest["actions"] == []
    assert of_fork.dispatches == []


@rule("A click: on published results")
def test_published_results_are_not_rerun_by_any_button(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    scenario.create_run(parts=replace(FAILED, kind=RunKind.PUBLISHED))
    assert scenario.press().reason == "its tests were not run by a workflow, so no workflow can be started"
    for _ in range(2):  # their republished verdicts cannot be re-run either
        assert scenario.rerequest().status is DeliveryStatus.REFUSED
        assert scenario.latest["actions"] == []
    assert scenario.press("rerun-all").status is DeliveryStatus.REFUSED
    assert scenario.dispatches == []
    assert len(github.runs) == 3


@rule("A click: on another App's check")
def test_check_run_of_other_app_is_ignored(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    create_foreign_run(github, scenario.job.sha)
    for delivery_result in (scenario.press(), scenario.rerequest()):
        assert (delivery_result.status, delivery_result.reason) == (
            DeliveryStatus.REFUSED,
            "the check run belongs to another App",
        )
    assert len(github.requests) == 1  # no request was sent for the re-run


def _unknown(payload: dict[str, Any]) -> dict[str, Any]:
    repository = {**payload["repository"], "full_name": "octo/unknown"}
    return {key: value for key, value in payload.items() if key != "installation"} | {"repository": repository}


@rule("A click: in a repository without the App")
def test_repository_without_app_is_refused(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    delivery_result = scenario.event("check_run", _unknown(github.press(scenario.create_run()["id"], "rerun-failed")))
    assert delivery_result.status is DeliveryStatus.REFUSED
    assert delivery_result.reason.startswith("The App is not installed in octo/unknown (404")


def test_suspended_app_is_retried_later(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    run = scenario.create_run()
    github.installation.is_suspended = True
    assert scenario.press(run=run["id"]).status is DeliveryStatus.LATER
    github.installation.is_suspended = False
    assert scenario.press(run=run["id"]).status is DeliveryStatus.DONE


@rule("A click: GitHub's own link of the suite, refused")
def test_refused_suite_rerequest_republishes_one_verdict_once(
    create_scenario: CreateScenario, github: GithubServer
) -> None:
    """GitHub has set the suite back to `queued`. Only a new check run completes it."""
    scenario = create_scenario()
    scenario.create_run("unit")
    scenario.create_run("docs", "success")
    payload = github.rerequest_suite(scenario.job.sha, "mallory")
    assert [scenario.event("check_suite", payload).status for _ in range(2)] == [
        DeliveryStatus.REFUSED,
        DeliveryStatus.DONE,
    ]
    assert len(github.runs) == 3
    assert (scenario.latest["name"], scenario.latest["conclusion"]) == ("pytest (unit)", "failure")
    assert "has no write access to this repository" in scenario.latest["output"]["summary"]


def test_refused_suite_dispatch_is_reported_once(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    scenario.create_run()
    github.world.workflows["tests.yml"] = None
    payload = github.rerequest_suite(scenario.job.sha)
    assert [scenario.event("check_suite", payload).status for _ in range(2)] == [
        DeliveryStatus.REFUSED,
        DeliveryStatus.DONE,
    ]
    assert [run["conclusion"] for run in github.runs] == ["failure", "action_required"]
