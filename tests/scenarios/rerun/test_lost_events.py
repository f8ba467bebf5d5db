"""A check never waits for one event: any click, poll or job reads the real state of its workflow run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.core.model.delivery import Delivery, DeliveryResult, DeliveryStatus
from tests.support.github.server import Fault, GithubServer
from tests.support.rerun.latest import runs_that_count
from tests.support.rerun.reruns import FAILED, CreateScenario, RerunScenario, receiver
from tests.support.rules import rule


def end_without_event(scenario: RerunScenario, conclusion: str = "startup_failure") -> None:
    scenario.github.world.complete_workflow_run(scenario.dispatches[-1].run_id, conclusion)


def identifiers(run: dict[str, Any]) -> list[str]:
    return [action["identifier"] for action in run["actions"]]


@rule("Re-runs: a workflow run ends without an event")
@pytest.mark.parametrize("conclusion", ["startup_failure", "failure", "cancelled", None])
def test_press_completes_check_of_ended_workflow_run(
    requested_rerun: RerunScenario, github: GithubServer, conclusion: str | None
) -> None:
    if conclusion is None:
        del github.world.workflow_runs[requested_rerun.dispatches[0].run_id]
    else:
        end_without_event(requested_rerun, conclusion)
    first, waiting = github.runs
    result = requested_rerun.press(run=first["id"])
    assert result == DeliveryResult(
        status=DeliveryStatus.DONE,
        reason=f"completed pytest (unit); it was already answered by check run {waiting['id']}",
    )
    assert waiting["conclusion"] == ("cancelled" if conclusion == "cancelled" else "action_required")
    assert (conclusion or "was deleted") in waiting["output"]["summary"]
    assert identifiers(waiting) == ["rerun-failed", "rerun-all"]
    assert requested_rerun.press(run=first["id"]).reason == f"it was already answered by check run {waiting['id']}"
    assert len(requested_rerun.dispatches) == 1

    assert requested_rerun.press().status is DeliveryStatus.DONE
    assert (len(requested_rerun.dispatches), requested_rerun.latest["status"]) == (2, "queued")


def test_press_completes_run_whose_machine_is_gone(requested_rerun: RerunScenario, github: GithubServer) -> None:
    requested_rerun.claim()
    end_without_event(requested_rerun, "failure")
    requested_rerun.press(run=github.runs[0]["id"])
    assert (requested_rerun.latest["conclusion"], requested_rerun.latest["output"]["title"]) == (
        "failure",
        "job lost · Starting",
    )


def test_suite_request_completes_it_and_starts_anew(requested_rerun: RerunScenario, github: GithubServer) -> None:
    end_without_event(requested_rerun)
    github.clock_ahead_seconds = 5
    requested_rerun.clock.seconds += 10
    payload = github.rerequest_suite(requested_rerun.job.sha)
    assert requested_rerun.event("check_suite", payload).status is DeliveryStatus.DONE
    assert [run["status"] for run in github.runs] == ["completed", "completed", "queued"]
    end_without_event(requested_rerun)
    assert requested_rerun.event("check_suite", payload).status is DeliveryStatus.DONE
    assert len(requested_rerun.dispatches) == 2  # a workflow that cannot start is not started again and again
    assert requested_rerun.latest["conclusion"] == "action_required"


@rule("Re-runs: the same, on a server that does not say which workflow run it has started")
def test_press_completes_check_of_unknown_workflow_run(create_scenario: CreateScenario, github: GithubServer) -> None:
    github.world.knows_run_details, github.clock_ahead_seconds = False, 5.0
    scenario = create_scenario()
    first = scenario.create_run()
    scenario.press()
    assert scenario.press(run=first["id"]).reason.startswith("it was already answered")
    assert scenario.latest["status"] == "queued"  # its workflow run is not over
    end_without_event(scenario)
    other = github.world.start_workflow_run(event="workflow_dispatch", sha=scenario.job.sha)
    scenario.press(run=first["id"])
    assert scenario.latest["status"] == "queued"  # it may be this one
    github.world.complete_workflow_run(other["id"], "failure")
    assert scenario.press(run=first["id"]).reason.startswith("completed pytest (unit)")
    assert identifiers(scenario.latest) == ["rerun-failed", "rerun-all"]


def test_check_of_running_workflow_run_is_left_alone(requested_rerun: RerunScenario, github: GithubServer) -> None:
    assert requested_rerun.press(run=github.runs[0]["id"]).reason.startswith("it was already answered")
    assert requested_rerun.latest["status"] == "queued"
    requested_rerun.claim()
    requested_rerun.press(run=github.runs[0]["id"])
    assert requested_rerun.latest["status"] == "in_progress"


def test_event_before_the_link_is_made_up_for(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    first = scenario.create_run(failures=["test_a.py::test_flaky"])
    other, results = receiver(github, scenario.clock), list[DeliveryResult]()

    def end_before_link() -> None:
        payload = github.workflow_completed(scenario.dispatches[0].run_id, "failure")
        event = Delivery(guid="guid", event="workflow_run", payload=payload)
        results.append(other(event, scenario.until()))

    github.fault(Fault(method="PATCH", nth=[1], how="none", before=end_before_link))
    scenario.press()
    assert "left no check run incomplete" in results[0].reason
    assert scenario.latest["status"] == "queued"
    assert scenario.press(run=first["id"]).reason.startswith("completed pytest (unit)")


@rule("Re-runs: the event comes before its workflow run has ended")
def test_early_event_ends_nothing(requested_rerun: RerunScenario, github: GithubServer) -> None:
    run_id = requested_rerun.dispatches[0].run_id
    payload = github.workflow_completed(run_id, "failure")
    github.world.workflow_runs[run_id] |= {"status": "in_progress", "conclusion": None}
    early = DeliveryResult(status=DeliveryStatus.IGNORED, reason=f"workflow run {run_id} has not completed")
    assert requested_rerun.event("workflow_run", payload) == early
    requested_rerun.claim()
    assert requested_rerun.event("workflow_run", payload) == early
    assert requested_rerun.latest["status"] == "in_progress"
    assert requested_rerun.complete_workflow(run_id, "failure").reason == "completed pytest (unit)"


def test_end_of_one_workflow_run_completes_those_of_others(
    requested_rerun: RerunScenario, github: GithubServer
) -> None:
    end_without_event(requested_rerun)
    other = github.world.start_workflow_run("other.yml", sha=requested_rerun.job.sha)
    assert requested_rerun.complete_workflow(other["id"]).reason == "completed pytest (unit)"


@rule("Re-runs: a check was ended although its job still comes")
def test_job_creates_its_own_run_if_its_check_was_ended(requested_rerun: RerunScenario, github: GithubServer) -> None:
    end_without_event(requested_rerun, "failure")
    requested_rerun.press(run=github.runs[0]["id"])
    requested_rerun.claim()
    assert [run["status"] for run in github.runs] == ["completed", "completed", "in_progress"]


@rule("Re-runs: a check waits for a workflow run that is over, and another one was started for the same click")
@pytest.mark.parametrize("conclusion", ["startup_failure", "cancelled", None])
def test_job_claims_run_that_waits_for_an_ended_workflow_run(
    create_scenario: CreateScenario, github: GithubServer, conclusion: str | None
) -> None:
    scenario = create_scenario()
    run = scenario.create_run()
    github.fault(Fault(path="/dispatches$", how="drop", done=True, nth=[1]))
    scenario.press(run=run["id"])
    assert len(scenario.dispatches) == 2
    if conclusion:
        github.world.complete_workflow_run(scenario.dispatches[1].run_id, conclusion)
    else:
        del github.world.workflow_runs[scenario.dispatches[1].run_id]
    scenario.claim(0)
    assert (len(github.runs), scenario.latest["status"]) == (2, "in_progress")


@rule("Re-runs: a check is left incomplete, and a newer one of its name exists")
def test_orphan_does_not_count_in_place_of_a_newer_run(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    github.world.start_workflow_run(run_id=4711, sha=scenario.job.sha)
    lost = scenario.create_run(conclusion="", status="in_progress")
    github.clock_ahead_seconds += 60
    newer = scenario.create_run(conclusion="success", parts=replace(FAILED, run_id="4712"))
    github.clock_ahead_seconds += 60
    assert scenario.complete_workflow(4711, "failure").reason == "completed pytest (unit)"
    assert lost["completed_at"] < newer["completed_at"]
    assert lost["started_at"] <= lost["completed_at"]
    by_id, by_time = runs_that_count(github)
    assert by_id == by_time == [newer["id"]]


@rule("Re-runs: a check was queued and never started, and a newer one of its name exists")
def test_superseded_check_is_completed_and_not_started(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    first = scenario.create_run()
    github.fault(Fault(path="/dispatches$", how="drop"))
    scenario.press(run=first["id"])
    github.mend()
    waiting = scenario.latest
    newer = scenario.create_run(conclusion="success", parts=replace(FAILED, run_id="4712"))
    scenario.receive = receiver(github, scenario.clock)
    reason = scenario.press(run=first["id"]).reason
    assert reason == f"completed pytest (unit); it was already answered by check run {waiting['id']}"
    assert (waiting["conclusion"], waiting["output"]["title"]) == ("cancelled", "Superseded by a newer check run")
    by_id, by_time = runs_that_count(github)
    assert by_id == by_time == [newer["id"]]
    assert scenario.dispatches == []
