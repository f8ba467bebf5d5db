"""Nobody waits for GitHub: the tests start at once, and the verdict comes before the rest of the annotations."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from checks.adapters.github.deadline import Deadline
from checks.core.github import external_id
from checks.core.model.errors import ExitStatus
from checks.core.model.identity import Identity, RunKind
from checks.core.model.rerun import CategoryRerun, RerunScope
from checks.programs.rerun.previous_run import look_up
from tests.support.fakes import FakeClock, MemorySpool
from tests.support.github.job_client import JobClient, check_run
from tests.support.github.server import Fault, GithubServer
from tests.support.rerun.edges import previous_runs_of
from tests.support.rules import rule
from tests.support.runner.jobs import Job
from tests.support.runner.rehearsal import RecordedWorkspace, Rehearsal, Replay, recorded
from tests.support.waits import HANG_SECONDS

RUN = r"/check-runs/\d+$"
#: Ends the live updates, and so leaves all annotations to the end.
NO_LIVE_UPDATES = Fault(method="PATCH", path=RUN, nth=(1,), how="answer", status=403)
TESTS = """
import pytest
@pytest.mark.parametrize('n', range(120))
def test_fails(n): assert n < 0
def test_ok(): pass
"""


@pytest.fixture
def rehearsal(github: GithubServer, tmp_path: Path) -> Rehearsal:
    return Rehearsal(github, tmp_path)


def workspace(
    rehearsal: Rehearsal, before: Callable[[int], object] = lambda _: 0, tests: str = TESTS
) -> RecordedWorkspace:
    recording = recorded(tests)
    return RecordedWorkspace(
        recorded_repository=recording.repository, tests=Replay(recording, rehearsal.clock, chunks=1, before=before)
    )


def titles(github: GithubServer) -> Counter[str]:
    return Counter(annotation["title"] for annotation in github.annotations())


def identity(github: GithubServer) -> Identity:
    found = external_id.parse(github.run["external_id"])
    assert found is not None
    return found


@rule("GitHub's side: GitHub does not add annotations to a completed check run")
@pytest.mark.parametrize("failures", [pytest.param(80, marks=pytest.mark.slow), 120])
def test_verdict_stays_if_github_adds_no_annotations_to_it(
    github: GithubServer, rehearsal: Rehearsal, failures: int
) -> None:
    github.world.adds_to_completed = False
    github.fault(NO_LIVE_UPDATES)
    assert rehearsal.run(workspace(rehearsal, tests=TESTS.replace("120", str(failures)))) is ExitStatus.FAILED
    assert titles(github).total() == 50
    assert (github.run["conclusion"], rehearsal.outputs["conclusion"]) == ("failure", "failure")
    assert github.run["output"]["title"].startswith(f"{failures} failed, 1 passed")
    assert github.run["output"]["summary"].endswith(f"50 of {failures} failures annotated.")
    assert identity(github).kind is RunKind.TESTS
    (warning,) = [line for line in rehearsal.log.splitlines() if line.startswith("::warning")]
    assert "does not add annotations to the completed check run, which has 50 of them" in warning
    assert f"{failures} failed" in rehearsal.summary


def test_abandoned_upload_says_what_is_missing(github: GithubServer, rehearsal: Rehearsal) -> None:
    def hang() -> None:
        rehearsal.cancel.set()
        rehearsal.clock.seconds += 20
        assert rehearsal.has_abandoned.wait(HANG_SECONDS)

    github.fault(NO_LIVE_UPDATES)
    github.fault(Fault(method="PATCH", path=RUN, nth=(3,), how="none", before=hang))
    rehearsal.run(workspace(rehearsal))
    annotated = sum(annotation["annotation_level"] == "failure" for annotation in github.annotations())
    assert annotated < 120
    assert f"{annotated} of 120 failures annotated." in github.run["output"]["summary"]
    assert identity(github).kind is RunKind.TESTS
    assert "::warning::The job was cancelled before all annotations were sent to GitHub." in rehearsal.log


@rule("GitHub's side: a wait that is longer than the budget")
def test_creation_is_tried_again_after_a_long_rate_limit(github: GithubServer, rehearsal: Rehearsal) -> None:
    def end_limit(chunk: int) -> None:
        if chunk == 10:
            github.mend()

    github.fault(Fault(method="POST", path="/check-runs$", how="answer", status=403, headers={"retry-after": "400"}))
    recording = recorded(TESTS)
    tests = Replay(recording, rehearsal.clock, chunks=40, before=end_limit)
    rehearsal.run(RecordedWorkspace(recorded_repository=recording.repository, tests=tests))
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "failure")
    assert titles(github).total() == 121
    attempts = [request for request in github.writes if request.method == "POST"]
    assert len(attempts) <= 4, "they came earlier than GitHub asked"


@rule("GitHub's side: the machine is lost, or the step is killed, between the verdict and the last annotation")
def test_run_without_all_annotations_says_so_and_reruns_everything(github: GithubServer, rehearsal: Rehearsal) -> None:
    github.fault(NO_LIVE_UPDATES)
    github.fault(Fault(method="PATCH", path=RUN, nth=range(3, 10_000), how="answer", status=503))
    rehearsal.run(workspace(rehearsal))
    assert titles(github).total() == 50
    assert github.run["output"]["summary"].endswith("50 of 120 failures annotated.")
    assert identity(github).kind is RunKind.TESTS
    rehearsal.finish("failure")
    assert (github.run["conclusion"], titles(github).total()) == ("failure", 50)
    earlier = str(github.run["id"])
    category_rerun = CategoryRerun(category="", name="pytest", queued="", earlier=earlier, scope=RerunScope.FAILED)
    previous = look_up(category_rerun, previous_runs_of(github), MemorySpool())
    assert previous.only is None
    assert "Re-ran all tests: the previous run was not complete" in previous.remarks[0].text


@rule("GitHub's side: the check run can only be created after the tests")
def test_check_run_created_after_the_tests_has_all_results(github: GithubServer, rehearsal: Rehearsal) -> None:
    github.fault(Fault(path="/commits/", how="answer", status=503))
    rehearsal.run(workspace(rehearsal, lambda chunk: github.mend() if chunk else None))
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "failure")
    assert (titles(github).total(), set(titles(github).values())) == (121, {1})
    assert identity(github).kind is RunKind.COMPLETE
    assert rehearsal.outputs["check-run-id"] == str(github.run["id"])


@rule("GitHub's side: GitHub has not answered once when the tests end")
def test_verdict_is_created_by_the_post_step_if_github_answered_nothing(
    github: GithubServer, rehearsal: Rehearsal
) -> None:
    github.fault(Fault(how="drop"))
    assert rehearsal.run(workspace(rehearsal)) is ExitStatus.FAILED
    assert rehearsal.outputs["failed"] == "120"
    assert github.runs == []
    github.mend()
    rehearsal.finish("failure")
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "failure")
    assert github.run["output"]["title"].startswith("120 failed, 1 passed")


def test_deadline_is_near_until_github_answers() -> None:
    clock = FakeClock()
    deadline = Deadline(clock, 290.0, unanswered_seconds=5.0)
    deadline.start()
    assert deadline.time() == clock.monotonic() + 5
    deadline.note_answer()
    assert deadline.time() == clock.monotonic() + 290


@rule("Conclusions: another job of the workflow run has a check of this name")
def test_name_of_another_job_is_an_error_after_the_tests(github: GithubServer, tmp_path: Path) -> None:
    rehearsal = Rehearsal(github, tmp_path)
    client = JobClient(github)
    client.checks.create(check_run(name="pytest", run_id="1", job="other"))
    assert rehearsal.run(workspace(rehearsal)) is ExitStatus.USAGE
    assert (rehearsal.outputs["conclusion"], rehearsal.outputs["failed"]) == ("action_required", "120")
    assert "Two jobs of this workflow run create a check named “pytest”" in rehearsal.summary
    assert "120 failed" in rehearsal.summary
    assert "::error title=pytest::Two jobs of this workflow run" in rehearsal.log
    assert [run["status"] for run in github.runs] == ["in_progress"]
    assert rehearsal.state is None


def test_tests_start_before_the_check_run_exists(github: GithubServer, tmp_path: Path) -> None:
    """GitHub answers the first request when the tests have run."""
    has_run = threading.Event()
    github.fault(Fault(before=lambda: has_run.wait(HANG_SECONDS), how="none", nth=(1,)))
    fifo = tmp_path / "has_run"
    os.mkfifo(fifo)
    job = Job(github=github, folder=tmp_path, files={"test_a.py": f"def test_a(): open({str(fifo)!r}, 'w').close()\n"})
    process = job.start()
    fifo.read_bytes()  # waits for the test
    has_run.set()
    result = job.wait(process)
    assert (result.exit_status, github.run["conclusion"]) == (0, "success")


def test_check_run_is_created_with_the_verdict_if_the_tests_have_ended(github: GithubServer, tmp_path: Path) -> None:
    has_ended = threading.Event()
    github.fault(Fault(before=lambda: has_ended.wait(HANG_SECONDS), how="none", nth=(1,)))
    job = Job(github=github, folder=tmp_path, files={"test_a.py": TESTS})
    process = job.start()
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("::endgroup::"):
            has_ended.set()
    assert job.wait(process).exit_status == 1
    assert [(request.method, request.path.rpartition("/")[2]) for request in github.requests] == [
        ("GET", "installation"),
        ("POST", "access_tokens"),
        ("GET", "check-runs"),
        ("POST", "check-runs"),
        ("PATCH", str(github.run["id"])),
        ("PATCH", str(github.run["id"])),
    ]
    creation, *updates = github.writes
    assert (creation.body["status"], creation.body["conclusion"]) == ("completed", "failure")
    assert creation.body["output"]["title"].startswith("120 failed, 1 passed")
    summaries = [request.body["output"]["summary"] for request in github.writes]
    assert [summary.endswith(" of 120 failures annotated.") for summary in summaries] == [True, True, False]
    assert [sorted(request.body) for request in updates] == [["output"], ["external_id", "output"]]
    assert (titles(github).total(), set(titles(github).values())) == (121, {1})
    assert identity(github).kind is RunKind.COMPLETE


@pytest.mark.slow
def test_step_killed_after_the_verdict_leaves_it(github: GithubServer, tmp_path: Path) -> None:
    has_ended, is_sent, is_over = threading.Event(), threading.Event(), threading.Event()

    def hang_after_the_verdict() -> None:
        is_sent.set()
        is_over.wait(HANG_SECONDS)

    github.fault(Fault(before=lambda: has_ended.wait(HANG_SECONDS), how="none", nth=(1,)))
    github.fault(Fault(method="PATCH", path=RUN, before=hang_after_the_verdict, how="none", nth=(1,)))
    job = Job(github=github, folder=tmp_path, files={"test_a.py": TESTS})
    process = job.start()
    assert process.stdout is not None
    assert any(line.startswith("::endgroup::") for line in process.stdout)
    has_ended.set()
    assert is_sent.wait(HANG_SECONDS)
    process.kill()
    process.communicate()
    is_over.set()
    job.run("finish", job_status="failure")
    (completion,) = [request.body for request in github.writes if "conclusion" in request.body]
    assert completion["conclusion"] == "failure"
    assert completion["output"]["summary"].endswith("50 of 120 failures annotated.")
