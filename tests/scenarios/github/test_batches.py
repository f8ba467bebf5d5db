"""A batch that is given again after an error continues where it stopped; against a real HTTP server."""

from __future__ import annotations

from collections import Counter

import pytest

from checks.adapters.github.retrying import RefusedError
from checks.core.model.check_run import Annotation, CheckRun, Conclusion, Published
from tests.support.github.job_client import JobClient, check_run, remarks
from tests.support.github.server import Fault, GithubServer
from tests.support.rules import rule

RUN = r"/check-runs/\d+$"
DONE = check_run(conclusion=Conclusion.FAILURE)
DOWN = Fault(path=RUN, how="answer", status=503)
LIMITED = Fault(path=RUN, how="answer", status=429, headers={"Retry-After": "3600"})
REVOKED = Fault(path=RUN, how="answer", status=401)


def lines(github: GithubServer) -> list[int]:
    return [annotation["start_line"] for annotation in github.annotations()]


def refused(
    client: JobClient, published: Published, run: CheckRun, annotations: tuple[Annotation, ...]
) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        client.checks.update(published, run, annotations)
    return caught.value


def refuse_lines(github: GithubServer, *bad: int) -> None:
    github.world.refuses = lambda annotation: annotation["start_line"] in bad


each_end = pytest.mark.parametrize("run", [check_run(), DONE], ids=["in-progress", "completed"])


@rule("GitHub's side: retries are exhausted, and then GitHub is back")
@each_end
@pytest.mark.parametrize("is_done", [True, False], ids=["landed", "did-not-land"])
@pytest.mark.parametrize("after", [DOWN, LIMITED, REVOKED], ids=["outage", "rate-limit", "revoked"])
def test_unconfirmed_batch_arrives_once_when_retried(
    github: GithubServer, run: CheckRun, is_done: bool, after: Fault
) -> None:
    client = JobClient(github, budget_seconds=30.0)
    published = client.checks.create(check_run())
    client.checks.update(published, check_run(), remarks(3))
    github.fault(Fault(method="PATCH", path=RUN, nth=(1,), done=is_done))
    github.fault(after)
    assert refused(client, published, check_run(), remarks(50, first=4)).may_have_been_applied
    github.mend()
    client.checks.update(published, run, remarks(50, first=4))
    client.checks.update(published, run, remarks(1, first=54))
    assert lines(github) == list(range(1, 55))
    assert github.run["conclusion"] == run.conclusion


def test_retrying_unconfirmed_batch_costs_one_read(github: GithubServer) -> None:
    client = JobClient(github, budget_seconds=30.0)
    published = client.checks.create(check_run())
    github.fault(Fault(method="PATCH", path=RUN, nth=(1,), done=True))
    github.fault(DOWN)
    refused(client, published, check_run(), remarks(50))
    github.mend()
    before = len(github.requests)
    client.checks.update(published, DONE, remarks(50))
    assert [request.method for request in github.requests[before:]] == ["GET", "PATCH"]
    assert "annotations" not in github.requests[-1].body["output"]


@pytest.mark.parametrize("fault", [LIMITED, REVOKED], ids=["rate-limit", "revoked"])
def test_refused_batch_is_known_not_to_be_applied(github: GithubServer, fault: Fault) -> None:
    client = JobClient(github)
    published = client.checks.create(check_run())
    github.fault(fault)
    assert not refused(client, published, check_run(), remarks(50)).may_have_been_applied
    github.mend()
    before = len(github.requests)
    client.checks.update(published, DONE, remarks(50))
    assert [request.method for request in github.requests[before:] if "/check-runs/" in request.path] == ["PATCH"]
    assert lines(github) == list(range(1, 51))


def test_refused_read_does_not_blame_annotations(github: GithubServer) -> None:
    client = JobClient(github, budget_seconds=30.0)
    published = client.checks.create(check_run())
    github.fault(Fault(method="PATCH", path=RUN, nth=(1,), done=True))
    github.fault(Fault(method="GET", path=RUN, nth=(1,), how="answer", status=422))
    refused(client, published, check_run(), remarks(50))
    client.checks.update(published, DONE, remarks(50))
    assert lines(github) == list(range(1, 51))
    assert client.log == []


@rule("GitHub's side: an outage while an invalid annotation is searched for")
@each_end
@pytest.mark.parametrize("nth", [2, 3, 9, 15])
@pytest.mark.parametrize("is_done", [True, False], ids=["landed", "did-not-land"])
def test_outage_during_bisection_duplicates_nothing(
    github: GithubServer, run: CheckRun, nth: int, is_done: bool
) -> None:
    refuse_lines(github, 23)
    client = JobClient(github, budget_seconds=30.0)
    published = client.checks.create(check_run())
    github.fault(Fault(method="PATCH", path=RUN, nth=(nth,), done=is_done))
    github.fault(Fault(method="GET", path=RUN, how="answer", status=503))
    github.fault(Fault(method="PATCH", path=RUN, nth=tuple(range(nth + 1, nth + 20)), how="answer", status=503))
    refused(client, published, run, remarks(50))
    github.mend()
    client.checks.update(published, run, remarks(50))
    client.checks.update(published, DONE, remarks(7, first=51))
    assert Counter(lines(github)) == Counter(set(range(1, 58)) - {23})
    assert github.run["conclusion"] == "failure"
    assert "`tests/test_a.py:23`" in github.run["output"]["summary"]


def test_annotations_sent_before_outage_are_not_resent(github: GithubServer) -> None:
    refuse_lines(github, 50)
    client = JobClient(github, budget_seconds=30.0)
    published = client.checks.create(check_run())
    github.fault(Fault(method="PATCH", path=RUN, nth=(4, 5, 6, 7, 8, 9), how="answer", status=503))
    refused(client, published, check_run(), remarks(50))
    assert lines(github) == list(range(1, 26))
    before = len(github.writes)
    client.checks.update(published, DONE, remarks(50))
    first, *_ = github.writes[before:]
    assert [request["start_line"] for request in first.body["output"]["annotations"]] == list(range(26, 51))


def test_another_batch_may_precede_an_unconfirmed_one(github: GithubServer) -> None:
    client = JobClient(github, budget_seconds=30.0)
    published = client.checks.create(check_run())
    github.fault(Fault(method="PATCH", path=RUN, nth=(1,), done=True))
    github.fault(DOWN)
    refused(client, published, check_run(), remarks(50))
    github.mend()
    client.checks.update(published, DONE, remarks(7, first=51))
    client.checks.update(published, DONE, remarks(50))
    assert Counter(lines(github)) == Counter(range(1, 58))


def test_consecutive_equal_batches_all_arrive(github: GithubServer) -> None:
    client = JobClient(github)
    published = client.checks.create(check_run())
    for _ in range(3):
        client.checks.update(published, check_run(), remarks(2))
    assert lines(github) == [1, 2, 1, 2, 1, 2]
