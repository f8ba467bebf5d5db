"""Whole runs that look up their base: requests, and what a slow or refusing GitHub costs."""

from __future__ import annotations

import threading

import pytest

from tests.support.github.server import Fault, GithubServer
from tests.support.rules import rule
from tests.support.runner.jobs import JobOf
from tests.support.runner.merges import WAITS, merged, run_until
from tests.support.waits import HANG_SECONDS


@rule("The base: permissions")
def test_merge_of_a_pull_request_names_its_base(job_of: JobOf, github: GithubServer) -> None:
    job = job_of(WAITS)
    base, head = merged(job)
    of_base = f"/commits/{base}/check-runs"
    result = run_until(job, github, of_base, installation_id=str(github.installation.id), category="unit")
    assert (result.exit_status, github.run["head_sha"], github.run["conclusion"]) == (0, head, "success")
    assert [request.query["check_name"] for request in github.reads if of_base in request.path] == ["pytest (unit)"]
    assert [request.status for request in github.reads if request.path.endswith("/installation")] == []
    assert {token.body["permissions"]["checks"] for token in github.tokens_granted} == {"read", "write"}


def test_nothing_is_asked_if_nothing_is_compared(job_of: JobOf, github: GithubServer) -> None:
    job = job_of({"test_a.py": "def test_a(): pass\n"})
    base, _ = merged(job)
    assert job.run(compare="none").exit_status == 0
    assert ([request for request in github.requests if base in request.path], len(github.tokens_granted)) == ([], 1)


@rule("The base: GitHub is slow or refuses")
@pytest.mark.slow
def test_silent_base_delays_neither_tests_nor_verdict(job_of: JobOf, github: GithubServer) -> None:
    job = job_of({"test_a.py": "def test_a(): pass\n"})
    base, _ = merged(job)
    is_over = threading.Event()
    github.fault(Fault(path=f"/commits/{base}/check-runs", before=lambda: is_over.wait(HANG_SECONDS)))
    process = job.start()
    github.wait_for(lambda: any(run["conclusion"] == "success" for run in github.runs))
    assert not is_over.is_set()
    assert job.wait(process).exit_status == 0
    is_over.set()


@rule("The base: a permission is missing")
@pytest.mark.parametrize(
    ("compare", "path", "permission"),
    [
        pytest.param("dev", "/compare/dev...", "Contents: read", marks=pytest.mark.slow),
        ("base", "/check-runs", "Checks: read"),
    ],
)
def test_missing_permission_costs_a_line_of_the_log(
    job_of: JobOf, github: GithubServer, compare: str, path: str, permission: str
) -> None:
    job = job_of(WAITS)
    base, _ = merged(job)
    github.fault(Fault(path=f"/commits/{base}/check-runs", how="answer", status=403))
    result = run_until(job, github, path if compare == "dev" else base + path, compare=compare)
    assert (result.exit_status, github.run["conclusion"]) == (0, "success")
    assert result.log.count(f"Results are not compared with the base: the permission {permission} is missing.") == 1
