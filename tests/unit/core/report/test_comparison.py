"""What a summary says about the base."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.history.compare import Comparison, NamedTests
from checks.core.model.check_run import Conclusion
from checks.core.model.history import Base, NoBase
from checks.core.model.item import Item, Outcome
from checks.core.model.session import Session
from checks.core.model.verdict import Remark, Verdict
from checks.core.report.comparison import section
from checks.core.report.summary import Frame, summary
from tests.support.bases import PAGE, base_of, compared
from tests.support.causes import causes_of
from tests.support.rendered import Page
from tests.support.rules import rule
from tests.support.sessions import failed, flaky, item, passed, session, skipped, stage

BASE = base_of(session(item()))
LINK = f"[main at c0ffee1]({PAGE})"
A, B, C = "tests/test_a.py::test_a", "tests/test_a.py::test_b", "tests/test_b.py::test_c"


def fails(nodeid: str) -> Item:
    return item(nodeid, call=failed(f"AssertionError: {nodeid}"))


@pytest.mark.parametrize(
    ("comparison", "line"),
    [
        (Comparison(base=BASE), f"No change, compared with {LINK}"),
        (
            Comparison(base=BASE, new=(A, B), fixed=(C,), also_failing=120),
            f"2 new · 1 fixed · 120 also failing on {LINK}",
        ),
        (Comparison(base=BASE, also_failing=1_200), f"1,200 also failing on {LINK}"),
        (Comparison(base=BASE, fixed=(A,)), f"1 fixed, compared with {LINK}"),
        (Comparison(base=BASE, flaky=1), f"1 flaky there, compared with {LINK}"),
        (
            Comparison(base=BASE, also_failing=1, removed=NamedTests(names=(A,), unnamed=8), added=3),
            f"1 also failing on {LINK} · 9 removed · 3 added",
        ),
        (
            Comparison(
                base=BASE,
                newly_skipped=NamedTests(names=(A,)),
                count_changes={Outcome.PASSED: 1_234, Outcome.SKIPPED: -1, Outcome.XFAILED: 0},
                seconds_change=-12.0,
            ),
            f"1 newly skipped · +1,234 passed, -1 skipped · -12 s, compared with {LINK}",
        ),
        (Comparison(base=BASE, seconds_change=72.0), f"+1 m 12 s, compared with {LINK}"),
        (Comparison(base=replace(BASE, page="")), "No change, compared with main at c0ffee1"),
        (
            Comparison(base=replace(BASE, branch="")),
            f"No change, compared with [c0ffee1]({PAGE})",
        ),
    ],
)
def test_line_says_what_differs(comparison: Comparison, line: str) -> None:
    assert section(comparison).partition("\n\n")[0] == line


@rule("Compare: an ancestor of the base")
def test_ancestor_is_named() -> None:
    results = session(fails(A), exit_status=1)
    text = section(compared(results, base_of(session(item(A)), is_exact=False)))
    line, note, *_ = text.split("\n\n")
    assert line == f"1 not failing there · -1 passed, compared with {LINK}, an ancestor of the base"
    assert note == "Not compared with the base itself: the check run of main at b45e000 has no results."
    assert "Failures that it does not have: 1" in text


@pytest.mark.parametrize(
    ("comparison", "text"),
    [
        (None, ""),
        (Comparison(base=None), "Not compared: GitHub did not name the base in time."),
        (
            Comparison(base=NoBase(reason="*main* at c0ffee1 is still running")),
            r"Not compared: \*main\* at c0ffee1 is still running.",
        ),
    ],
    ids=["off", "late", "no base"],
)
def test_no_base_is_half_a_line(comparison: Comparison | None, text: str) -> None:
    assert section(comparison) == text


@pytest.mark.parametrize(
    ("comparison", "sentence"),
    [
        (Comparison(base=BASE, unknown=2), "2 failures not compared, because several tests may have that ID."),
        (
            Comparison(base=BASE, why_no_lists="this run did not finish"),
            "Removed and newly skipped tests are unknown, because this run did not finish.",
        ),
        (
            Comparison(base=BASE),
            "Newly skipped tests are unknown, because the base's check run had no room for its skipped tests.",
        ),
        (
            Comparison(base=BASE, removed=NamedTests(names=(A,)), added=1, newly_skipped=NamedTests()),
            "A renamed test counts as removed and as added.",
        ),
    ],
)
def test_what_is_unknown_is_said(comparison: Comparison, sentence: str) -> None:
    assert sentence in section(comparison).replace("\\", "")


@rule("Compare: tests were deselected here")
@pytest.mark.parametrize(("is_known", "word"), [(True, "removed"), (False, "removed or deselected")])
def test_deselected_tests_are_not_called_removed(is_known: bool, word: str) -> None:
    text = section(Comparison(base=BASE, removed=NamedTests(names=(A,)), has_deselected=not is_known))
    assert text.startswith(f"1 {word}, compared with ")
    assert f"<summary>{word.capitalize()} tests: 1</summary>" in text


def test_nothing_unknown_needs_no_sentence() -> None:
    assert section(compared(session(item()), BASE)) == f"No change, compared with {LINK}"


@rule("Compare: more than 20 tests are in a list")
@pytest.mark.parametrize(("count", "is_open"), [(1, True), (20, True), (21, False), (2_000, False)])
def test_long_list_is_folded(count: int, is_open: bool) -> None:
    names = tuple(f"tests/test_a.py::test_{number:04}" for number in range(count))
    text = section(Comparison(base=BASE, new=names))
    assert f"<details{' open' * is_open}><summary>New failures: {count:,}</summary>" in text
    assert names[0] in text
    assert (" more\n```" in text) is (count == 2_000)


def test_names_that_the_base_does_not_hold_are_counted() -> None:
    text = section(Comparison(base=BASE, removed=NamedTests(names=(A,), unnamed=7)))
    assert f"Removed tests: 8</summary>\n\n```\n{A}\n7 that the base's check run does not name" in text
    text = section(Comparison(base=BASE, removed=NamedTests(unnamed=7)))
    assert "\n7 that the base" in text


def test_lists_have_a_limit_of_bytes() -> None:
    names = tuple(f"tests/test_a.py::test_{'x' * 1_000}{number}" for number in range(500))
    tests = NamedTests(names=names)
    text = section(Comparison(base=BASE, new=names, fixed=names, removed=tests, newly_skipped=tests))
    assert len(text.encode()) < 14 * 1024
    assert [f"{word}: 500" in text for word in ("New failures", "Removed tests", "Newly skipped tests", "Fixed")] == [
        True
    ] * 4


def summary_of(results: Session, base: Base | NoBase | None) -> str:
    frame = Frame(url_of=lambda _: "", causes=causes_of(results), comparison=compared(results, base))
    return summary(results, Verdict(conclusion=Conclusion.FAILURE, title="", remarks=(Remark(text="Why."),)), frame)


def test_summary_has_the_line_between_counts_and_remarks() -> None:
    results = session(fails(A), fails(B), item(C), exit_status=1)
    text = summary_of(results, base_of(session(fails(A), item(B), fails(C))))
    table, line, *_ = text.split("\n\n")
    assert table.startswith("| passed | failed |")
    assert line == f"1 new · 1 fixed · 1 also failing on {LINK}"
    assert text.index("Fixed: 1") < text.index("Why.") < text.index("### Causes")


def test_new_failures_are_marked_among_causes_and_failures() -> None:
    common = [item(f"tests/test_b.py::test_{n}", call=failed("KeyError: 1")) for n in (1, 2, 3)]
    results = session(fails(A), fails(B), *common, exit_status=1)
    base = base_of(session(item(A), fails(B), common[0], item(common[1].nodeid)))
    causes, _, failures = summary_of(results, base).partition("### Failures")
    assert [cell in causes for cell in ("<td>3, 2 new</td>", "<td>1, new</td>", "<td>1</td>")] == [True] * 3
    heads = [line for line in failures.splitlines() if "<code>tests/" in line]
    marked = {line.partition("<code>")[2].partition("</code>")[0] for line in heads if " · new · cause " in line}
    assert marked == {A, common[1].nodeid, common[2].nodeid}


@pytest.mark.parametrize("base", [None, NoBase(reason="x"), base_of(session(item()), is_exact=False)])
def test_nothing_is_marked_without_the_very_base(base: Base | NoBase | None) -> None:
    text = summary_of(session(fails(A), fails(B), exit_status=1), base)
    assert " · new" not in text
    assert ", new" not in text


def test_names_and_branch_are_shown_as_text() -> None:
    nasty = "tests/test_a.py::test_[</details>``` @octocat #12]"
    results = session(fails(nasty), item(A, call=skipped()), flaky(B), item(C, call=stage(Outcome.XPASSED)))
    base = base_of(session(item(nasty, call=passed()), item(A)), branch="@octocat/*x*[y](z)")
    page = Page(summary_of(replace(results, exit_status=1), base))
    assert "@\u200boctocat/*x*[y](z) at c0ffee1" in page.prose
    assert page.is_balanced
    assert "@octocat" not in page.prose
    assert {*page.links} == {PAGE}
