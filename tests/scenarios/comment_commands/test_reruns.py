"""Commands that re-run tests, with the refusals of the buttons."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.core.github.external_id import compose
from checks.core.model.delivery import DeliveryStatus
from checks.core.model.identity import RunKind
from tests.support.conversations import HEAD, NEXT, CommentScenario
from tests.support.github.faults import Fault
from tests.support.github.server import GithubServer
from tests.support.rerun.reruns import FAILED
from tests.support.rules import rule

REQUESTED = "Re-run of 1 failed test requested by @octocat"


@rule("What you can write: /check rerun NAME failed or all")
@rule("What you can write: /check rerun NAME")
@pytest.mark.parametrize(
    ("failed", "scope", "title"),
    [
        (1, "", REQUESTED),
        (1, " Failed", REQUESTED),
        (1, " all", "Re-run of all tests requested by @octocat"),
        (0, "", "Re-run of all tests requested by @octocat"),
    ],
)
def test_command_starts_the_workflow(
    scenario: CommentScenario, github: GithubServer, failed: int, scope: str, title: str
) -> None:
    scenario.tests(failed=failed)
    assert scenario.say(f"/check rerun unit{scope}").reason == "rerun: started a re-run of pytest (unit)"
    assert scenario.titles("unit")[-1] == title
    assert [dispatch.ref for dispatch in github.world.dispatches] == ["topic"]
    assert (scenario.reactions, scenario.answers) == (["+1"], [])


def test_several_checks_share_one_workflow_run(scenario: CommentScenario, github: GithubServer) -> None:
    for category in ("unit", "docs", "lint"):
        scenario.tests(category)
    assert scenario.say("/check rerun unit\n/check rerun docs all\n/check rerun lint").status is DeliveryStatus.DONE
    assert len(github.world.dispatches) == 1
    assert [len(scenario.runs(category)) for category in ("unit", "docs", "lint")] == [2, 2, 2]


def test_rerun_that_is_delivered_twice_starts_once(scenario: CommentScenario, github: GithubServer) -> None:
    scenario.tests()
    comment = scenario.post("/check rerun unit")
    assert [scenario.handle(comment).status for _ in range(3)] == [DeliveryStatus.DONE] * 3
    assert (len(scenario.runs("unit")), len(github.world.dispatches)) == (2, 1)
    assert (scenario.reactions, scenario.answers) == (["+1"], [])


@pytest.mark.parametrize("is_done", [False, True])
def test_rerun_that_was_interrupted_is_continued(
    scenario: CommentScenario, github: GithubServer, *, is_done: bool
) -> None:
    scenario.tests()
    comment = scenario.post("/check rerun unit")
    github.fault(Fault(path="/dispatches$", how="answer", status=502, done=is_done))
    assert scenario.handle(comment).status is DeliveryStatus.LATER
    assert (scenario.titles("unit")[-1], scenario.reactions) == (REQUESTED, [])
    github.mend()
    assert scenario.handle(comment).status is DeliveryStatus.DONE
    assert (len(scenario.runs("unit")), scenario.reactions) == (2, ["+1"])
    assert (len(github.world.dispatches) > 1) is is_done  # at least once; a job claims the check at most once


@rule("What is refused: a check that is queued or runs")
@pytest.mark.parametrize(
    ("fields", "line"),
    [
        pytest.param({"conclusion": None, "status": "in_progress"}, "it is in progress now", id="running"),
        pytest.param({"conclusion": None, "status": "queued"}, "it is queued now", id="queued"),
        pytest.param(
            {"external_id": compose(replace(FAILED, category="unit", kind=RunKind.PUBLISHED))},
            "its tests were not run by a workflow, so no workflow can be started",
            id="published",
        ),
    ],
)
def test_refusals_of_the_buttons_hold(
    scenario: CommentScenario, github: GithubServer, fields: dict[str, Any], line: str
) -> None:
    scenario.tests(**fields)
    assert scenario.say("/check rerun unit").status is DeliveryStatus.REFUSED
    assert f"`/check rerun unit`: {line}" in scenario.answer
    assert github.world.dispatches == []
    assert len(scenario.runs("unit")) == 1


@rule("What is refused: a re-run that the buttons refuse")
def test_commit_of_a_fork_is_not_rerun(scenario: CommentScenario, github: GithubServer) -> None:
    github.world.branches.clear()
    github.world.start_workflow_run(run_id=4711, sha=HEAD, head_repository="mallory/demo")
    scenario.tests()
    scenario.say("/check rerun unit")
    assert "the commit is from a fork or on no branch" in scenario.answer
    assert github.world.dispatches == []


def test_workflow_that_cannot_be_started_is_explained(scenario: CommentScenario, github: GithubServer) -> None:
    scenario.tests()
    github.world.workflows["tests.yml"] = None
    comment = scenario.post("/check rerun unit")
    assert scenario.handle(comment).status is DeliveryStatus.REFUSED
    assert "has no trigger `workflow_dispatch`" in scenario.answer
    assert scenario.titles("unit")[-1].startswith("not started · ")
    scenario.handle(comment)
    assert len(scenario.answers) == 1


@rule("What is refused: rerun NAME failed without a failed test")
def test_nothing_failed_is_no_reason_to_run_all(scenario: CommentScenario) -> None:
    scenario.tests(failed=0)
    scenario.say("/check rerun unit failed")
    assert "it has no failed tests to re-run; use `all`" in scenario.answer
    assert len(scenario.runs("unit")) == 1


@pytest.mark.parametrize("text", ["some", "failed please", "all @octocat"])
def test_other_text_after_the_name_is_refused(scenario: CommentScenario, text: str) -> None:
    scenario.tests()
    scenario.say(f"/check rerun unit {text}")
    assert "after the name, `failed` or `all` may follow, and nothing else" in scenario.answer
    assert len(scenario.runs("unit")) == 1


def test_push_between_comment_and_rerun_is_noticed(scenario: CommentScenario, github: GithubServer) -> None:
    scenario.tests()
    comment = scenario.post("/check rerun unit")
    scenario.push()
    scenario.tests(commit=NEXT)
    assert scenario.handle(comment).status is DeliveryStatus.REFUSED
    assert "new commits since your comment: this check of bbbbbbb is newer." in scenario.answer
    assert github.world.dispatches == []


def test_named_commit_is_rerun_where_its_workflow_ran(scenario: CommentScenario, github: GithubServer) -> None:
    scenario.tests()
    comment = scenario.post("/check rerun unit @aaaaaaa all")
    scenario.push()
    scenario.tests(commit=NEXT)
    assert scenario.handle(comment).status is DeliveryStatus.DONE
    assert (len(scenario.runs("unit")), len(scenario.runs("unit", NEXT))) == (2, 1)
    assert len(github.world.dispatches) == 1


def test_run_by_somebody_else_since_the_comment_counts(scenario: CommentScenario, github: GithubServer) -> None:
    scenario.tests()
    comment = scenario.post("/check rerun unit")
    scenario.tests()  # a job that was re-run
    assert scenario.handle(comment).status is DeliveryStatus.REFUSED
    assert "of this check is newer" in scenario.answer
    assert github.world.dispatches == []


def test_lost_job_is_completed_and_rerun(scenario: CommentScenario, github: GithubServer) -> None:
    scenario.tests(conclusion=None, status="in_progress")
    github.world.complete_workflow_run(4711, "failure")
    assert scenario.say("/check rerun unit").status is DeliveryStatus.DONE
    assert scenario.runs("unit")[0]["output"]["title"].startswith("job lost")
    assert len(github.world.dispatches) == 1
