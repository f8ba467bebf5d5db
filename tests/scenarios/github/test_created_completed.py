"""Check runs whose tests have ended before they are created: one request creates and completes them."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from checks.adapters.github.runs import CheckRuns
from checks.core.github.external_id import compose
from checks.core.model.check_run import CheckAction, Conclusion, Status
from checks.core.model.identity import Identity, RunKind
from checks.core.model.ports import CurrentUpdate, PublishError, SecondsUntilReady, Update
from checks.core.model.session import CarriedOverCounts
from tests.scenarios.github.test_checks import BROKEN, LOST, REFUSED, RUN, RUNS, each, lines, refuse_lines
from tests.support.github.job_client import JobClient, check_run, remarks
from tests.support.github.server import Fault, GithubServer

OPEN = check_run()
#: With a count that an external id does not hold.
DONE = check_run(conclusion=Conclusion.FAILURE)
DONE = replace(DONE, identity=replace(DONE.identity, counts=CarriedOverCounts(failed=70, passed=2_000_000)))
WHOLE = replace(DONE, identity=replace(DONE.identity, kind=RunKind.COMPLETE))
FIRST, REST = remarks(50), remarks(20, first=51)


def live(_: SecondsUntilReady) -> Update:
    return OPEN, ()


def completed(_: SecondsUntilReady) -> Update:
    return DONE, FIRST


def finish(client: JobClient) -> None:
    """Create the run and send all that is known of it."""
    published = client.checks.create(OPEN, completed)
    client.checks.update(published, DONE, FIRST)
    client.checks.update(published, WHOLE, REST)


def assert_whole(github: GithubServer) -> None:
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "failure")
    assert github.run["external_id"] == compose(WHOLE.identity)
    assert lines(github) == [*range(1, 71)]


def test_creation_carries_the_completion(github: GithubServer) -> None:
    finish(JobClient(github))
    creation, rest = github.writes
    assert {"name", "head_sha", "status", "conclusion", "started_at", "completed_at"} <= creation.body.keys()
    assert (creation.method, len(creation.body["output"]["annotations"])) == ("POST", 50)
    assert (rest.method, sorted(rest.body)) == ("PATCH", ["external_id", "output"])
    assert_whole(github)


def test_change_since_the_creation_is_sent_without_the_annotations(github: GithubServer) -> None:
    client = JobClient(github)
    published = client.checks.create(OPEN, completed)
    client.checks.update(published, replace(DONE, output=replace(DONE.output, summary="new")), FIRST)
    assert [sorted(request.body) for request in github.writes[1:]] == [["output"]]
    assert (github.run["output"]["summary"], lines(github)) == ("new", [*range(1, 51)])


def test_what_the_creation_said_is_sent_again_after_another_update(github: GithubServer) -> None:
    client = JobClient(github)
    published = client.checks.create(OPEN, completed)
    client.checks.update(published, DONE, FIRST)
    client.checks.update(published, replace(DONE, output=replace(DONE.output, summary="new")), ())
    client.checks.update(published, DONE, ())
    assert github.run["output"]["summary"] == DONE.output.summary


def test_creation_passes_the_pacing_of_its_publisher(github: GithubServer) -> None:
    passed: list[SecondsUntilReady] = []

    def current(seconds_until_ready: SecondsUntilReady) -> Update:
        passed.append(seconds_until_ready)
        return DONE, FIRST

    client = JobClient(github)
    client.checks.create(OPEN, current)
    assert passed == [client.checks.seconds_until_ready]


def test_run_created_live_is_completed_by_an_update(github: GithubServer) -> None:
    client = JobClient(github)
    published = client.checks.create(OPEN, live)
    assert github.run["status"] == "in_progress"
    client.checks.update(published, WHOLE, FIRST)
    assert (github.run["conclusion"], lines(github)) == ("failure", [*range(1, 51)])


@each(LOST)
def test_completion_whose_response_was_lost_is_found(github: GithubServer, fault: Fault) -> None:
    github.fault(replace(fault, method="POST", path=RUNS, nth=(1,)))
    finish(JobClient(github))
    assert [request.method for request in github.writes] == ["POST", "PATCH"]
    assert_whole(github)


@each(BROKEN | REFUSED)
def test_completion_that_did_not_arrive_is_created_once(github: GithubServer, fault: Fault) -> None:
    github.fault(replace(fault, method="POST", path=RUNS, nth=(1,)))
    finish(JobClient(github))
    assert [request.method for request in github.writes] == ["POST", "POST", "PATCH"]
    assert_whole(github)


@pytest.mark.parametrize("current", [live, completed], ids=["live", "completed"])
@pytest.mark.parametrize("is_applied", [True, False])
def test_next_attempt_learns_what_the_creation_left(
    github: GithubServer, current: CurrentUpdate, *, is_applied: bool
) -> None:
    client = JobClient(github, budget_seconds=0.0)
    github.fault(Fault(method="POST", path=RUNS, nth=(1,), how="drop", done=is_applied))
    with pytest.raises(PublishError):
        client.checks.create(OPEN, current)
    finish(client)
    assert len(github.runs) == 1
    assert_whole(github)


def test_creation_without_annotations_forgets_those_that_did_not_arrive(github: GithubServer) -> None:
    client = JobClient(github, budget_seconds=0.0)
    github.fault(Fault(method="POST", path=RUNS, nth=(1,), how="drop"))
    with pytest.raises(PublishError):
        client.checks.create(OPEN, completed)
    client.checks.update(client.checks.create(OPEN), DONE, FIRST)
    assert lines(github) == [*range(1, 51)]


def test_run_that_was_created_live_is_not_mistaken_for_the_completed_one(github: GithubServer) -> None:
    client = JobClient(github)
    runs, until = CheckRuns(client.api), client.api.retry_policy.until()
    runs.create(OPEN, until=until)
    github.fault(Fault(method="POST", path=RUNS, nth=(1,), how="drop"))
    published = runs.create(replace(OPEN, status=Status.COMPLETED, conclusion=Conclusion.FAILURE), until=until)
    assert [(str(run["id"]) == published.id, run["status"]) for run in github.runs] == [
        (False, "in_progress"),
        (True, "completed"),
    ]


@pytest.mark.parametrize("marker", ["", "☃"], ids=["left-out", "mended"])
def test_rejected_annotation_does_not_prevent_the_creation(github: GithubServer, marker: str) -> None:
    refuse_lines(github, {23}, marker)
    client = JobClient(github)
    published = client.checks.create(OPEN, lambda _: (DONE, remarks(50, message="☃")))
    assert github.run["status"] == "in_progress"
    client.checks.update(published, DONE, remarks(50, message="☃"))
    assert lines(github) == [line for line in range(1, 51) if marker or line != 23]
    assert github.run["conclusion"] == "failure"
    assert "`tests/test_a.py:23`" in github.run["output"]["summary"]


def test_rejected_completion_does_not_prevent_the_creation(github: GithubServer) -> None:
    github.fault(Fault(method="POST", path=RUNS, nth=(1,), how="answer", status=422))
    client = JobClient(github)
    published = client.checks.create(OPEN, lambda _: (DONE, ()))
    assert github.run["status"] == "in_progress"
    client.checks.update(published, DONE, ())
    assert github.run["conclusion"] == "failure"


def test_refused_creation_does_not_blame_annotations(github: GithubServer) -> None:
    github.fault(Fault(method="POST", path=RUNS, how="answer", status=422))
    with pytest.raises(PublishError, match="GitHub rejected the request"):
        JobClient(github).checks.create(OPEN, completed)
    assert len(github.writes) == 2


@pytest.mark.parametrize(("granted", "labels"), [("read", []), ("write", ["Re-run failed"])])
def test_buttons_of_a_creation_need_permission_to_start_workflows(
    github: GithubServer, granted: str, labels: list[str]
) -> None:
    github.installation.permissions["actions"] = granted
    button = CheckAction(label="Re-run failed", description="Run them again", identifier="rerun-failed")
    done = replace(DONE, actions=(button,))
    client = JobClient(github)
    client.checks.update(client.checks.create(OPEN, lambda _: (done, FIRST)), done, FIRST)
    assert [action["label"] for action in github.run["actions"]] == labels
    assert (len(github.writes), len(client.log)) == (1, granted == "read")


def test_expected_run_is_claimed_before_it_is_completed(github: GithubServer) -> None:
    expected = Identity(workflow="tests.yml", attempt=0, category="unit", kind=RunKind.EXPECTED)
    JobClient(github).checks.create(check_run(run_id="0"))
    github.run.update(status="queued", external_id=compose(expected))
    finish(JobClient(github))
    assert [request.body.get("status") for request in github.writes[1:]] == ["in_progress", "completed", None]
    assert_whole(github)


@pytest.mark.parametrize("seed", range(8))
def test_any_faults_leave_one_completed_run_with_each_annotation_once(github: GithubServer, seed: int) -> None:
    chance = random.Random(seed)
    for method, path in ("POST", RUNS), ("PATCH", RUN), ("GET", "/commits/"), ("GET", RUN):
        for nth in range(1, 8):
            if chance.random() < 0.6:
                fault = chance.choice([*LOST.values(), *BROKEN.values()])
                github.fault(replace(fault, method=method, path=path, nth=(nth,)))
    finish(JobClient(github, budget_seconds=10_000))
    assert len(github.runs) == 1
    assert_whole(github)
