"""A job with a manual check: what it creates, leaves in place, and says."""

from __future__ import annotations

import threading

import pytest

from checks.core.github.parse_run import parse_run
from checks.core.manual.instructions import MOST_BYTES
from checks.core.manual.record import record_of_run
from checks.core.model.identity import Identity, RunKind
from checks.core.model.manual import VerdictAction
from tests.support.github.server import Fault
from tests.support.manual.manual_jobs import INPUTS, NUMBER, ManualJobs, State
from tests.support.rules import rule

WAITING = "Waiting for a verdict"


@rule("Where manual checks exist: pull_request")
def test_pull_request_gets_a_check_that_waits(jobs: ManualJobs) -> None:
    jobs.push(action="opened")
    result = jobs.run(job_summary="always", preview="preview")
    run = jobs.github.run
    assert (result.exit_status, run["head_sha"], run["name"]) == (0, jobs.head, "pytest (device)")
    assert (run["conclusion"], run["output"]["title"]) == ("action_required", WAITING)
    assert [action["label"] for action in run["actions"]] == ["Pass", "Fail"]
    parsed = parse_run(run)
    assert parsed is not None
    assert parsed.output.text == "Press **start**."
    assert parsed.identity == Identity(
        workflow="tests.yml", run_id="5001", job="manual", category="device", kind=RunKind.MANUAL
    )
    outputs = {name: result.outputs[name] for name in ("conclusion", "check-run-id", "check-run-url", "total")}
    assert outputs == {
        "conclusion": "action_required",
        "check-run-id": str(run["id"]),
        "check-run-url": run["html_url"],
        "total": "0",
    }
    assert result.summary == (
        f"## pytest (device)\n\n**{WAITING}**\n\n[The check run]({run['html_url']}) has the instructions and the "
        "buttons.\n"
    )
    assert "Press **start**." in (jobs.job.workspace / "preview" / "check-run.md").read_text()
    assert jobs.job.run("finish", **INPUTS).log == ""


def test_job_sends_four_requests_and_writes_once(jobs: ManualJobs) -> None:
    jobs.push(action="opened")
    jobs.run()
    assert jobs.requests() == [
        "GET /installation",
        "token",
        f"GET /commits/{jobs.head}/check-runs",
        "POST /check-runs",
    ]


@pytest.mark.parametrize("ahead", [-300.0, 300.0])
def test_time_of_a_check_is_that_of_github(jobs: ManualJobs, ahead: float) -> None:
    jobs.github.clock_ahead_seconds = ahead
    jobs.push(action="opened")
    jobs.run()
    created = parse_run(jobs.github.run)
    assert created is not None
    assert abs(created.started_at - jobs.github.now()) < abs(ahead) / 2.0


@rule("The workflow: the job runs again on the same commit")
@pytest.mark.parametrize("action", [VerdictAction.PASS, VerdictAction.FAIL, VerdictAction.UNDO])
def test_state_stays_when_the_job_runs_again(jobs: ManualJobs, action: VerdictAction) -> None:
    jobs.push(action="opened")
    jobs.wait_for_verdict(has_commit_status=True)
    jobs.decide()
    if action is not VerdictAction.PASS:
        jobs.decide(action)
    before = jobs.github.runs
    jobs.push(action="reopened")
    jobs.github.installation.permissions["statuses"] = "write"
    jobs.github.requests.clear()
    result = jobs.run(commit_status="true")
    assert "stays as it is" in result.log
    assert (jobs.github.runs, jobs.github.writes) == (before, [])
    assert (result.exit_status, result.outputs["check-run-id"]) == (0, str(before[-1]["id"]))
    assert result.outputs["conclusion"] == before[-1]["conclusion"]


@rule("The workflow: the same, with other instructions")
def test_changed_instructions_ask_again_but_leave_a_verdict(jobs: ManualJobs) -> None:
    jobs.push(action="opened")
    jobs.wait_for_verdict()
    jobs.github.runs[0]["started_at"] = "2099-01-01T00:00:00Z"  # by a clock that is ahead
    jobs.push(action="reopened")
    jobs.run(instructions="Press **stop**.")
    assert jobs.github.runs[-1]["started_at"] == "2099-01-01T00:00:01Z"
    note = "The instructions have changed since the check was created for this commit."
    assert (len(jobs.github.runs), jobs.state) == (2, State(conclusion="action_required", title=WAITING, note=note))
    jobs.decide()
    jobs.push(action="reopened")
    jobs.run(instructions="Look.")
    assert (len(jobs.github.runs), jobs.state.title) == (3, "Passed by octocat")


@rule("The workflow: a verdict is hidden by such a mistake")
def test_verdict_is_repeated_after_a_mistake_hid_it(jobs: ManualJobs) -> None:
    jobs.push(action="opened")
    jobs.wait_for_verdict()
    jobs.decide()
    passed = jobs.github.runs[-1]["id"]
    jobs.push(action="reopened")
    assert jobs.run(passing="some").exit_status == 2
    mistake = jobs.github.runs[-1]
    assert (mistake["conclusion"], mistake["output"]["title"]) == ("action_required", "1 invalid input")
    jobs.push(action="reopened")
    assert jobs.run().exit_status == 0
    note = f"This repeats the state of check run {passed}, which another one has hidden, or which GitHub has reset."
    assert jobs.state == State(conclusion="success", title="Passed by octocat", note=note)


def test_verdict_that_comes_while_the_job_asks_again_counts(jobs: ManualJobs) -> None:
    jobs.push(action="opened")
    jobs.wait_for_verdict()
    decides = threading.Lock()

    def decide() -> None:
        if decides.acquire(blocking=False):  # creates a check run itself
            jobs.decide()

    jobs.github.fault(Fault(method="POST", path="/check-runs$", how="none", before=decide))
    jobs.push(action="reopened")
    result = jobs.run(instructions="Press **stop**.")
    titles = [run["output"]["title"] for run in jobs.github.runs]
    assert titles == [WAITING, "Passed by octocat", WAITING, "Passed by octocat"]
    assert result.outputs["conclusion"] == "success"
    assert result.outputs["check-run-id"] == str(jobs.github.runs[-1]["id"])


@rule("The workflow: an input is invalid")
def test_all_mistakes_are_in_one_check(jobs: ManualJobs) -> None:
    jobs.push(action="opened")
    result = jobs.run(instructions="docs/missing.md", carry="!a", passing="some")
    assert result.exit_status == 2
    assert jobs.github.run["output"]["title"] == "3 invalid inputs"
    for words in ("the workspace has no file docs/missing.md", "! is not supported", "each, file or none"):
        assert words in jobs.github.run["output"]["summary"].replace("\\", "")


def test_mistake_of_a_manual_check_says_nothing_of_rerun_buttons(jobs: ManualJobs) -> None:
    jobs.push(action="opened")
    assert "buttons" not in jobs.run(instructions="docs/missing.md").log


def test_instructions_are_a_file_and_redacted(jobs: ManualJobs) -> None:
    jobs.commit({"docs/device.md": "The password is hunter2-hunter2.\n"})
    jobs.push(action="opened")
    jobs.job.env["DEVICE_PASSWORD"] = "hunter2-hunter2"
    assert jobs.run(instructions="docs/device.md").exit_status == 0
    assert "The password is ***." in jobs.github.run["output"]["text"]


def test_largest_instructions_fit_and_larger_ones_are_an_error(jobs: ManualJobs) -> None:
    jobs.commit({"a.md": "x" * MOST_BYTES, "b.md": "x" * (MOST_BYTES + 1)})
    jobs.push(action="opened")
    assert jobs.run(instructions="a.md").exit_status == 0
    assert "x" * MOST_BYTES in jobs.github.run["output"]["text"]
    assert "they have 57,345 bytes" in jobs.run(instructions="b.md").log


@rule("The workflow: another job of the workflow run has a check of this name")
def test_name_of_another_job_is_a_conflict(jobs: ManualJobs) -> None:
    jobs.push(action="opened")
    jobs.run()
    jobs.job.env["GITHUB_JOB"] = "other"
    result = jobs.run(job_summary="always")
    assert (result.exit_status, len(jobs.github.runs)) == (2, 1)
    assert "Two jobs of this workflow run create a check named “pytest (device)”" in result.log
    assert "Two jobs of this workflow run" in result.summary


@rule("The workflow: the response to the creation is lost")
def test_lost_answer_creates_no_second_check(jobs: ManualJobs) -> None:
    jobs.push(action="opened")
    jobs.github.fault(Fault(method="POST", path="/check-runs$", nth=(1,), done=True))
    assert jobs.run().exit_status == 0
    assert len(jobs.github.runs) == 1


def test_commit_status_and_comment_follow(jobs: ManualJobs) -> None:
    jobs.github.installation.permissions |= {"statuses": "write", "pull_requests": "write"}
    jobs.push(action="opened")
    assert jobs.run(commit_status="true", comment="always").exit_status == 0
    (status,) = jobs.github.world.statuses
    assert (status["state"], status["context"]) == ("pending", "status: pytest (device)")
    (comment,) = jobs.github.world.comments.values()
    assert comment["body"].startswith("### 1 of 1 check waits for a verdict, none failed")
    assert f"<td>{WAITING}</td>" in comment["body"]
    identity = parse_run(jobs.github.run).identity  # type: ignore[union-attr]  # a run of ours
    assert identity is not None
    assert (identity.has_commit_status, identity.pull_request) == (True, NUMBER)


@rule("Where manual checks exist: pull_request of a fork")
def test_job_of_a_fork_creates_nothing_and_says_who_does(jobs: ManualJobs) -> None:
    jobs.push(action="opened", fork=True)
    result = jobs.run(private_key="", job_summary="always")
    assert (result.exit_status, jobs.github.runs, result.outputs["conclusion"]) == (0, [], "skipped")
    assert "The receiver of your App's webhooks creates the check" in result.log
    assert "subscribe the App to the event Pull request" in result.summary


@rule("Where manual checks exist: an event of Dependabot")
def test_job_of_dependabot_needs_a_secret_of_its_own(jobs: ManualJobs) -> None:
    jobs.push(action="opened")
    jobs.job.env["GITHUB_ACTOR"] = "dependabot[bot]"
    result = jobs.run(private_key="")
    assert (result.exit_status, jobs.github.runs) == (0, [])
    assert "Secrets and variables, Dependabot" in result.log
    jobs.run()
    assert jobs.state.title == WAITING


@rule("Where manual checks exist: pull_request_target")
def test_pull_request_target_of_a_fork_is_marked_as_one(jobs: ManualJobs) -> None:
    jobs.push(action="opened", fork=True, event="pull_request_target")
    assert jobs.run().exit_status == 0
    run = parse_run(jobs.github.run)
    assert run is not None
    record = record_of_run(run)
    assert record is not None
    assert record.is_fork
    jobs.decide()
    jobs.commit({"README.md": "Changed.\n"})
    jobs.push(fork=True, event="pull_request_target")
    jobs.run(carry="src/**")
    assert jobs.state.title == WAITING


@rule("Where manual checks exist: any other event, with manual: true")
def test_push_creates_nothing_and_says_what_to_set(jobs: ManualJobs) -> None:
    jobs.push_to_main()
    result = jobs.run(job_summary="always")
    assert (result.exit_status, jobs.github.requests, result.outputs["conclusion"]) == (0, [], "skipped")
    assert "the event is push. Set `manual: always` to have them on every event." in result.log
    assert "`manual: always`" in result.summary


@rule("Where manual checks exist: any other event, with manual: always")
def test_push_with_always_creates_the_check(jobs: ManualJobs) -> None:
    jobs.push_to_main()
    assert jobs.run(manual="always").exit_status == 0
    assert (jobs.github.run["head_sha"], jobs.state.title) == (jobs.job.sha, WAITING)


def test_event_without_a_commit_is_an_error(jobs: ManualJobs) -> None:
    jobs.event("issue_comment", {"issue": {"number": NUMBER, "pull_request": {"url": "x"}}})
    result = jobs.run(manual="always")
    assert result.exit_status == 1
    assert "The event issue_comment names no commit" in result.log
    assert "Set the input `head-sha`" in result.summary


@rule("The workflow: GitHub does not answer, or refuses the check run")
def test_step_fails_if_github_does_not_answer(jobs: ManualJobs) -> None:
    jobs.push(action="opened")
    jobs.job.env["GITHUB_API_URL"] = "http://127.0.0.1:9"
    result = jobs.run()
    assert (result.exit_status, result.outputs["check-run-id"]) == (1, "")
    assert "::error title=pytest (device)::No connection to http://127.0.0.1:9 is possible" in result.log
    assert "**No check was created**\n\nNo connection to" in result.summary


def test_step_fails_if_github_refuses_the_check(jobs: ManualJobs) -> None:
    jobs.github.installation.permissions["checks"] = "read"
    jobs.push(action="opened")
    result = jobs.run()
    assert (result.exit_status, jobs.github.runs) == (1, [])
    assert "The App cannot write checks in octo/demo" in result.summary


@rule("The workflow: the job is cancelled")
def test_cancelled_job_ends_at_once(jobs: ManualJobs) -> None:
    jobs.push(action="opened")
    answer = threading.Event()
    jobs.github.fault(Fault(path="/check-runs", how="none", before=answer.wait))
    process = jobs.job.start(**INPUTS)
    jobs.github.wait_for(lambda: jobs.github.faulted > 0)
    process.terminate()
    result = jobs.job.wait(process)
    answer.set()
    assert (result.exit_status, result.outputs["conclusion"]) == (1, "cancelled")
    assert "The job was cancelled before GitHub confirmed" in result.log
