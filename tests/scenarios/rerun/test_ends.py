"""Orphans are completed with their workflow run. Expected runs, queued at push, are claimed by their jobs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.model.delivery import DeliveryStatus
from checks.core.model.identity import Identity, RunKind
from tests.support.github.server import Fault, GithubServer
from tests.support.rerun.reruns import FAILED, CreateScenario, RerunScenario, receiver
from tests.support.rules import rule


@rule("The end of a workflow run, and a push: a queued check that no job has claimed")
@pytest.mark.parametrize(
    ("ends", "conclusion"), [("success", "action_required"), ("failure", "action_required"), ("cancelled", "cancelled")]
)
def test_unclaimed_run_is_completed_with_its_workflow_run(
    requested_rerun: RerunScenario, ends: str, conclusion: str
) -> None:
    delivery_result = requested_rerun.complete_workflow(requested_rerun.dispatches[0].run_id, ends)
    assert (delivery_result.status, delivery_result.reason) == (DeliveryStatus.DONE, "completed pytest (unit)")
    result = requested_rerun.latest
    assert (result["status"], result["conclusion"]) == ("completed", conclusion)
    assert result["output"]["title"] == "No job ran these tests"
    assert f"completed ({ends}), but none of its jobs ran this category" in result["output"]["summary"]
    assert result["output"]["summary"].startswith("Re-run of 1 failed test requested by ")
    assert [action["identifier"] for action in result["actions"]] == ["rerun-failed", "rerun-all"]
    assert requested_rerun.complete_workflow(requested_rerun.dispatches[0].run_id, ends).status is DeliveryStatus.DONE
    assert requested_rerun.press().status is DeliveryStatus.DONE
    assert requested_rerun.latest["output"]["title"].startswith("Re-run of 1 failed test")


def test_commit_that_does_not_exist_keeps_no_other_from_its_completion(
    requested_rerun: RerunScenario, github: GithubServer
) -> None:
    gone = "d" * 40
    body = {"message": f"No commit found for SHA: {gone}"}
    github.fault(Fault(path=f"/commits/{gone}/check-runs", how="answer", status=422, body=body))
    payload = github.workflow_completed(requested_rerun.dispatches[0].run_id, "failure")
    payload["workflow_run"]["display_title"] = f"re-run of {gone}"
    assert requested_rerun.event("workflow_run", payload).reason == "completed pytest (unit)"


@rule("The end of a workflow run, and a push: a check in progress whose machine is gone")
@pytest.mark.parametrize("ends", ["failure", "cancelled"])
def test_run_of_lost_machine_is_completed_with_workflow_run(requested_rerun: RerunScenario, ends: str) -> None:
    requested_rerun.claim()
    assert requested_rerun.latest["status"] == "in_progress"
    requested_rerun.complete_workflow(requested_rerun.dispatches[0].run_id, ends)
    assert (requested_rerun.latest["conclusion"], requested_rerun.latest["output"]["title"]) == (
        ends,
        "job lost · Starting",
    )
    assert [action["identifier"] for action in requested_rerun.latest["actions"]] == ["rerun-all"]
    assert "was lost before it reported" in requested_rerun.latest["output"]["summary"]
    assert requested_rerun.press("rerun-all").status is DeliveryStatus.DONE
    assert len(requested_rerun.dispatches) == 2


def test_run_of_unknown_workflow_run_ends_with_a_possible_one(
    create_scenario: CreateScenario, github: GithubServer
) -> None:
    github.world.knows_run_details, github.clock_ahead_seconds = False, 5.0
    scenario = create_scenario()
    for category in ("unit", "lint"):
        scenario.create_run(category)
        scenario.press()
    earlier = github.world.start_workflow_run(sha=scenario.job.sha)
    assert "no check run" in scenario.complete_workflow(earlier["id"]).reason  # not dispatched by a re-run
    assert scenario.complete_workflow(scenario.dispatches[0].run_id).reason == "completed pytest (unit), pytest (lint)"
    assert scenario.latest["output"]["title"] == "No job ran these tests"

    scenario.claim(1)  # it was not: the job of its own workflow run starts here
    assert (scenario.latest["name"], scenario.latest["status"]) == ("pytest (lint)", "in_progress")


@rule("The end of a workflow run, and a push: a check that is completed")
def test_completed_run_is_not_changed(requested_rerun: RerunScenario, github: GithubServer) -> None:
    before = dict(github.runs[0])
    github.world.start_workflow_run(run_id=4711, sha=requested_rerun.job.sha)
    delivery_result = requested_rerun.complete_workflow(4711, "failure")
    assert delivery_result.reason == "workflow run 4711 left no check run incomplete"
    assert (github.runs[0], github.runs[1]["status"]) == (before, "queued")


@pytest.fixture
def pushed(create_scenario: CreateScenario, github: GithubServer) -> RerunScenario:
    """A commit pushed onto one that has two categories. One job was faster than the event."""
    scenario = create_scenario(category="unit")
    scenario.create_run("unit")
    scenario.create_run("docs", "success")
    scenario.create_run("elsewhere", parts=replace(FAILED, kind=RunKind.PUBLISHED, workflow=""))
    base = scenario.job.sha
    head = scenario.job.commit("Next")
    scenario.receive = receiver(github, scenario.clock, queues_at_push=True)
    github.world.start_workflow_run(run_id=4712, sha=head)
    scenario.create_run("quick", "", replace(FAILED, run_id="4712"), status="in_progress")
    delivery_result = scenario.event("check_suite", github.pushed(head, "main", base))
    assert delivery_result.reason == "queued pytest (unit), pytest (docs)"
    return scenario


@rule("The end of a workflow run, and a push: a push, with queue-at-push")
def test_push_queues_categories_of_its_base(pushed: RerunScenario, github: GithubServer) -> None:
    on_head = [(run["name"], run["status"]) for run in github.runs if run["head_sha"] == pushed.job.sha]
    assert on_head == [
        ("pytest (quick)", "in_progress"),
        ("pytest (unit)", "queued"),
        ("pytest (docs)", "queued"),
    ]
    again = pushed.event("check_suite", github.pushed(pushed.job.sha, "main", github.runs[0]["head_sha"]))
    assert again.status is DeliveryStatus.DONE
    assert len(github.runs) == 6


@rule("The end of a workflow run, and a push: a job of that category")
@pytest.mark.slow
def test_job_claims_expected_run_and_unclaimed_ones_end(pushed: RerunScenario, github: GithubServer) -> None:
    queued = next(run for run in github.runs if run["name"] == "pytest (unit)" and run["status"] == "queued")
    result = pushed.first(env={"SECOND": "yes"})
    assert result.outputs["check-run-id"] == str(queued["id"])
    assert (queued["status"], queued["conclusion"]) == ("completed", "success")
    assert [action["identifier"] for action in queued["actions"]] == ["rerun-all"]
    assert len(github.runs) == 6
    assert pushed.complete_workflow(4711).reason == "completed pytest (docs)"
    assert (pushed.latest["conclusion"], pushed.latest["output"]["title"]) == ("cancelled", "No job ran these tests")
    assert pushed.latest["actions"] == []
    assert pushed.press(identifier="rerun-all", run=queued["id"]).status is DeliveryStatus.DONE


def test_push_queues_nothing_unless_enabled(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    scenario.create_run()
    base, head = scenario.job.sha, scenario.job.commit("Next")
    delivery_result = scenario.event("check_suite", github.pushed(head, "main", base))
    assert (delivery_result.status, len(github.runs)) == (DeliveryStatus.IGNORED, 1)


def test_expected_run_belongs_to_its_workflow_only(pushed: RerunScenario, github: GithubServer) -> None:
    other = github.world.start_workflow_run("other.yml", sha=pushed.job.sha)
    assert "no check run" in pushed.complete_workflow(other["id"]).reason
    assert [run["status"] for run in github.runs[-2:]] == ["queued", "queued"]


def test_run_with_foreign_external_id_is_not_changed(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    run = scenario.create_run(conclusion="", parts=Identity(), status="in_progress", identity=None)
    github.world.start_workflow_run(run_id=4711, sha=scenario.job.sha)
    scenario.complete_workflow(4711)
    assert run["status"] == "in_progress"
