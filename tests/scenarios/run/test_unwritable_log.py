"""A job log that cannot be written: a full disk, a reader that has gone, a closed descriptor."""

from __future__ import annotations

import pytest

from tests.support.github.server import GithubServer
from tests.support.rules import rule
from tests.support.runner.jobs import KILLS_US, Job, JobOf

TESTS = {"test_a.py": "def test_ok(): pass\n\n\ndef test_bad(): assert 0\n"}


def unwritable(job: Job, stdout: str) -> Job:
    """Return the job with another standard output; what its step prints to standard error is the result's log."""
    job.command_prefix = ("bash", "-c", f'set -o pipefail; "$@" {stdout}', "bash")
    return job


@rule("The tests' side: the job log cannot be written")
@pytest.mark.parametrize(
    "stdout",
    [">/dev/full", *(pytest.param(stdout, marks=pytest.mark.slow) for stdout in ("| true", ">&-")), "<&- >&-"],
)
def test_unwritable_log_loses_no_result(job_of: JobOf, github: GithubServer, stdout: str) -> None:
    result = unwritable(job_of(TESTS), stdout).run()
    assert (result.exit_status, github.run["status"], github.run["conclusion"]) == (1, "completed", "failure")
    assert len(github.annotations()) == 2
    assert (result.outputs["conclusion"], "test_bad" in result.summary) == ("failure", True)
    assert result.log == ""


@pytest.mark.parametrize(
    "stdout", [">/dev/full", *(pytest.param(stdout, marks=pytest.mark.slow) for stdout in ("| true", ">&-"))]
)
def test_exit_status_is_that_of_the_tests_without_a_log(job_of: JobOf, github: GithubServer, stdout: str) -> None:
    result = unwritable(job_of({"test_a.py": "def test_ok(): pass\n"}), stdout).run()
    assert (result.exit_status, github.run["conclusion"], result.log) == (0, "success", "")


def test_mistakes_are_reported_on_github_without_a_log(job_of: JobOf, github: GithubServer) -> None:
    result = unwritable(job_of(TESTS), ">/dev/full").run(passing="some")
    assert (result.exit_status, github.run["conclusion"], result.log) == (2, "action_required", "")


def test_post_step_completes_the_check_without_a_log(job_of: JobOf, github: GithubServer) -> None:
    job = job_of({"test_a.py": KILLS_US})
    job.run()
    assert github.run["status"] == "in_progress"
    result = unwritable(job, ">/dev/full").run("finish", job_status="failure")
    assert (result.exit_status, github.run["status"], result.log) == (0, "completed", "")
