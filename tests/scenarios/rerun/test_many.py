"""Many checks are asked for at once: the queued check runs come first, and share the workflow runs."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

import pytest

from checks.core.model.delivery import DeliveryStatus
from checks.core.model.identity import RunKind
from tests.support.github.limits import Limits
from tests.support.github.server import Fault, GithubServer
from tests.support.rerun.presses import press_all
from tests.support.rerun.receivers import receiving
from tests.support.rerun.reruns import FAILED, SECOND, CreateScenario, RerunScenario, receiver
from tests.support.rules import rule

_CATEGORIES = 30


def started(scenario: RerunScenario) -> list[str]:
    """Return the ids of the queued check runs for which workflows were dispatched."""
    inputs = [json.loads(dispatch.inputs["rerun"]) for dispatch in scenario.dispatches]
    return sorted(run["queued"] for rerun in inputs for run in rerun["runs"])


def queued(github: GithubServer) -> list[str]:
    return sorted(str(run["id"]) for run in github.runs if run["status"] == "queued")


def test_click_takes_eight_requests_of_which_three_write(create_scenario: CreateScenario, github: GithubServer) -> None:
    """The figures of docs/re-runs.md."""
    scenario = create_scenario()
    github.world.start_workflow_run(run_id=4711, sha=scenario.job.sha)
    scenario.create_run(failures=["test_a.py::test_flaky"])
    for _ in ("the check of a push", "the check of a re-run"):
        before = len(github.requests)
        assert scenario.press().status is DeliveryStatus.DONE
        sent = [request for request in github.requests[before:] if not request.path.endswith("/access_tokens")]
        assert (len(sent), len([request for request in sent if request.method != "GET"])) == (8, 3)
        scenario.claim()
        scenario.complete_workflow(scenario.dispatches[-1].run_id, "failure")


@rule("Re-runs: 30 checks are asked for by one request")
def test_one_suite_request_starts_thirty_checks(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    for number in range(_CATEGORIES):
        scenario.create_run(str(number))
    github.limits = Limits()
    assert scenario.rerequest_suite().status is DeliveryStatus.DONE
    assert len(queued(github)) == _CATEGORIES
    assert started(scenario) == queued(github)
    assert (len(scenario.dispatches), github.limits.refused) == (1, 0)
    assert scenario.rerequest_suite().status is DeliveryStatus.DONE  # not every check run has its link yet
    assert len(scenario.dispatches) == 1


@rule("Re-runs: 30 checks are asked for by 30 clicks")
def test_thirty_clicks_at_once_start_thirty_checks(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    runs = [scenario.create_run(str(number))["id"] for number in range(_CATEGORIES)]
    github.limits = Limits()
    with receiving(github):
        deliveries = press_all(github, runs)
    assert {delivery.status_code for delivery in deliveries} == {200}
    assert len(queued(github)) == _CATEGORIES
    assert started(scenario) == queued(github)
    assert len(scenario.dispatches) < _CATEGORIES / 3
    assert github.limits.refused == 0


@rule("Re-runs: GitHub answers so slowly that a receiver cannot start all of them in time")
@pytest.mark.slow
def test_clicks_are_handled_after_their_response(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    runs = [scenario.create_run(str(number))["id"] for number in range(_CATEGORIES)]
    github.delay_seconds = 0.15
    with receiving(github):
        deliveries = press_all(github, runs)
        assert {delivery.status_code for delivery in deliveries} >= {503}
        github.wait_for(lambda: len(set(started(scenario))) == _CATEGORIES)
    assert len(queued(github)) == _CATEGORIES


@rule("Re-runs: a receiver is killed after it has queued a check, and another click on the commit arrives")
@pytest.mark.parametrize("is_suite", [False, True])
def test_next_click_dispatches_what_was_left_queued(
    create_scenario: CreateScenario, github: GithubServer, *, is_suite: bool
) -> None:
    scenario = create_scenario()
    unit, lint = (scenario.create_run(category) for category in ("unit", "lint"))
    github.fault(Fault(path="/dispatches$", how="drop"))
    assert scenario.press("rerun-failed", unit["id"]).status is DeliveryStatus.LATER
    github.mend()
    scenario.receive = receiver(github, scenario.clock)
    result = scenario.rerequest_suite() if is_suite else scenario.press("rerun-all", lint["id"])
    assert result.status is DeliveryStatus.DONE
    assert {run["category"]: run["which"] for run in scenario.dispatched_input()["runs"]} == {
        "lint": "rerun-all",
        "unit": "rerun-all" if is_suite else "rerun-failed",
    }
    assert started(scenario) == queued(github)
    assert len(scenario.dispatches) == 1


@rule("Re-runs: a receiver is killed after it has queued a check, and a workflow run on the commit ends")
def test_end_of_a_workflow_run_starts_what_was_left_queued(
    create_scenario: CreateScenario, github: GithubServer
) -> None:
    scenario = create_scenario()
    github.world.start_workflow_run(run_id=4711, sha=scenario.job.sha)
    unit = scenario.create_run("unit")
    github.fault(Fault(path="/dispatches$", how="drop"))
    scenario.press("rerun-failed", unit["id"])
    github.mend()
    scenario.receive = receiver(github, scenario.clock)
    assert "left no check run incomplete" in scenario.complete_workflow(4711).reason  # it may still be at work
    scenario.clock.seconds += 100
    assert scenario.complete_workflow(4711).reason == "started a re-run of pytest (unit)"
    assert [run["which"] for run in scenario.dispatched_input()["runs"]] == ["rerun-failed"]
    assert started(scenario) == queued(github)
    assert "left no check run incomplete" in scenario.complete_workflow(4711).reason


@rule("Re-runs: a workflow run leaves more checks incomplete than GitHub's limits allow to complete at once")
@pytest.mark.parametrize("way", ["workflow end", "suite"])
def test_many_orphans_are_completed_by_several_deliveries(
    create_scenario: CreateScenario, github: GithubServer, way: str
) -> None:
    scenario = create_scenario()
    github.world.start_workflow_run(run_id=4711, sha=scenario.job.sha)
    for number in range(70):
        scenario.create_run(str(number), "", replace(FAILED, kind=RunKind.TESTS), status="in_progress")
    github.world.complete_workflow_run(4711, "failure")
    deliver = scenario.rerequest_suite if way == "suite" else partial(scenario.complete_workflow, 4711, "failure")
    assert deliver().status is DeliveryStatus.LATER
    scenario.clock.seconds += 600
    deliver()
    completed = [request.path for request in github.requests if request.method == "PATCH"]
    assert len(set(completed[:70])) == 70
    assert {run["conclusion"] for run in github.runs[:70]} == {"failure"}


@rule("Re-runs: a check is left queued or incomplete, and a re-run's job ends on the same commit")
@pytest.mark.slow
def test_job_of_a_rerun_looks_after_other_checks(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    github.world.start_workflow_run(run_id=4711, sha=scenario.job.sha)
    unit, lint, docs = (scenario.create_run(category)["id"] for category in ("unit", "lint", "docs"))
    scenario.clock.seconds -= 1_000  # the clicks came long before the job ends
    scenario.press("rerun-all", unit)
    scenario.press("rerun-all", docs)
    github.world.complete_workflow_run(scenario.dispatches[1].run_id, "startup_failure")
    github.fault(Fault(path="/dispatches$", how="drop"))
    assert scenario.press("rerun-failed", lint).status is DeliveryStatus.LATER
    github.mend()
    result = scenario.rerun(0, env=SECOND, category="unit")
    assert result.exit_status == 0
    done = "Other checks of this commit: completed pytest (docs); started a re-run of pytest (lint)."
    assert done in result.log
    assert [run["status"] for run in github.runs[3:]] == ["completed", "completed", "queued"]
    assert [run["category"] for run in scenario.dispatched_input()["runs"]] == ["lint"]
