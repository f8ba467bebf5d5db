"""How much a job shows besides its check run: the job summary, and the failures in the log."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.core.model.settings import JobSummary, Settings
from tests.support.github.server import Fault, GithubServer
from tests.support.rules import rule
from tests.support.runner.jobs import JobOf
from tests.support.runner.rehearsal import RecordedWorkspace, Rehearsal, Replay, recorded

PASSES = "def test_ok(): pass\n"
FAILS = "import pytest\n\n\n@pytest.mark.parametrize('n', range(8))\ndef test(n): assert n, '::error::evil'\n"
HEAD = "\n\ntest_it.py:5: test_it.py::test[0]\n    AssertionError: "


def run(github: GithubServer, folder: Path, test: str, job_summary: JobSummary = JobSummary.ALWAYS) -> Rehearsal:
    rehearsal, recording = Rehearsal(github, folder), recorded(test)
    workspace = RecordedWorkspace(recorded_repository=recording.repository, tests=Replay(recording, rehearsal.clock))
    rehearsal.run(workspace, Settings(job_summary=job_summary))
    return rehearsal


@rule("The job: the check run has all results")
@pytest.mark.parametrize(
    ("job_summary", "test", "is_written"),
    [
        (JobSummary.FAILURES, PASSES, False),
        (JobSummary.FAILURES, FAILS, True),
        (JobSummary.OFF, PASSES, False),
        (JobSummary.OFF, FAILS, False),
    ],
)
def test_job_summary_is_written_as_configured(
    github: GithubServer, tmp_path: Path, job_summary: JobSummary, test: str, is_written: bool
) -> None:
    rehearsal = run(github, tmp_path, test, job_summary)
    assert ("| passed |" in rehearsal.summary) is is_written
    assert github.run["status"] == "completed"


@rule("The job: the check run is missing or not completed")
@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize("test", [PASSES, FAILS], ids=["passed", "failed"])
def test_job_summary_is_written_if_github_lacks_results(
    github: GithubServer, tmp_path: Path, method: str, test: str
) -> None:
    github.fault(Fault(method=method, path="/check-runs", how="answer", status=403))
    assert "| passed |" in run(github, tmp_path, test, JobSummary.OFF).summary


@rule("The job: annotations are missing")
def test_job_summary_is_written_if_annotations_are_missing(github: GithubServer, tmp_path: Path) -> None:
    test = "import pytest\n\n\n@pytest.mark.parametrize('n', range(120))\ndef test(n): assert 0\n"
    github.fault(Fault(method="PATCH", path="/check-runs", how="answer", status=403, nth=(1, 3)))
    rehearsal = run(github, tmp_path, test, JobSummary.OFF)
    assert github.run["status"] == "completed"
    assert "120 failed" in rehearsal.summary


@rule("The job: the check does not pass")
def test_red_log_shows_failures_below_the_group(github: GithubServer, tmp_path: Path) -> None:
    log = run(github, tmp_path, FAILS).log
    below = log.partition("::endgroup::\n")[2]
    assert "pytest: failure, 1 failed, 7 passed in " in below.partition(HEAD)[0]
    assert "      > def test(n): assert n, '::error::evil'\n" in below.partition(HEAD)[2]
    assert "\n    ::" not in below


@rule("The job: the check passes")
def test_green_log_shows_nothing_below_the_group(github: GithubServer, tmp_path: Path) -> None:
    below = run(github, tmp_path, PASSES).log.partition("::endgroup::\n")[2]
    assert [line.partition(": ")[0] for line in below.splitlines()[1:]] == ["pytest"]


@rule("The job: no check run could be created")
def test_log_shows_failures_once_without_a_check_run(github: GithubServer, tmp_path: Path) -> None:
    github.fault(Fault(method="POST", path="/check-runs", how="answer", status=403))
    log = run(github, tmp_path, FAILS).log
    assert log.count("test_it.py%3A%3Atest[0]") == 1
    assert HEAD not in log


def test_log_of_a_shell_does_not_repeat_failures(job_of: JobOf) -> None:
    job = job_of({"test_it.py": "def test_a(): assert 0\n"})
    job.env = {"GITHUB_ACTIONS": ""}
    assert "test_it.py:1: test_it.py::test_a" not in job.run().log
