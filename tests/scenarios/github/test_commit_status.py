"""A job's commit status on the fake GitHub server."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from checks.adapters.github.client import CHECK_PERMISSIONS, STATUS_PERMISSIONS
from checks.core.model.check_run import CheckRun, Conclusion
from tests.support.github.job_client import SHA, JobClient, check_run, token
from tests.support.github.server import REPOSITORY, Fault, GithubServer
from tests.support.github.statuses import MOST_PER_CONTEXT
from tests.support.rules import rule
from tests.support.waits import HANG_SECONDS

STATUSES = rf"/statuses/{SHA}$"
NO_PERMISSION = {"message": "Resource not accessible by integration"}


def wanting(run: CheckRun) -> CheckRun:
    return replace(run, identity=replace(run.identity, has_commit_status=True))


OPEN, DONE = wanting(check_run()), wanting(check_run(conclusion=Conclusion.FAILURE, title="2 failed"))


def settled(client: JobClient, first: CheckRun = OPEN, last: CheckRun = DONE) -> list[bool]:
    """Create and complete a check run with its status; return what each write of the status returned."""
    published = client.checks.create(first)
    begun = client.checks.set_commit_status(published, first)
    client.checks.update(published, last, ())
    return [begun, client.checks.set_commit_status(published, last)]


def states(github: GithubServer) -> list[str]:
    return [status["state"] for status in github.world.statuses]


def grant(github: GithubServer) -> None:
    github.installation.permissions["statuses"] = "write"


@rule("Commit status: the check run is created")
def test_status_repeats_the_check_run_with_its_title_and_page(github: GithubServer) -> None:
    grant(github)
    client = JobClient(github)
    assert settled(client) == [True, True]
    page = github.run["html_url"]
    shown = [(status["context"], status["state"], status["description"]) for status in github.world.statuses]
    assert shown == [
        ("status: pytest (unit)", "pending", "512 of 948"),
        ("status: pytest (unit)", "failure", "2 failed"),
    ]
    assert {status["target_url"] for status in github.world.statuses} == {page}
    assert [write.method for write in github.writes] == ["POST", "POST", "PATCH", "POST"]
    assert client.log == []


def test_same_state_is_written_once(github: GithubServer) -> None:
    grant(github)
    client = JobClient(github)
    settled(client)
    assert client.checks.set_commit_status(client.checks.create(OPEN), DONE)
    assert states(github) == ["pending", "failure"]


def test_status_has_a_token_of_its_own_which_checks_do_not_use(github: GithubServer) -> None:
    grant(github)
    settled(JobClient(github))
    assert [granted.body["permissions"] for granted in github.tokens_granted] == [CHECK_PERMISSIONS, STATUS_PERMISSIONS]
    assert all("repositories" in granted.body for granted in github.tokens_granted)
    assert len([read for read in github.reads if read.path.endswith("/installation")]) == 1


def test_nothing_is_asked_for_without_the_input(github: GithubServer) -> None:
    grant(github)
    settled(JobClient(github), check_run(), check_run(conclusion=Conclusion.SUCCESS))
    assert states(github) == []
    assert [granted.body["permissions"] for granted in github.tokens_granted] == [CHECK_PERMISSIONS]


def test_github_token_writes_checks_and_statuses(github: GithubServer) -> None:
    client = JobClient(github, token(github.world.actions_token(REPOSITORY, statuses="write")))
    assert settled(client) == [True, True]
    assert states(github) == ["pending", "failure"]
    assert github.tokens_granted == []


def test_statuses_count_in_the_pacing(github: GithubServer) -> None:
    grant(github)
    with_status, without = JobClient(github), JobClient(github)
    settled(with_status)
    settled(without, check_run(run_id="2"), check_run(run_id="2", conclusion=Conclusion.SUCCESS))
    assert [client.api.seconds_until_ready(writes=10) for client in (with_status, without)] == [4.0, 2.0]


def _revoke(github: GithubServer) -> JobClient:
    return JobClient(github)


def _revoke_token(github: GithubServer) -> JobClient:
    return JobClient(github, token(github.world.actions_token(REPOSITORY)))


def _forbid(github: GithubServer) -> JobClient:
    grant(github)
    github.fault(Fault(path=STATUSES, how="answer", status=403, body=NO_PERMISSION))
    return JobClient(github)


def _fill(github: GithubServer) -> JobClient:
    grant(github)
    status: dict[str, Any] = {
        "repository": REPOSITORY,
        "sha": SHA,
        "context": "status: pytest (unit)",
        "state": "error",
    }
    github.world.statuses.extend([status] * MOST_PER_CONTEXT)
    return JobClient(github)


@rule("Commit status: GitHub refuses it: no permission, 1,000 statuses of that name")
@pytest.mark.parametrize(
    ("prepare", "remedy"),
    [
        pytest.param(_revoke, "set Commit statuses to Read and write", id="the-app-has-no-permission"),
        pytest.param(_revoke_token, "statuses: write", id="the-token-has-no-permission"),
        pytest.param(_forbid, "set Commit statuses to Read and write", id="403"),
        pytest.param(_fill, "reached the maximum number of statuses", id="1000-statuses"),
    ],
)
def test_refusal_turns_the_status_off_with_one_line(github: GithubServer, prepare: Any, remedy: str) -> None:
    client: JobClient = prepare(github)
    before = len(github.world.statuses)
    assert settled(client) == [True, True]
    (line,) = client.log
    assert remedy in line
    assert (github.run["status"], len(github.world.statuses)) == ("completed", before)
    refused = [request for request in github.requests if request.status in (403, 422)]
    assert len(refused) == 1


@rule("Commit status: GitHub does not answer")
def test_first_state_is_tried_once_and_the_last_for_seconds(github: GithubServer) -> None:
    grant(github)
    github.fault(Fault(path=STATUSES, how="answer", status=503, nth=(1, 2)))
    client = JobClient(github)
    assert settled(client) == [False, True]
    assert (states(github), client.log) == (["failure"], [])
    assert sum(client.waits.seconds) <= 1.0


def test_last_state_that_cannot_be_written_is_unsettled(github: GithubServer) -> None:
    grant(github)
    github.fault(Fault(path=STATUSES, how="answer", status=503))
    client = JobClient(github)
    assert settled(client) == [False, False]
    (line,) = client.log
    assert line.startswith("The commit status “status: pytest (unit)” could not be set (503: ")
    assert sum(client.waits.seconds) <= 10.0
    assert github.run["conclusion"] == "failure"


@pytest.mark.parametrize(
    ("path", "nth"),
    [
        pytest.param(STATUSES, 1, id="status"),
        pytest.param("/access_tokens$", 2, id="its-token"),
    ],
)
@pytest.mark.slow
def test_status_without_a_response_costs_the_shorter_timeout(github: GithubServer, path: str, nth: int) -> None:
    grant(github)
    may_answer = threading.Event()
    github.fault(Fault(path=path, how="none", nth=(nth,), before=lambda: may_answer.wait(HANG_SECONDS)))
    client = JobClient(github)
    started_at = time.monotonic()
    assert settled(client) == [False, True]
    may_answer.set()
    assert time.monotonic() - started_at < client.api.retry_policy.answer_seconds
    assert "failure" in states(github)
