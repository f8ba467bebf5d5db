"""The program `poll`: events that no receiver accepted are found in the delivery log and handled once each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.github.comments import add_comment
from tests.support.github.deliveries import DeliveryResponse
from tests.support.github.server import Fault, GithubServer
from tests.support.rerun.finished_runs import create_failed_run
from tests.support.rules import rule
from tests.support.runner.jobs import Job

_WORKFLOW = {
    "GITHUB_WORKFLOW_REF": "octo/demo/.github/workflows/poll.yml@refs/heads/main",
    "GITHUB_EVENT_NAME": "schedule",
}


@pytest.fixture
def job(github: GithubServer, tmp_path: Path) -> Job:
    """A job of a scheduled workflow."""
    github.installation.permissions["actions"] = "write"
    github.world.workflows["poll.yml"] = None
    return Job(github=github, folder=tmp_path, env=dict(_WORKFLOW))


def press(github: GithubServer, run: int) -> None:
    """Click a button. The delivery fails to connect."""
    github.deliver("check_run", github.press(run, "rerun-failed"), send=False)


def test_poll_starts_rerun_for_undelivered_click(job: Job, github: GithubServer) -> None:
    run = create_failed_run(github)
    press(github, run)
    result = job.run("poll")
    assert result.exit_status == 0
    assert "check_run.requested_action" in result.log
    assert "done, started a re-run of pytest (unit)" in result.log
    assert "Unhandled deliveries: 1 (1 done)." in result.log
    (dispatch,) = github.world.dispatches
    assert github.runs[-1]["status"] == "queued"
    assert dispatch.ref == "main"


@rule("The receiver and the poll: a delivery that no receiver accepted")
def test_repeated_polls_handle_each_delivery_once(job: Job, github: GithubServer) -> None:
    press(github, create_failed_run(github))
    for _ in range(3):
        assert job.run("poll").exit_status == 0
    assert len(github.world.dispatches) == 1
    assert len(github.runs) == 2


def test_poll_looks_back_to_last_successful_poll(job: Job, github: GithubServer) -> None:
    press(github, create_failed_run(github, name="long ago"))
    github.clock_ahead_seconds += 3600
    number = github.world.start_workflow_run("poll.yml", event="schedule")["id"]
    github.world.complete_workflow_run(number)
    press(github, create_failed_run(github, name="now"))
    job.run("poll")
    assert [run["name"] for run in github.runs if run["status"] == "queued"] == ["now"]


@rule("Re-runs: GitHub cannot start the workflow after a click that a receiver has answered")
def test_poll_completes_check_whose_workflow_could_not_start(job: Job, github: GithubServer) -> None:
    run = create_failed_run(github)
    press(github, run)
    assert job.run("poll").exit_status == 0
    answered = replace(github.world.deliveries[-1], response=DeliveryResponse(status="OK", status_code=200))
    github.world.deliveries[-1] = answered
    assert job.run("poll").exit_status == 0
    assert github.runs[-1]["status"] == "queued"

    github.world.complete_workflow_run(github.world.dispatches[0].run_id, "startup_failure")
    assert job.run("poll").exit_status == 0
    assert (github.runs[-1]["status"], github.runs[-1]["conclusion"]) == ("completed", "action_required")
    assert len(github.world.dispatches) == 1


@rule("The receiver and the poll: a click that a poll must leave")
def test_deferred_delivery_fails_the_poll_step(job: Job, github: GithubServer) -> None:
    press(github, create_failed_run(github))
    headers = {"retry-after": "3600"}
    github.fault(Fault(method="POST", path="/check-runs$", how="answer", status=403, headers=headers))
    result = job.run("poll")
    assert result.exit_status == 1
    assert "Deliveries left for the next poll, which covers the same period: 1." in result.log
    github.mend()
    assert job.run("poll").exit_status == 0
    assert len(github.world.dispatches) == 1


@rule("GitHub's side: a delivery in the log that cannot be read")
def test_poll_names_an_unreadable_delivery(job: Job, github: GithubServer) -> None:
    run = create_failed_run(github)
    github.deliver("check_run", github.press(run, "rerun-failed") | {"sender": None}, send=False, guid="no-sender")
    press(github, run)
    result = job.run("poll")
    assert result.exit_status == 0
    assert "no-sender: unreadable, the payload names no check run or no sender" in result.log
    assert "(1 unreadable, 1 done)" in result.log or "(1 done, 1 unreadable)" in result.log


def test_log_of_the_poll_has_no_secrets(job: Job, github: GithubServer) -> None:
    run = create_failed_run(github)
    github.deliver("check_run", github.press(run, "rerun-failed"), send=False, guid="a8f3c0d92b7e4415")
    job.env["SOME_TOKEN"] = "a8f3c0d92b7e4415"
    result = job.run("poll")
    assert "check_run.requested_action ***: done" in result.log
    assert "a8f3c0d92b7e4415" not in result.log


def test_delivery_without_payload_is_left_for_the_next_poll(job: Job, github: GithubServer) -> None:
    press(github, create_failed_run(github))
    github.fault(Fault(path=r"/app/hook/deliveries/\d+$", nth=(1,), how="answer", body={"id": 1, "request": {}}))
    result = job.run("poll")
    assert result.exit_status == 1
    assert "later, GitHub's log has no payload of this delivery." in result.log
    assert job.run("poll").exit_status == 0
    assert len(github.world.dispatches) == 1


def test_poll_without_app_names_missing_inputs(job: Job) -> None:
    result = job.run("poll", app_id="", private_key="")
    assert result.exit_status == 2
    assert "Inputs `app-id` and `private-key`" in result.log


def test_respond_handles_event_of_its_workflow(job: Job, github: GithubServer) -> None:
    run = create_failed_run(github)
    job.event = github.press(run, "rerun-all")
    job.event.pop("installation")  # workflow events do not contain it
    job.env["GITHUB_EVENT_NAME"] = "check_run"
    result = job.run("respond")
    assert result.exit_status == 0
    assert len(github.world.dispatches) == 1


def test_respond_ignores_comments_on_issues(job: Job, github: GithubServer) -> None:
    event = github.commented(add_comment(github.world, 3, "/check rerun unit", login="octocat")["id"])
    del event["issue"]["pull_request"], event["installation"]
    job.event, job.env["GITHUB_EVENT_NAME"] = event, "issue_comment"
    result = job.run("respond")
    assert result.exit_status == 0
    assert "issue_comment: ignored, issue_comment.created: it is not in a pull request" in result.log
