"""The upload of the results is interrupted: by GitHub, by a cancellation, by a bug in the action."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from checks.core.model.check_run import Annotation, CheckRun, Published, Status
from checks.core.model.errors import ExitStatus
from checks.core.model.job import ProcessExit
from tests.support.fakes import FakePublisher
from tests.support.github.server import Fault, GithubServer, RecordedRequest
from tests.support.github.world import App
from tests.support.rules import rule
from tests.support.runner.rehearsal import DEADLINE_SECONDS, RecordedWorkspace, Rehearsal, Replay, recorded
from tests.support.waits import HANG_SECONDS

RUN = r"/check-runs/\d+$"
DOWN = Fault(path=RUN, how="answer", status=503)
TESTS = """
import pytest
def test_bad(): assert 0, 'first'
@pytest.mark.parametrize('n', range(120))
def test_fails(n): assert n < 0
"""


@pytest.fixture
def rehearsal(github: GithubServer, tmp_path: Path) -> Rehearsal:
    return Rehearsal(github, tmp_path)


def recorded_workspace(rehearsal: Rehearsal) -> RecordedWorkspace:
    recording = recorded(TESTS)
    return RecordedWorkspace(
        recorded_repository=recording.repository, tests=Replay(recording, rehearsal.clock, chunks=1)
    )


def titles(github: GithubServer) -> Counter[str]:
    return Counter(annotation["title"] for annotation in github.annotations())


@rule("GitHub's side: GitHub is down until the end")
def test_github_outage_to_the_end_loses_no_result(github: GithubServer, rehearsal: Rehearsal) -> None:
    github.fault(DOWN)
    assert rehearsal.run(recorded_workspace(rehearsal)) is ExitStatus.FAILED
    assert rehearsal.outputs["failed"] == "121"
    assert "121 failed" in rehearsal.summary
    assert "AssertionError: first" in rehearsal.summary
    assert "The check run could not be updated: GitHub is not available" in rehearsal.summary
    (warning,) = [line for line in rehearsal.log.splitlines() if line.startswith("::warning")]
    assert warning.startswith("::warning::GitHub is not available at http")
    assert warning.endswith("have all results. To send the report later, use `program: publish`.")
    errors = [line for line in rehearsal.log.splitlines() if line.startswith("::error")]
    assert len(errors) == 10
    assert errors[0].startswith("::error title=test_it.py%3A%3Atest_bad,file=test_it.py,line=3::AssertionError: first")
    assert github.run["status"] == "in_progress"


@rule("GitHub's side: GitHub is down, and back by the post step")
def test_post_step_sends_verdict_that_github_did_not_take(github: GithubServer, rehearsal: Rehearsal) -> None:
    github.fault(DOWN)
    rehearsal.run(recorded_workspace(rehearsal))
    github.mend()
    rehearsal.finish("failure")
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "failure")
    assert github.run["output"]["title"].startswith("121 failed")
    assert rehearsal.log.splitlines()[-1].startswith("Completed the check run that the main step left in progress")


def test_failures_already_annotated_are_not_logged_again(github: GithubServer, rehearsal: Rehearsal) -> None:
    github.fault(Fault(method="PATCH", path=RUN, nth=range(2, 10_000), how="answer", status=403))
    rehearsal.run(recorded_workspace(rehearsal))
    arrived = titles(github)
    assert len(arrived) == 50
    errors = [line for line in rehearsal.log.splitlines() if line.startswith("::error")]
    assert len(errors) == 10
    assert not any(title.replace(":", "%3A") + "," in line for title in arrived for line in errors)


@rule("GitHub's side: the key is rotated during the run")
def test_key_rotated_mid_run_falls_back_to_log_with_remedy(github: GithubServer, rehearsal: Rehearsal) -> None:
    def rotate(chunk: int) -> None:
        if chunk == 1:
            github.world.revoke_tokens()
            github.world.apps[:] = [App(key_name="new")]

    recording = recorded(TESTS)
    tests = Replay(recording, rehearsal.clock, chunks=2, before=rotate)
    assert rehearsal.run(RecordedWorkspace(recorded_repository=recording.repository, tests=tests)) is ExitStatus.FAILED
    (warning,) = [line for line in rehearsal.log.splitlines() if line.startswith("::warning")]
    assert "GitHub does not accept the App's credentials (401" in warning
    assert "set `private-key` to a key generated there" in warning
    assert "::error title=test_it.py" in rehearsal.log
    assert "121 failed" in rehearsal.summary
    rehearsal.finish("failure")  # with the old key
    assert rehearsal.log.count("GitHub does not accept the App's credentials") == 2


@rule("GitHub's side: the token is revoked during the run")
def test_token_revoked_mid_run_is_replaced_once(github: GithubServer, rehearsal: Rehearsal) -> None:
    def revoke(chunk: int) -> None:
        if chunk == 1:
            github.world.revoke_tokens()

    recording = recorded(TESTS)
    tests = Replay(recording, rehearsal.clock, chunks=3, before=revoke)
    rehearsal.run(RecordedWorkspace(recorded_repository=recording.repository, tests=tests))
    assert (github.run["conclusion"], len(github.tokens_granted)) == ("failure", 2)
    assert (len(titles(github)), set(titles(github).values())) == (121, {1})
    assert "::warning" not in rehearsal.log


@rule("GitHub's side: the check run was created, and every response was lost")
def test_post_step_completes_run_created_without_answer(github: GithubServer, rehearsal: Rehearsal) -> None:
    github.fault(Fault(method="POST", path="/check-runs$", how="answer", status=502, done=True))
    github.fault(Fault(path="/commits/", nth=range(2, 10_000), how="answer", status=502))
    rehearsal.run(recorded_workspace(rehearsal))
    assert github.run["status"] == "in_progress"
    assert "Cannot create the check run “pytest”." in rehearsal.log
    github.mend()
    rehearsal.finish("failure")
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "failure")
    assert github.run["output"]["title"].startswith("121 failed")


def test_refused_check_run_leaves_nothing_to_post_step(github: GithubServer, rehearsal: Rehearsal) -> None:
    github.installation.is_suspended = True
    rehearsal.run(recorded_workspace(rehearsal))
    assert rehearsal.state is None


@rule("GitHub's side: an outage during the run")
def test_outage_ending_before_the_tests_loses_nothing(github: GithubServer, rehearsal: Rehearsal) -> None:
    def end_outage(chunk: int) -> None:
        if chunk == 3:
            github.mend()

    github.fault(DOWN)
    recording = recorded(TESTS)
    tests = Replay(recording, rehearsal.clock, chunks=6, before=end_outage)
    rehearsal.run(RecordedWorkspace(recorded_repository=recording.repository, tests=tests))
    assert (github.run["conclusion"], len(titles(github)), set(titles(github).values())) == ("failure", 121, {1})
    live_updates = [request for request in github.writes if request.status == 200 and "conclusion" not in request.body]
    assert live_updates, "no live update came after the outage"
    assert rehearsal.state is None


class ReplayEndingDuringUpdate(Replay):
    """Ends while the first live update is being retried."""

    is_tried: threading.Event

    def wait(self, seconds: float) -> ProcessExit | None:
        if self._replayed_chunks == 0:
            return super().wait(seconds)
        assert self.is_tried.wait(HANG_SECONDS)
        return self._recording.process_exit


class CancellingDuringUpload:
    """Cancels a job at a PATCH, which is answered once the program has noticed.

    That is the first one, a live update which lasts until the tests have ended, or the one with the verdict.
    """

    def __init__(self, *, has_verdict: bool) -> None:
        self.rehearsal: Rehearsal | None = None
        self.has_verdict = has_verdict
        self.is_tried = threading.Event()
        self.is_done = False

    def on_request(self, request: RecordedRequest) -> None:
        if request.method != "PATCH" or self.rehearsal is None or self.is_done:
            return
        self.is_tried.set()
        if not self.has_verdict:
            self.rehearsal.wait_for_saved("failure")
        if self.has_verdict == ("conclusion" in request.body):
            self.is_done = True
            self.rehearsal.cancel.set()
            assert self.rehearsal.cancel.noticed.wait(HANG_SECONDS)
            self.rehearsal.wait_for_saved("failure" if self.has_verdict else "cancelled")


def run_cancelled_in_upload(github: GithubServer, folder: Path, cancelling: CancellingDuringUpload) -> Rehearsal:
    rehearsal = cancelling.rehearsal = Rehearsal(github, folder)
    recording = recorded(TESTS)
    tests = ReplayEndingDuringUpdate(recording, rehearsal.clock, chunks=1)
    tests.is_tried = cancelling.is_tried
    assert rehearsal.run(RecordedWorkspace(recorded_repository=recording.repository, tests=tests)) is ExitStatus.FAILED
    return rehearsal


@rule("GitHub's side: the job is cancelled before GitHub has the verdict")
def test_job_cancelled_before_the_verdict_completes_run_failures_first(tmp_path: Path) -> None:
    cancelling = CancellingDuringUpload(has_verdict=False)
    with GithubServer(on_request=cancelling.on_request) as github:
        rehearsal = run_cancelled_in_upload(github, tmp_path, cancelling)
        assert github.run["output"]["title"].startswith("cancelled during upload · 121 failed")
        assert "The job was cancelled while these results were being sent" in github.run["output"]["summary"]
        assert (github.run["conclusion"], rehearsal.outputs["conclusion"]) == ("cancelled", "cancelled")
        assert "cancelled during upload" in rehearsal.summary
        assert (tmp_path / rehearsal.outputs["failures"]).read_text().startswith("# `pytest`: `cancelled`\n")
        (completion,) = [request.body for request in github.writes if "conclusion" in request.body]
        assert completion["output"]["summary"].endswith(" of 121 failures annotated.")
        assert (titles(github).total(), set(titles(github).values())) == (121, {1})


@rule("GitHub's side: the job is cancelled while annotations follow the verdict")
def test_job_cancelled_after_the_verdict_keeps_it(tmp_path: Path) -> None:
    cancelling = CancellingDuringUpload(has_verdict=True)
    with GithubServer(on_request=cancelling.on_request) as github:
        rehearsal = run_cancelled_in_upload(github, tmp_path, cancelling)
        assert github.run["output"]["title"].startswith("121 failed")
        assert (github.run["conclusion"], rehearsal.outputs["conclusion"]) == ("failure", "failure")
        assert "cancelled" not in rehearsal.summary
        assert (titles(github).total(), set(titles(github).values())) == (121, {1})


@rule("GitHub's side: GitHub is down, with a live update in progress when the tests end")
def test_github_outage_costs_at_most_five_minutes_after_tests(tmp_path: Path) -> None:
    is_tried = threading.Event()

    def on_request(request: RecordedRequest) -> None:
        if request.method == "PATCH":
            is_tried.set()

    with GithubServer(on_request=on_request) as github:
        github.fault(DOWN)
        rehearsal = Rehearsal(github, tmp_path)
        recording = recorded(TESTS)
        tests = ReplayEndingDuringUpdate(recording, rehearsal.clock, chunks=1)
        tests.is_tried = is_tried
        assert (
            rehearsal.run(RecordedWorkspace(recorded_repository=recording.repository, tests=tests)) is ExitStatus.FAILED
        )
        started_at = rehearsal.deadline.time() - DEADLINE_SECONDS
        assert 150 < rehearsal.clock.seconds - started_at <= 300
        assert rehearsal.outputs["failed"] == "121"
        assert rehearsal.state is not None


class PublisherFailingOnAnnotations(FakePublisher):
    """A publisher that raises an unexpected error."""

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:
        if annotations:
            raise ZeroDivisionError("division by nothing")
        super().update(published, run, annotations)


class PublisherHangingOnCompletion(FakePublisher):
    """A publisher that does not answer the completion until it `is_back`."""

    def __init__(self) -> None:
        super().__init__()
        self.hangs = threading.Event()
        self.is_back = threading.Event()

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:
        if run.status is Status.COMPLETED:
            self.hangs.set()
            assert self.is_back.wait(HANG_SECONDS)
        super().update(published, run, annotations)


def test_hanging_upload_of_cancelled_job_is_left_to_post_step(
    rehearsal: Rehearsal,
) -> None:
    publisher = PublisherHangingOnCompletion()

    def cancel() -> None:
        assert publisher.hangs.wait(HANG_SECONDS)
        rehearsal.cancel.set()
        assert rehearsal.cancel.noticed.wait(HANG_SECONDS)
        rehearsal.clock.seconds += 9
        assert rehearsal.has_abandoned.wait(HANG_SECONDS)
        publisher.is_back.set()

    thread = threading.Thread(target=cancel)
    thread.start()
    assert rehearsal.run(recorded_workspace(rehearsal), None, publisher) is ExitStatus.FAILED
    thread.join()
    assert rehearsal.state is not None
    assert (rehearsal.state.id, rehearsal.state.conclusion) == ("17", "failure")
    assert rehearsal.state.title.startswith("121 failed")
    assert "::warning::The job was cancelled before everything was sent to GitHub." in rehearsal.log
    assert "121 failed" in rehearsal.summary


@rule("The action's side: a bug in sending annotations")
def test_bug_in_sending_annotations_is_reported_with_traceback(
    rehearsal: Rehearsal,
) -> None:
    publisher = PublisherFailingOnAnnotations()
    assert rehearsal.run(recorded_workspace(rehearsal), None, publisher) is ExitStatus.FAILED
    ((run, _),) = publisher.updates
    assert (run.status, run.conclusion) == (Status.COMPLETED, "failure")
    assert "Some annotations could not be sent (a bug in this action)." in run.output.summary
    assert "ZeroDivisionError: division by nothing" in rehearsal.log
    assert "::error::This is a bug in this action" in rehearsal.log
    assert "121 failed" in rehearsal.summary
