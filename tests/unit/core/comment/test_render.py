from __future__ import annotations

import re
from dataclasses import replace
from html import escape

import pytest

from checks.core.comment.decide import MARKER, Comment, decide
from checks.core.comment.render import may_create, render
from checks.core.model.check_run import Conclusion, Output, RemoteCheckRun, Status
from checks.core.model.identity import Identity, RunKind
from checks.core.model.limits import COMMENT_CHARACTERS
from checks.core.model.settings import CommentMode
from checks.core.text.escape import one_line
from tests.support.bodies import ATTACKS
from tests.support.rendered import Page
from tests.support.rerun.check_runs import REMOTE
from tests.support.rules import rule
from tests.unit.core.comment.test_causes import row, table

COMMIT = "c0ffee1" + "0" * 33


def run(
    number: int,
    name: str,
    conclusion: Conclusion | None = Conclusion.SUCCESS,
    title: str = "9 passed",
    summary: str = "",
) -> RemoteCheckRun:
    """Return a completed check run, or one in progress without a conclusion."""
    return replace(
        REMOTE,
        id=str(number),
        name=name,
        status=Status.COMPLETED if conclusion else Status.IN_PROGRESS,
        conclusion=conclusion,
        output=Output(title=title, summary=summary),
        page=f"https://github.test/o/r/runs/{number}",
    )


FAILED = run(1, "unit", Conclusion.FAILURE, "1 failed, 2 passed")


def shown(*runs: RemoteCheckRun) -> Page:
    """Return the comment as GitHub renders it, without the marker, which is its last line."""
    text, _, last = render(runs, COMMIT).rpartition("\n")
    assert last == MARKER
    return Page(text)


def names(page: Page) -> list[str]:
    return [code for code in page.code if code != COMMIT[:7]]


@pytest.mark.parametrize(
    ("runs", "heading"),
    [
        pytest.param([run(1, "a"), run(2, "b")], "All checks passed", id="passed"),
        pytest.param([run(1, "a"), run(2, "b", Conclusion.NEUTRAL)], "No check failed", id="neutral"),
        pytest.param([run(1, "a"), run(2, "b", Conclusion.FAILURE)], "1 of 2 checks failed", id="failed"),
        pytest.param([run(1, "a", Conclusion.CANCELLED)], "1 of 1 check failed", id="cancelled"),
        pytest.param([run(1, "a"), run(2, "b", None)], "1 of 2 checks finished, none failed", id="unfinished"),
        pytest.param([replace(run(1, "a"), conclusion=None)], "1 of 1 check failed", id="stale"),
        pytest.param([run(1, "a", Conclusion.FAILURE), run(2, "a")], "All checks passed", id="the-newest-of-a-name"),
        pytest.param([run(10, "a"), run(9, "a", Conclusion.FAILURE)], "All checks passed", id="newest-by-number"),
    ],
)
def test_heading_counts_the_newest_run_of_each_name(runs: list[RemoteCheckRun], heading: str) -> None:
    assert render(runs, COMMIT).startswith(f"### {heading}\n\n")


MANUAL = Identity(workflow="manual.yml", kind=RunKind.MANUAL)


def manual(number: int, name: str, conclusion: Conclusion = Conclusion.ACTION_REQUIRED) -> RemoteCheckRun:
    title = {Conclusion.SUCCESS: "Passed by octocat", Conclusion.FAILURE: "Failed by octocat"}
    return replace(run(number, name, conclusion, title.get(conclusion, "Waiting for a verdict")), identity=MANUAL)


@pytest.mark.parametrize(
    ("runs", "heading"),
    [
        ([run(1, "a"), manual(2, "b")], "1 of 2 checks waits for a verdict, none failed"),
        ([manual(1, "a"), manual(2, "b")], "2 of 2 checks wait for a verdict, none failed"),
        ([run(1, "a", None), manual(2, "b"), run(3, "c")], "1 of 3 checks finished, none failed"),
        ([FAILED, manual(2, "b")], "1 of 2 checks failed"),
        ([run(1, "a"), manual(2, "b", Conclusion.FAILURE)], "1 of 2 checks failed"),
        ([run(1, "a"), manual(2, "b", Conclusion.SUCCESS)], "All checks passed"),
    ],
)
def test_manual_check_that_waits_has_not_failed(runs: list[RemoteCheckRun], heading: str) -> None:
    assert render(runs, COMMIT).startswith(f"### {heading}\n\n")


def test_manual_check_that_waits_is_between_failed_and_passed_ones() -> None:
    page = shown(run(1, "a"), manual(2, "b"), FAILED)
    assert names(page) == ["unit", "b", "a"]
    assert "Waiting for a verdict: 1." in page.prose
    assert "✋Waiting for a verdict" in page.prose
    assert not may_create(CommentMode.FAILURES, [manual(2, "b")])


def test_summary_of_a_manual_check_has_no_causes() -> None:
    summary = table(row())
    assert "### Causes" in render([run(1, "a", Conclusion.FAILURE, summary=summary)], COMMIT)
    failed = replace(manual(1, "a", Conclusion.FAILURE), output=Output(title="Failed", summary=summary))
    assert "### Causes" not in render([failed], COMMIT)


def test_failed_checks_come_first_then_unfinished_ones() -> None:
    cancelled = run(5, "a", Conclusion.CANCELLED)
    page = shown(run(6, "d"), run(2, "c", None), run(3, "b"), run(4, "z", Conclusion.TIMED_OUT), FAILED, cancelled)
    assert names(page) == ["unit", "z", "a", "c", "b", "d"]
    assert page.links == [f"https://github.test/o/r/runs/{number}" for number in (1, 4, 5, 2, 3, 6)]
    assert "failure: 1 failed, 2 passed" in page.prose
    assert "Unfinished: 1." in page.prose


def test_progress_of_a_running_check_does_not_change_the_text() -> None:
    first, second = (render([FAILED, run(2, "b", None, title=title)], COMMIT) for title in ("1 of 9", "8 of 9"))
    assert first == second


def test_causes_of_all_checks_are_shown_with_their_checks() -> None:
    summary = table(row("KeyError: 'price'", tests="1,200, 2 new"), row("b", tests="3"))
    runs = [run(number, f"py{number}", Conclusion.FAILURE, summary=summary) for number in range(5)]
    page = shown(*runs)
    checks = ["py0", "py1", "py2"]
    assert page.code[6:] == ["KeyError: 'price'", "a.py:1", *checks, "b", "a.py:1", *checks]
    assert "6,00010 new" in page.prose
    assert page.prose.count("and 2 more") == 2


@rule("Comment: names of checks, titles and messages")
@rule("Injecting markup: the pull request's comment, by the name of a check, its title or a message")
@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_names_titles_and_messages_remain_code(attack: str) -> None:
    summary = table(row(message=escape(one_line(attack)), place="several"))
    hostile = replace(run(7, attack, Conclusion.FAILURE, attack, summary), page="https://github.test/o/r/runs/7")
    page = shown(hostile, run(8, "plain"))
    assert page.is_balanced
    assert sum(code.startswith(one_line(attack)[:100]) for code in page.code) >= 3  # name, message, check of the cause
    assert {*page.tags} <= {"h3", "p", "code", "table", "tbody", "tr", "th", "td", "a", "br", "b"}
    assert {*page.links} == {"https://github.test/o/r/runs/7", "https://github.test/o/r/runs/8"}
    assert not re.search(r"[@#]\w|GH-\d|https?:", page.prose)


@pytest.mark.parametrize(
    "title",
    ["@octocat", "see #12", "GH-12", "a|`@x`", "https://github.com/o/r/issues/1", "**x**", "<img src=x>", "[a](b)"],
)
def test_title_with_other_characters_is_code(title: str) -> None:
    assert title in shown(run(1, "a", title=title)).code


@rule("Comment: more checks and causes than fit into 65,536 characters")
@pytest.mark.parametrize("character", ["x", "&", "é", "🙂", "`"])
def test_text_keeps_the_limit(character: str) -> None:
    summary = table(*(row(message=f"{number}{'x' * 400}", tests=str(999 - number)) for number in range(300)))
    summaries = [summary, *[""] * 899]
    runs = [
        run(number, f"{number}{character * 400}", Conclusion.FAILURE, character * 400, summaries[number])
        for number in range(900)
    ]
    text = render([*runs, run(9_999, "passed")], COMMIT)
    assert len(text) <= len(text.encode()) <= COMMENT_CHARACTERS
    assert re.search(r"\nShowing \d+ of 901 checks\.\n", text)
    assert re.search(r"\nShowing \d+ of 300 causes\.\n", text)
    assert ">passed<" not in text
    assert decide([Comment(id="1", body=text, is_own_author=True)], text, may_create=True) == ()


@rule("Comment: failures, and no check has failed")
@pytest.mark.parametrize(
    ("mode", "runs", "expected"),
    [
        (CommentMode.ALWAYS, [run(1, "a")], True),
        (CommentMode.FAILURES, [run(1, "a"), run(2, "b", None)], False),
        (CommentMode.FAILURES, [run(1, "a"), FAILED], True),
        (CommentMode.FAILURES, [FAILED, run(2, "unit")], False),
        (CommentMode.OFF, [FAILED], False),
    ],
)
def test_comment_is_created_at_the_first_failure(mode: CommentMode, runs: list[RemoteCheckRun], expected: bool) -> None:
    assert may_create(mode, runs) is expected
