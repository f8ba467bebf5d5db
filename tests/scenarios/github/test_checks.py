"""Publishing a check run: each annotation arrives once, even if responses are lost; against a real HTTP server."""

from __future__ import annotations

import random
import threading
from contextlib import nullcontext
from dataclasses import replace

import pytest

from checks.adapters.github.retrying import RefusedError
from checks.core.github.error_kind import ErrorKind
from checks.core.github.external_id import compose
from checks.core.model.check_run import CheckAction, Conclusion
from checks.core.model.errors import CheckError
from checks.core.model.identity import Identity, RunKind
from checks.core.model.ports import Urgency
from tests.support.batches import batches
from tests.support.github.job_client import HURRIED_SECONDS, SHA, JobClient, app, check_run, remarks, token
from tests.support.github.server import REPOSITORY, Fault, GithubServer
from tests.support.rules import rule
from tests.support.waits import HANG_SECONDS

RUNS = f"/repos/{REPOSITORY}/check-runs$"
RUN = r"/check-runs/\d+$"
LOST = {
    "reset": Fault(how="drop", done=True),
    "half-an-answer": Fault(how="half", done=True),
    "html-with-200": Fault(how="html", done=True),
    "502": Fault(how="answer", status=502, done=True),
}
BROKEN = {
    "reset": Fault(how="drop"),
    "half-an-answer": Fault(how="half"),
    "html-with-200": Fault(how="html"),
    "502": Fault(how="answer", status=502),
}
REFUSED = {
    "401": Fault(how="answer", status=401),
    "429": Fault(how="answer", status=429, headers={"Retry-After": "1"}),
}


def each(faults: dict[str, Fault]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("fault", faults.values(), ids=faults.keys())


def lines(github: GithubServer) -> list[int]:
    return [annotation["start_line"] for annotation in github.annotations()]


def test_create_sends_in_progress_run_with_all_fields(github: GithubServer) -> None:
    published = JobClient(github).checks.create(check_run())
    run = github.run
    assert (published.id, published.page) == (str(run["id"]), f"{github.url}/{REPOSITORY}/runs/{run['id']}")
    assert (run["status"], run["conclusion"], run["head_sha"]) == ("in_progress", None, SHA)
    assert (run["external_id"], run["details_url"]) == (compose(check_run().identity), check_run().details_url)
    assert run["output"]["title"] == "512 of 948"
    assert run["app"]["id"] == github.app.id


def test_update_replaces_output_and_appends_annotations(github: GithubServer) -> None:
    client = JobClient(github)
    published = client.checks.create(check_run())
    client.checks.update(published, check_run(title="2"), remarks(50))
    client.checks.update(published, check_run(title="3"), remarks(1, first=51))
    assert (github.run["output"]["title"], github.run["output"]["annotations_count"]) == ("3", 51)
    assert lines(github) == list(range(1, 52))


def test_last_update_completes_run_with_buttons(github: GithubServer) -> None:
    github.installation.permissions["actions"] = "write"
    client = JobClient(github)
    published = client.checks.create(check_run())
    button = CheckAction(label="Re-run failed", description="Run them again", identifier="rerun-failed")
    client.checks.update(published, replace(check_run(conclusion=Conclusion.FAILURE), actions=(button,)), remarks(3))
    run = github.run
    assert (run["status"], run["conclusion"]) == ("completed", "failure")
    assert (run["started_at"], run["completed_at"]) == ("2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z")
    assert [action["label"] for action in run["actions"]] == ["Re-run failed"]


@pytest.mark.parametrize("is_named", [False, True])
@pytest.mark.parametrize(("granted", "labels"), [("read", []), ("write", ["Re-run failed"])])
def test_buttons_need_permission_to_start_workflows(
    github: GithubServer, granted: str, labels: list[str], *, is_named: bool
) -> None:
    github.installation.permissions["actions"] = granted
    credentials = replace(app(github), installation_id=github.installation.id if is_named else None)
    client = JobClient(github, credentials)
    published = client.checks.create(check_run())
    button = CheckAction(label="Re-run failed", description="Run them again", identifier="rerun-failed")
    client.checks.update(published, replace(check_run(conclusion=Conclusion.FAILURE), actions=(button,)), ())
    assert [action["label"] for action in github.run["actions"]] == labels
    assert len(client.log) == (granted == "read")
    assert len(github.reads) == 2  # the installation, and the commit's runs


def test_completion_does_not_wait_for_what_only_the_buttons_need(github: GithubServer) -> None:
    github.fault(Fault(path=r"/app/installations/\d+$", how="answer", status=502))
    client = JobClient(github, replace(app(github), installation_id=github.installation.id))
    published = client.checks.create(check_run())
    button = CheckAction(label="Re-run failed", description="Run them again", identifier="rerun-failed")
    client.checks.update(published, replace(check_run(conclusion=Conclusion.FAILURE), actions=(button,)), ())
    assert (github.run["status"], len(github.run["actions"])) == ("completed", 1)
    assert client.waits.seconds == []


@pytest.mark.parametrize("number", [1, 50, 500, 1000])
def test_run_with_many_annotations_reads_twice(github: GithubServer, number: int) -> None:
    client = JobClient(github)
    published = client.checks.create(check_run())
    for batch in batches(remarks(number)):
        client.clock.seconds += client.checks.seconds_until_ready(Urgency.URGENT)
        client.checks.update(published, check_run(), batch)
    client.checks.update(published, check_run(conclusion=Conclusion.FAILURE), ())
    assert len(github.reads) == 2  # the installation, and the commit's runs
    assert len(github.tokens_granted) == 1
    assert len(github.writes) == 1 + -(-number // 50) + 1
    assert lines(github) == list(range(1, number + 1))


def test_pacing_is_reported_without_sleeping(github: GithubServer) -> None:
    client = JobClient(github)
    published = client.checks.create(check_run())
    for _ in range(9):
        assert client.checks.seconds_until_ready(Urgency.URGENT) == 0.0
        client.checks.update(published, check_run(), ())
    assert client.checks.seconds_until_ready(Urgency.URGENT) == pytest.approx(1.0)
    client.checks.update(published, check_run(), ())
    assert client.checks.seconds_until_ready(Urgency.URGENT) == pytest.approx(2.0)
    assert client.waits.seconds == []


@rule("GitHub's side: the response is lost, but the request took effect")
@each(LOST)
def test_run_whose_response_was_lost_is_found(github: GithubServer, fault: Fault) -> None:
    github.fault(replace(fault, method="POST", path=RUNS, nth=(1,)))
    client = JobClient(github)
    published = client.checks.create(check_run())
    assert published.id == str(github.run["id"])
    client.checks.update(published, check_run(), remarks(2))
    assert lines(github) == [1, 2]


@each(BROKEN | REFUSED)
def test_run_that_was_not_created_is_created_once(github: GithubServer, fault: Fault) -> None:
    github.fault(replace(fault, method="POST", path=RUNS, nth=(1,)))
    JobClient(github).checks.create(check_run())
    assert len(github.runs) == 1


def test_search_for_created_run_survives_faults(github: GithubServer) -> None:
    github.fault(Fault(method="POST", path=RUNS, nth=(1,), done=True))
    github.fault(Fault(path="/commits/", nth=(2, 3)))
    JobClient(github).checks.create(check_run())
    assert len(github.runs) == 1


def test_older_run_is_not_mistaken_for_created_run(github: GithubServer) -> None:
    JobClient(github).checks.create(check_run(run_id=""))  # external ids outside a workflow are all equal
    github.fault(Fault(method="POST", path=RUNS, nth=(1,), how="answer", status=500))
    published = JobClient(github).checks.create(check_run(run_id=""))
    assert [str(run["id"]) for run in github.runs][1:] == [published.id]


@pytest.mark.parametrize("conclusion", [None, Conclusion.FAILURE])
@each(LOST)
def test_annotations_are_not_resent_after_lost_response(
    github: GithubServer, fault: Fault, conclusion: Conclusion | None
) -> None:
    client = JobClient(github)
    published = client.checks.create(check_run())
    client.checks.update(published, check_run(), remarks(50))
    github.fault(replace(fault, method="PATCH", path=RUN, nth=(1,)))
    client.checks.update(published, check_run(conclusion=conclusion), remarks(50, first=51))
    client.checks.update(published, check_run(conclusion=conclusion), remarks(1, first=101))
    assert lines(github) == list(range(1, 102))
    assert len(github.reads) == 3


@each(BROKEN | REFUSED)
def test_annotations_that_did_not_arrive_are_resent(github: GithubServer, fault: Fault) -> None:
    client = JobClient(github)
    published = client.checks.create(check_run())
    github.fault(replace(fault, method="PATCH", path=RUN, nth=(1, 3)))
    client.checks.update(published, check_run(), remarks(50))
    client.checks.update(published, check_run(), remarks(50, first=51))
    assert lines(github) == list(range(1, 101))


def test_every_attempt_after_lost_response_reads_first(github: GithubServer) -> None:
    client = JobClient(github)
    published = client.checks.create(check_run())
    github.fault(Fault(method="PATCH", path=RUN, nth=(1,)))
    github.fault(Fault(method="PATCH", path=RUN, nth=(2,), how="answer", status=429, headers={"Retry-After": "3"}))
    client.checks.update(published, check_run(), remarks(5))
    assert [request.method for request in github.requests[-5:]] == ["PATCH", "GET", "PATCH", "GET", "PATCH"]
    assert lines(github) == [1, 2, 3, 4, 5]


def test_rate_limit_after_lost_response_duplicates_nothing(github: GithubServer) -> None:
    client = JobClient(github)
    published = client.checks.create(check_run())
    github.fault(Fault(method="PATCH", path=RUN, nth=(1,), done=True))
    github.fault(Fault(method="GET", path=RUN, nth=(1,), how="answer", status=429, headers={"Retry-After": "3"}))
    client.checks.update(published, check_run(), remarks(5))
    assert lines(github) == [1, 2, 3, 4, 5]


def test_update_without_annotations_is_resent_without_reading(github: GithubServer) -> None:
    client = JobClient(github)
    published = client.checks.create(check_run())
    github.fault(Fault(method="PATCH", path=RUN, nth=(1,), done=True))
    client.checks.update(published, check_run(conclusion=Conclusion.SUCCESS), ())
    assert github.run["conclusion"] == "success"
    assert len(github.reads) == 2


def test_annotations_of_run_created_elsewhere_are_counted_first(github: GithubServer) -> None:
    somebody, client = JobClient(github), JobClient(github)
    published = somebody.checks.create(check_run())
    somebody.checks.update(published, check_run(), remarks(7))
    github.fault(Fault(method="PATCH", path=RUN, nth=(1,), done=True))
    client.checks.update(published, check_run(), remarks(3, first=8))
    assert lines(github) == list(range(1, 11))


def test_annotations_are_counted_per_run(github: GithubServer) -> None:
    client = JobClient(github)
    first, second = (client.checks.create(check_run(name=name)) for name in ("one", "two"))
    for published, number in ((first, 3), (second, 4), (first, 2)):
        github.fault(Fault(method="PATCH", path=f"/{published.id}$", nth=(1,), done=True))
        client.checks.update(published, check_run(), remarks(number))
    assert [len(github.annotations(published.id)) for published in (first, second)] == [5, 4]


@pytest.mark.parametrize("seed", range(12))
def test_any_faults_leave_one_run_with_each_annotation_once(github: GithubServer, seed: int) -> None:
    chance = random.Random(seed)
    rules = ("POST", RUNS), ("PATCH", RUN), ("GET", "/commits/"), ("GET", RUN), ("POST", "/access_tokens$")
    for method, path in rules:
        for nth in range(1, 12):
            if chance.random() < 0.4:
                fault = chance.choice([*LOST.values(), *BROKEN.values()])
                github.fault(replace(fault, method=method, path=path, nth=(nth,)))
    client = JobClient(github, budget_seconds=10_000)
    published = client.checks.create(check_run())
    for batch in batches(remarks(170)):
        client.checks.update(published, check_run(), batch)
    client.checks.update(published, check_run(conclusion=Conclusion.FAILURE), ())
    assert lines(github) == list(range(1, 171))
    assert github.run["conclusion"] == "failure"


def test_outage_is_reported_after_the_budget(github: GithubServer) -> None:
    client = JobClient(github, budget_seconds=60.0)
    published = client.checks.create(check_run())
    github.fault(Fault(method="PATCH", how="answer", status=503))
    with pytest.raises(RefusedError, match=r"^GitHub is not available at .* \(503: Told to\)\. Check whether"):
        client.checks.update(published, check_run(), remarks(1))
    assert sum(client.waits.seconds) <= 60.0


def test_deadline_bounds_active_and_later_requests(github: GithubServer) -> None:
    client = JobClient(github, deadline_seconds=200.0)
    published = client.checks.create(check_run())
    github.fault(Fault(method="PATCH", path=RUN, how="answer", status=503))
    client.waits.meanwhile = client.deadline.start  # the tests end while a live update waits for a retry
    began = client.clock.seconds
    for run in (check_run(), check_run(conclusion=Conclusion.FAILURE)):
        with pytest.raises(RefusedError):
            client.checks.update(published, run, ())
    assert 150 < client.clock.seconds - began <= 200
    assert [request.body.get("conclusion") for request in github.writes][-1] == "failure"


@pytest.mark.parametrize(("asked_seconds", "waited"), [(199, [199.0]), (201, [])])
def test_wait_beyond_deadline_is_not_started(github: GithubServer, asked_seconds: int, waited: list[float]) -> None:
    client = JobClient(github, deadline_seconds=200.0)
    published = client.checks.create(check_run())
    headers = {"Retry-After": str(asked_seconds)}
    github.fault(Fault(method="PATCH", path=RUN, nth=(1,), how="answer", status=429, headers=headers))
    client.deadline.start()
    with nullcontext() if waited else pytest.raises(RefusedError):
        client.checks.update(published, check_run(), ())
    assert client.waits.seconds == waited


def test_response_is_not_awaited_beyond_deadline(github: GithubServer) -> None:
    client = JobClient(github, deadline_seconds=14.0)
    published = client.checks.create(check_run())
    is_updated = threading.Event()
    github.fault(Fault(method="PATCH", path=RUN, nth=(1,), before=lambda: is_updated.wait(HANG_SECONDS)))
    client.deadline.start()
    client.checks.update(published, check_run(), ())
    is_updated.set()
    assert f"(read timeout={HURRIED_SECONDS})" in "".join(client.debug)


def test_reads_between_attempts_share_the_budget(github: GithubServer) -> None:
    client = JobClient(github, budget_seconds=60.0)
    published = client.checks.create(check_run())
    github.fault(Fault(path=RUN, how="drop"))
    with pytest.raises(RefusedError):
        client.checks.update(published, check_run(), remarks(1))
    assert sum(client.waits.seconds) <= 60.0


@pytest.mark.parametrize(
    "job", [pytest.param("nightly", id="two-jobs"), pytest.param("pytest", id="two-legs-of-a-matrix")]
)
def test_same_name_in_one_workflow_run_is_an_error(github: GithubServer, job: str) -> None:
    JobClient(github).checks.create(check_run())
    with pytest.raises(CheckError) as caught:
        JobClient(github).checks.create(check_run(job=job))
    text = str(caught.value)
    assert "Two jobs of this workflow run create a check named “pytest (unit)”" in text
    assert f"`pytest` and `{job}`" in text
    assert "`category` or `check-name`" in text
    assert len(github.runs) == 1


def test_same_name_in_other_workflow_run_is_allowed(github: GithubServer) -> None:
    for run_id in ("1", "2"):
        JobClient(github).checks.create(check_run(run_id=run_id))
    assert [run["status"] for run in github.runs] == ["in_progress"] * 2


def test_new_attempt_closes_open_run_of_previous_attempt(github: GithubServer) -> None:
    JobClient(github).checks.create(check_run(attempt=1))
    JobClient(github).checks.create(check_run(attempt=2))
    previous, new = github.runs
    assert (previous["status"], previous["conclusion"]) == ("completed", "cancelled")
    assert "A new attempt replaces it" in previous["output"]["summary"]
    assert new["status"] == "in_progress"


def test_new_attempt_keeps_completed_run_of_previous_attempt(github: GithubServer) -> None:
    previous = JobClient(github)
    published = previous.checks.create(check_run(attempt=1))
    previous.checks.update(published, check_run(attempt=1, conclusion=Conclusion.FAILURE), ())
    JobClient(github).checks.create(check_run(attempt=2))
    assert [run["conclusion"] for run in github.runs] == ["failure", None]


def test_failure_to_close_previous_run_is_logged_only(github: GithubServer) -> None:
    JobClient(github).checks.create(check_run(attempt=1))
    github.fault(Fault(method="PATCH", how="answer", status=403))
    client = JobClient(github)
    client.checks.create(check_run(attempt=2))
    assert len(github.runs) == 2
    assert client.log[0].startswith("The check run that a previous attempt left open could not be completed: ")


def test_run_of_other_app_is_ignored(github: GithubServer) -> None:
    JobClient(github, token(github.world.actions_token(REPOSITORY))).checks.create(check_run())
    JobClient(github).checks.create(check_run())
    assert [run["status"] for run in github.runs] == ["in_progress"] * 2


def test_own_runs_match_by_app_id_or_client_id(github: GithubServer) -> None:
    for attempt, app_id in enumerate((str(github.app.id), github.app.client_id, str(github.app.id)), start=1):
        JobClient(github, app(github, app_id=app_id)).checks.create(check_run(attempt=attempt))
    assert [run["conclusion"] for run in github.runs] == ["cancelled", "cancelled", None]


def test_all_pages_of_check_runs_are_read(github: GithubServer) -> None:
    old = JobClient(github)
    old.checks.create(check_run(run_id="0"))
    for number in range(1, 101):
        github.world.copy_run(github.runs[0], external_id=str(number))
    before = len(github.reads)
    JobClient(github).checks.create(check_run(run_id="0", attempt=2))
    assert [request.query["page"] for request in github.reads[before:] if "/commits/" in request.path] == ["1", "2"]
    assert github.runs[0]["conclusion"] == "cancelled"


def refuse_lines(github: GithubServer, bad: set[int], marker: str) -> None:
    """Make GitHub reject annotations on these lines whose message contains the marker."""
    github.world.refuses = lambda annotation: annotation["start_line"] in bad and marker in annotation["message"]


@pytest.mark.parametrize("conclusion", [None, Conclusion.FAILURE])
@pytest.mark.parametrize("bad", [{1}, {50}, {17, 18}, set(range(1, 51))], ids=["first", "last", "two", "all"])
def test_refused_annotation_is_sent_in_plain_characters(
    github: GithubServer, bad: set[int], conclusion: Conclusion | None
) -> None:
    refuse_lines(github, bad, "☃")
    client = JobClient(github)
    published = client.checks.create(check_run())
    client.checks.update(published, check_run(conclusion=conclusion), remarks(50, message="a ☃"))
    assert lines(github) == list(range(1, 51))
    assert {request["start_line"] for request in github.annotations() if request["message"] == r"a \u2603"} == bad
    assert github.run["conclusion"] == conclusion
    assert len(client.log) == len(bad)
    assert "in plain ASCII" in client.log[0]


def test_annotation_refused_twice_is_left_out_and_reported(github: GithubServer) -> None:
    refuse_lines(github, {23}, "")
    client = JobClient(github)
    published = client.checks.create(check_run())
    client.checks.update(published, check_run(conclusion=Conclusion.FAILURE), remarks(50))
    assert lines(github) == [line for line in range(1, 51) if line != 23]
    (line,) = client.log
    assert line.startswith("GitHub rejected the annotation at tests/test_a.py:23, and it is left out: ")
    assert github.run["output"]["summary"].endswith(
        "GitHub rejected 1 annotation, which is missing here: `tests/test_a.py:23`."
    )
    assert len(github.writes) < 20


@pytest.mark.parametrize("marker", ["", "☃"], ids=["left-out", "mended"])
def test_refusals_are_reported_in_completed_run_without_requests(github: GithubServer, marker: str) -> None:
    refuse_lines(github, {1}, marker)
    client = JobClient(github)
    published = client.checks.create(check_run())
    client.checks.update(published, check_run(), remarks(1, message="☃"))
    assert "`tests/test_a.py:1`" not in github.run["output"]["summary"]
    before = len(github.requests)
    client.checks.update(published, check_run(conclusion=Conclusion.FAILURE), remarks(1, first=2))
    assert "`tests/test_a.py:1`" in github.run["output"]["summary"]
    assert len(github.requests) == before + 1


def test_run_completes_once_and_before_the_rest_of_a_refused_batch(github: GithubServer) -> None:
    refuse_lines(github, {23}, "☃")
    client = JobClient(github)
    published = client.checks.create(check_run())
    client.checks.update(published, check_run(conclusion=Conclusion.FAILURE), remarks(50, message="☃"))
    statuses = [
        request.body.get("status") for request in github.writes if request.method == "PATCH" and request.status == 200
    ]
    assert statuses[0] == "completed"
    assert set(statuses[1:]) == {None}


def test_lost_responses_during_bisection_duplicate_nothing(github: GithubServer) -> None:
    refuse_lines(github, {23}, "")
    client = JobClient(github)
    published = client.checks.create(check_run())
    github.fault(Fault(method="PATCH", path=RUN, nth=tuple(range(2, 60, 2)), done=True))
    client.checks.update(published, check_run(conclusion=Conclusion.FAILURE), remarks(50))
    assert lines(github) == [line for line in range(1, 51) if line != 23]


def test_too_large_request_is_halved(github: GithubServer) -> None:
    github.world.most_bytes = 20_000
    client = JobClient(github)
    published = client.checks.create(check_run())
    client.checks.update(published, check_run(), remarks(50, message="x" * 1000))
    assert lines(github) == list(range(1, 51))
    assert client.log == []


def test_refused_output_does_not_blame_annotations(github: GithubServer) -> None:
    client = JobClient(github)
    published = client.checks.create(check_run())
    github.fault(Fault(method="PATCH", how="answer", status=422))
    with pytest.raises(RefusedError) as caught:
        client.checks.update(published, check_run(), remarks(50))
    assert caught.value.error_kind is ErrorKind.INVALID
    assert len(github.writes) == 3


def test_revoked_permission_is_reported_with_remedy(github: GithubServer) -> None:
    client = JobClient(github)
    published = client.checks.create(check_run())
    body = {"message": "Resource not accessible by integration"}
    github.fault(Fault(method="PATCH", how="answer", status=403, body=body))
    with pytest.raises(RefusedError, match="set Checks to Read and write"):
        client.checks.update(published, check_run(), remarks(50))


def test_enterprise_server_gets_runs(github: GithubServer) -> None:
    client = JobClient(github, api_url=github.enterprise_url)
    client.checks.update(client.checks.create(check_run()), check_run(), remarks(3))
    assert lines(github) == [1, 2, 3]


def test_publisher_name_says_who_publishes(github: GithubServer) -> None:
    assert JobClient(github).checks.name == "the GitHub App"
    assert JobClient(github, token("ghs_x")).checks.name == "`github-token`"


def test_two_jobs_claiming_one_expected_run_make_two_runs(github: GithubServer) -> None:
    expected = Identity(workflow="tests.yml", attempt=0, category="unit", kind=RunKind.EXPECTED)
    client = JobClient(github)
    client.checks.create(check_run(run_id="0"))
    github.run.update(status="queued", external_id=compose(expected))
    other_id = compose(check_run(run_id="2").identity)
    client.waits.meanwhile = lambda: github.runs[0].update(external_id=other_id)
    own = client.checks.create(check_run(run_id="1"))
    assert [run["external_id"] for run in github.runs] == [other_id, compose(check_run(run_id="1").identity)]
    assert own.id == str(github.runs[1]["id"])


def test_lost_creation_is_found_without_client_ids(github: GithubServer) -> None:
    github.world.knows_client_ids = False
    github.fault(Fault(method="POST", path="/check-runs$", nth=(1,), how="drop", done=True))
    JobClient(github, app(github, app_id=github.app.client_id)).checks.create(check_run())
    assert len(github.runs) == 1
    assert [request.path for request in github.requests].count("/app") == 1
