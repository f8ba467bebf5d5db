"""Whole runs that begin with what failed on the base."""

from __future__ import annotations

import re
import threading

import pytest

from tests.scenarios.run.test_compare import pushed
from tests.support.github.server import Fault, GithubServer
from tests.support.rules import rule
from tests.support.runner.jobs import Job, JobOf, StepResult
from tests.support.waits import HANG_SECONDS

#: The last test fails. Each names itself in the log.
TESTS = """
import pytest

@pytest.fixture(autouse=True)
def named(request): print(f"<{request.node.name}>")

def test_a(): pass
def test_b(): pass
def test_c(): assert 0
"""


def run_names(result: StepResult) -> list[str]:
    """Return the tests in the order in which they ran."""
    return re.findall(r"<(test_\w)>", result.log)


def base_that_failed(job_of: JobOf) -> Job:
    """Run the base; return the job with the next commit."""
    job = job_of({"test_it.py": TESTS})
    base = job.sha
    pushed(job, "0" * 40)
    assert job.run(pytest_args="-s").exit_status == 1
    job.commit("Change")
    pushed(job, base)
    for path in job.commands.iterdir():
        path.unlink()
    return job


@rule("Failed tests first: a test failed before")
def test_test_that_failed_on_the_base_runs_first(job_of: JobOf, github: GithubServer) -> None:
    job = base_that_failed(job_of)
    result = job.run(pytest_args="-s", failed_first="true")
    assert run_names(result) == ["test_c", "test_a", "test_b"]
    assert "order of their collection" not in github.runs[-1]["output"]["summary"]


@rule("Failed tests first: GitHub is slow")
@pytest.mark.slow
def test_tests_run_as_collected_if_github_does_not_answer(job_of: JobOf, github: GithubServer) -> None:
    job = base_that_failed(job_of)
    is_over = threading.Event()
    base = job.git("rev-parse", "HEAD~1")
    github.fault(Fault(path=f"/commits/{base}/check-runs", before=lambda: is_over.wait(HANG_SECONDS)))
    process = job.start(pytest_args="-s", failed_first="true")
    github.wait_for(lambda: github.runs[-1]["conclusion"] == "failure" and len(github.runs) == 2)
    assert not is_over.is_set()
    assert run_names(job.wait(process)) == ["test_a", "test_b", "test_c"]
    is_over.set()
    assert "The tests ran in the order of their collection: " in github.runs[-1]["output"]["summary"]


@rule("Failed tests first: failed-first is not set")
@pytest.mark.slow
def test_order_is_as_collected_without_the_input(job_of: JobOf) -> None:
    result = base_that_failed(job_of).run(pytest_args="-s")
    assert run_names(result) == ["test_a", "test_b", "test_c"]
