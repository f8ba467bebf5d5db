"""What completes a check run without its job ends its commit status, too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from checks.core.model.delivery import DeliveryStatus
from checks.core.model.identity import RunKind
from tests.support.github.server import Fault, GithubServer
from tests.support.rerun.reruns import FAILED, CreateScenario, RerunScenario
from tests.support.rules import rule
from tests.support.runner.jobs import Job

WANTING = replace(FAILED, has_commit_status=True)
RUNNING = {"conclusion": "", "status": "in_progress"}


@pytest.fixture
def scenario(create_scenario: CreateScenario, github: GithubServer) -> RerunScenario:
    github.installation.permissions["statuses"] = "write"
    made = create_scenario()
    github.world.start_workflow_run(run_id=4711, sha=made.job.sha)
    return made


def statuses(github: GithubServer) -> list[tuple[str, str, str]]:
    return [(status["context"], status["state"], status["target_url"]) for status in github.world.statuses]


@rule("Commit status: the machine is lost, or no job runs the tests of a queued check")
@pytest.mark.parametrize(("ends", "state"), [("failure", "failure"), ("cancelled", "error")])
def test_receiver_ends_the_status_of_an_orphan(
    scenario: RerunScenario, github: GithubServer, ends: str, state: str
) -> None:
    run = scenario.create_run(parts=replace(WANTING, kind=RunKind.TESTS), **RUNNING)
    assert scenario.complete_workflow(4711, ends).reason == "completed pytest (unit)"
    assert statuses(github) == [("status: pytest (unit)", state, run["html_url"])]
    assert github.world.statuses[0]["description"].startswith("job lost")


def test_orphan_of_a_job_without_the_input_gets_no_status(scenario: RerunScenario, github: GithubServer) -> None:
    scenario.create_run(parts=replace(FAILED, kind=RunKind.TESTS), **RUNNING)
    scenario.complete_workflow(4711, "failure")
    assert (scenario.latest["status"], statuses(github)) == ("completed", [])
    assert all("statuses" not in granted.body["permissions"] for granted in github.tokens_granted)


@rule("Commit status: a click on a re-run button")
def test_queued_rerun_that_no_job_claims_ends_with_an_error(scenario: RerunScenario, github: GithubServer) -> None:
    scenario.create_run(parts=WANTING)
    scenario.press()
    assert statuses(github) == []
    scenario.complete_workflow(scenario.dispatches[0].run_id, "failure")
    assert statuses(github) == [("status: pytest (unit)", "error", scenario.latest["html_url"])]


def test_workflow_that_cannot_start_is_an_error(scenario: RerunScenario, github: GithubServer) -> None:
    scenario.create_run(parts=WANTING)
    github.world.workflows.clear()
    assert scenario.press().status is DeliveryStatus.REFUSED
    assert statuses(github) == [("status: pytest (unit)", "error", scenario.latest["html_url"])]


def test_repeated_verdict_repeats_the_status(scenario: RerunScenario, github: GithubServer) -> None:
    first = scenario.create_run(parts=WANTING)
    assert scenario.rerequest(first["id"], "mallory").status is DeliveryStatus.REFUSED
    assert statuses(github) == [("status: pytest (unit)", "failure", scenario.latest["html_url"])]


@rule("Commit status: an orphan that has a newer check run of its name")
def test_orphan_leaves_the_status_to_a_newer_run(scenario: RerunScenario, github: GithubServer) -> None:
    orphan = scenario.create_run(parts=replace(WANTING, kind=RunKind.TESTS), **RUNNING)
    scenario.create_run(parts=replace(WANTING, run_id="4712"), conclusion="success")
    scenario.complete_workflow(4711, "failure")
    assert (github.world.runs[orphan["id"]]["status"], statuses(github)) == ("completed", [])


@pytest.mark.parametrize("is_granted", [False, True], ids=["no-permission", "403"])
def test_refused_status_costs_no_completion(scenario: RerunScenario, github: GithubServer, is_granted: bool) -> None:
    scenario.create_run(parts=replace(WANTING, kind=RunKind.TESTS), **RUNNING)
    if is_granted:
        body = {"message": "Resource not accessible by integration"}
        github.fault(Fault(path="/statuses/", how="answer", status=403, body=body))
    else:
        del github.installation.permissions["statuses"]
    result = scenario.complete_workflow(4711, "failure")
    assert (result.status, scenario.latest["status"], statuses(github)) == (DeliveryStatus.DONE, "completed", [])
    assert result.reason.startswith("completed pytest (unit); The App cannot write commit statuses in octo/demo (4")


def test_poll_ends_the_status_of_an_orphan(scenario: RerunScenario, github: GithubServer, tmp_path: Path) -> None:
    scenario.create_run(parts=replace(WANTING, kind=RunKind.TESTS), **RUNNING)
    github.deliver("workflow_run", github.workflow_completed(4711, "failure"), send=False)
    github.world.workflows["poll.yml"] = None
    workflow = {"GITHUB_WORKFLOW_REF": "octo/demo/.github/workflows/poll.yml@refs/heads/main"}
    job = Job(github=github, folder=tmp_path / "poll", env={**workflow, "GITHUB_EVENT_NAME": "schedule"})
    assert job.run("poll").exit_status == 0
    assert statuses(github) == [("status: pytest (unit)", "failure", scenario.latest["html_url"])]


@pytest.mark.slow
def test_job_of_a_rerun_ends_the_status_of_an_orphan(scenario: RerunScenario, github: GithubServer) -> None:
    orphan = scenario.create_run("lint", parts=replace(WANTING, run_id="17", kind=RunKind.TESTS), **RUNNING)
    github.world.start_workflow_run(run_id=17, sha=scenario.job.sha)
    github.world.complete_workflow_run(17, "failure")
    scenario.create_run(parts=WANTING, failures=["test_a.py::test_flaky"])
    scenario.press()
    scenario.rerun(env={"SECOND": "yes"}, category="unit", commit_status="true")
    assert ("status: pytest (lint)", "failure", orphan["html_url"]) in statuses(github)
    assert [state for context, state, _ in statuses(github) if "unit" in context][-1] == "success"
