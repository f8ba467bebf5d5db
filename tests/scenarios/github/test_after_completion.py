"""Updates of a check run that is completed already."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.github import external_id
from checks.core.model.check_run import Conclusion
from checks.core.model.identity import RunKind
from checks.core.model.ports import PublishError
from tests.support.github.job_client import JobClient, check_run, remarks
from tests.support.github.server import Fault, GithubServer

RUN = r"/check-runs/\d+$"
DONE = check_run(conclusion=Conclusion.FAILURE)
WHOLE = replace(DONE, identity=replace(DONE.identity, kind=RunKind.COMPLETE))


def test_updates_after_the_completion_carry_output_and_annotations_only(github: GithubServer) -> None:
    client = JobClient(github)
    published = client.checks.create(check_run())
    for first in (1, 51):
        client.checks.update(published, DONE, remarks(50, first=first))
    client.checks.update(published, WHOLE, remarks(20, first=101))
    completing, *later = (request.body for request in github.writes if request.method == "PATCH")
    assert {"status", "conclusion", "completed_at"} <= completing.keys()
    assert [sorted(body) for body in later] == [["output"], ["external_id", "output"]]
    assert external_id.parse(github.run["external_id"]) == WHOLE.identity
    assert [annotation["start_line"] for annotation in github.annotations()] == [*range(1, 121)]


@pytest.mark.parametrize("how", ["half", "drop"])
def test_lost_response_after_the_completion_doubles_nothing(github: GithubServer, how: str) -> None:
    client = JobClient(github)
    published = client.checks.create(check_run())
    client.checks.update(published, DONE, remarks(50))
    github.fault(Fault(method="PATCH", path=RUN, nth=(1,), how=how, done=True))  # type: ignore[arg-type]
    client.checks.update(published, WHOLE, remarks(20, first=51))
    assert [annotation["start_line"] for annotation in github.annotations()] == [*range(1, 71)]


def test_annotations_that_github_does_not_add_are_an_error(github: GithubServer) -> None:
    github.world.adds_to_completed = False
    client = JobClient(github)
    published = client.checks.create(check_run())
    client.checks.update(published, DONE, remarks(50))
    with pytest.raises(PublishError, match="does not add annotations to the completed check run, which has 50 of them"):
        client.checks.update(published, WHOLE, remarks(20, first=51))


def test_count_is_read_if_the_answer_does_not_have_it(github: GithubServer) -> None:
    client = JobClient(github)
    published = client.checks.create(check_run())
    client.checks.update(published, DONE, remarks(50))
    body = {"id": 1, "output": {"annotations_count": 50}}
    github.fault(Fault(method="PATCH", path=RUN, nth=(1,), how="answer", status=200, body=body, done=True))
    client.checks.update(published, WHOLE, remarks(20, first=51))
    assert len(github.annotations()) == 70


def test_rejected_annotation_after_the_completion_is_sent_in_plain_characters(github: GithubServer) -> None:
    github.world.refuses = lambda annotation: "☃" in annotation["message"]
    client = JobClient(github)
    published = client.checks.create(check_run())
    client.checks.update(published, DONE, remarks(50))
    client.checks.update(published, WHOLE, remarks(2, first=51, message="☃"))
    assert [annotation["start_line"] for annotation in github.annotations()] == [*range(1, 53)]
    assert "`tests/test_a.py:51`" in github.run["output"]["summary"]
    assert sum("conclusion" in request.body for request in github.writes) == 1
    assert external_id.parse(github.run["external_id"]) == WHOLE.identity


def test_next_attempt_finds_the_run_that_was_not_confirmed(github: GithubServer) -> None:
    client = JobClient(github, budget_seconds=0.0)
    github.fault(Fault(method="POST", path="/check-runs$", nth=(1,), how="drop", done=True))
    with pytest.raises(PublishError):
        client.checks.create(check_run())
    published = client.checks.create(check_run())
    assert [str(run["id"]) for run in github.runs] == [published.id]
    client.checks.update(published, DONE, remarks(2))
    assert len(github.annotations()) == 2
