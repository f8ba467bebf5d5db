"""Requests of a cancelled job are few and fast, and the check run is completed first."""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from checks.adapters.github.retrying import RefusedError
from checks.core.model.check_run import Conclusion
from tests.support.github.job_client import HURRIED_SECONDS, JobClient, check_run, remarks, token
from tests.support.github.server import REPOSITORY, Fault, GithubServer
from tests.support.waits import HANG_SECONDS

RUN = r"/check-runs/\d+$"
DONE = check_run(conclusion=Conclusion.CANCELLED)


@pytest.mark.parametrize("is_app", [True, False], ids=["app", "token"])
@pytest.mark.slow
def test_cancelled_job_does_not_wait_for_missing_response(github: GithubServer, is_app: bool) -> None:
    client = JobClient(github, None if is_app else token(github.world.actions_token(REPOSITORY)))
    published = client.checks.create(check_run())
    client.waits.is_cancelled = True
    is_updated = threading.Event()
    github.fault(Fault(method="PATCH", path=RUN, nth=(1,), before=lambda: is_updated.wait(HANG_SECONDS)))
    client.checks.update(published, DONE, remarks(50))
    is_updated.set()
    assert f"(read timeout={HURRIED_SECONDS})" in "".join(client.debug)
    assert len(github.annotations()) == 50
    assert github.run["conclusion"] == "cancelled"


def test_cancelled_run_completes_before_bisecting_annotations(github: GithubServer) -> None:
    github.world.refuses = lambda annotation: annotation["start_line"] == 23
    client = JobClient(github)
    published = client.checks.create(check_run())
    client.waits.is_cancelled = True
    client.checks.update(published, DONE, remarks(50))
    completing = [
        index for index, request in enumerate(github.writes) if "conclusion" in request.body and request.status == 200
    ]
    assert completing == [2]  # right after the refused request
    assert Counter(request["start_line"] for request in github.annotations()) == Counter(set(range(1, 51)) - {23})
    assert "`tests/test_a.py:23`" in github.run["output"]["summary"]


def test_cancelled_job_tries_unavailable_github_twice(github: GithubServer) -> None:
    client = JobClient(github)
    published = client.checks.create(check_run())
    client.waits.is_cancelled = True
    github.fault(Fault(path=RUN, how="answer", status=503))
    before = len(github.requests)
    with pytest.raises(RefusedError):
        client.checks.update(published, DONE, ())
    assert len(github.requests) == before + 2
