"""The sections of a summary about earlier commits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from checks.core.history.past import MOST_TESTS, entries_that_passed, past_of
from checks.core.history.past_runs import LookBack, PastCommit
from checks.core.history.quarantine import QuarantineEntry
from checks.core.history.test_key import key
from checks.core.model.check_run import Conclusion
from checks.core.model.item import Item
from checks.core.model.job import Context
from checks.core.model.session import Session
from checks.core.model.verdict import Verdict
from checks.core.report.past import changes_url_builder, section
from checks.core.report.summary import Frame, summary
from checks.core.results.causes import by_size, one_per_cause_first
from tests.support.causes import causes_of
from tests.support.look_backs import FILE, OTHER, RECORDS, TEST, commit_id, look_back, past_run
from tests.support.rendered import Page
from tests.support.rules import rule
from tests.support.sessions import collector, failed, flaky, item, session

CONTEXT = Context(repository="octo/demo", head_sha="d" * 40)
RUNS = "https://github.com/octo/demo/runs"
FAILING = item(TEST, call=failed())


def markdown(results: Session, past: LookBack | None) -> str:
    failures = [*one_per_cause_first(by_size(causes_of(results)))]
    return section(past_of(results, failures, past), changes_url_builder(CONTEXT))


QUARANTINED = QuarantineEntry(test="test_a.py::test_i*", until=date(2027, 1, 31), reason="It is slow")


@rule("Quarantine: a quarantined test has passed ten times")
@pytest.mark.parametrize(
    ("commits", "results", "is_listed"),
    [
        (["P"] * 10, session(item(TEST)), True),
        (["P", "."] * 10, session(item(TEST)), True),
        (["P"] * 10 + ["F"], session(item(TEST)), True),
        (["P"] * 9, session(item(TEST)), False),
        (["P"] * 9 + ["F"] + ["P"], session(item(TEST)), False),
        (["P"] * 9 + ["Q"] + ["P"], session(item(TEST)), False),
        (["P"] * 9 + ["R"] + ["P"], session(item(TEST)), False),
        (["S", "-", "?"] * 10, session(item(TEST)), False),
        (["P"] * 10, session(FAILING), False),
        (["P"] * 10, session(flaky(TEST)), False),
        (["P"] * 10, session(item(OTHER)), False),
        (["P"] * 10, session(item(TEST), item("test_a.py::test_is_new")), False),
    ],
)
def test_entry_whose_tests_passed_ten_times_could_be_removed(
    commits: list[str], results: Session, is_listed: bool
) -> None:
    entries = [*entries_that_passed([QUARANTINED], results)]
    past = past_of(results, [], look_back(*commits), entries)
    sentence = "The tests of these quarantine entries passed here and in the last 10 runs of main:"
    expected = f"{sentence}\n\n```\ntest_a.py::test_i*\n```" if is_listed else ""
    assert section(replace(past, flaky=(), flaky_passed=0), changes_url_builder(CONTEXT)) == expected


def link(number: int, run: int = 0) -> str:
    name = commit_id(number)[:7]
    return f"[{name}]({RUNS}/{name}{run})"


def changes(before: int, after: str) -> str:
    return f"([changes](https://github.com/octo/demo/compare/{commit_id(before)}...{after}))"


@rule("Since when: a failing test passed at one of the last commits")
@rule("Since when: a failing test passed at none of them")
@rule("Since when: the test passed on the base")
@pytest.mark.parametrize(
    ("commits", "line"),
    [
        (["F", "F", "P"], f"failing since {link(1)}, passed last at {link(2)} {changes(2, commit_id(1))}"),
        (["F", "X"], f"failing since {link(0)}, did not fail last at {link(1)} {changes(1, commit_id(0))}"),
        ([".", "P"], f"failing now, passed last at {link(1)} {changes(1, 'd' * 40)}"),
        (["F", "F>F", "F"], f"failing for at least 3 commits, since {link(2)} or earlier"),
        (["F"], f"failing for at least 1 commit, since {link(0)} or earlier"),
        (["P", "F"], ""),
        (["-", "-"], ""),
        ([".", "."], ""),
    ],
)
def test_line_says_since_when_with_links(commits: list[str], line: str) -> None:
    number = "1 commit" if len(commits) == 1 else f"{len(commits)} commits"
    expected = f"### Since when\n\nIn the last {number} of main:\n\n- {line}: `{TEST}`" if line else ""
    assert markdown(session(FAILING), look_back(*commits)).partition("\n\n<details")[0] == expected


def with_other_failing(past: LookBack) -> LookBack:
    """Let the other test fail wherever this one does."""

    def of(commit: PastCommit) -> PastCommit:
        runs = tuple(
            replace(run, record=replace(run.record, failed={"call": frozenset({key(TEST), key(OTHER)})}))
            if run.record == RECORDS["F"]
            else run
            for run in commit.runs
        )
        return replace(commit, runs=runs)

    return replace(past, commits=tuple(map(of, past.commits)))


def test_tests_with_the_same_commits_share_a_line() -> None:
    past = with_other_failing(look_back("F", "P"))
    shown = markdown(session(FAILING, item(OTHER, call=failed("KeyError: 3"))), past)
    assert f": `{TEST}`, `{OTHER}`" in shown
    assert shown.count("\n- ") == 1


def test_module_that_cannot_be_collected_has_a_line() -> None:
    shown = markdown(session(collectors=[collector(FILE)]), look_back("C", "P"))
    assert f"- failing since {link(0)}, passed last at {link(1)} {changes(1, commit_id(0))}: `{FILE}`" in shown


@rule("Since when: more than 20 tests fail")
def test_first_twenty_failing_tests_are_named() -> None:
    names = [f"test_a.py::test_it[{number}]" for number in range(30)]
    everything = frozenset(map(key, names))
    record = replace(RECORDS["F"], failed={"call": everything}, collected=everything)
    commit = PastCommit(commit=commit_id(0), runs=(past_run(commit_id(0), record),))
    results = session(*(item(name, call=failed()) for name in names))
    assert markdown(results, LookBack(commits=(commit,))).count("test_it[") == MOST_TESTS


@rule("Since when: the ID of a test differs from run to run, or it was renamed")
def test_id_with_an_address_is_found_again_and_a_new_name_is_not() -> None:
    name = "test_a.py::test_it[<object at 0x7f1234567890>]"
    before = key("test_a.py::test_it[<object at #>]")
    record = replace(RECORDS["P"], collected=frozenset({before}))
    commits = tuple(
        PastCommit(commit=commit_id(number), runs=(past_run(commit_id(number), one),))
        for number, one in enumerate([replace(record, failed={"call": frozenset({before})}), record])
    )
    past = LookBack(commits=commits)
    assert f"failing since {link(0)}, passed last at {link(1)}" in markdown(session(item(name, call=failed())), past)
    assert markdown(session(item("test_a.py::test_new_name", call=failed())), past) == ""


@rule("Since when: several failing tests have one ID")
def test_tests_of_this_run_that_share_an_id_have_no_line() -> None:
    names = [f"test_a.py::test_it[<object at 0x7f123456789{digit}>]" for digit in "01"]
    record = replace(RECORDS["F"], failed={"call": frozenset({key("test_a.py::test_it[<object at #>]")})})
    past = LookBack(commits=(PastCommit(commit=commit_id(0), runs=(past_run(commit_id(0), record),)),))
    assert markdown(session(*(item(name, call=failed()) for name in names)), past) == ""


def flaky_section(*items: Item, past: LookBack | None = None) -> str:
    shown = markdown(session(*items), past)
    return shown[shown.index("<details") :] if "<details" in shown else shown


@rule("Flaky: a test failed and then passed in this run")
def test_flaky_test_is_listed_with_its_history() -> None:
    assert flaky_section(flaky(TEST)) == (
        f"<details open><summary>Flaky tests: 1</summary>\n\n- `{TEST}`: failed, then passed\n\n</details>"
    )
    listed = flaky_section(flaky(TEST), past=look_back("P", "R", "F", "P"))
    assert f"- `{TEST}`: failed, then passed, failed 2 of the last 4 runs on main\n" in listed
    assert "the last" not in flaky_section(flaky(TEST), past=look_back("P", "P"))


@rule("Flaky: a failing test is flaky on the branch of the base")
def test_failing_test_that_is_flaky_on_the_branch_is_listed() -> None:
    listed = flaky_section(FAILING, past=look_back("P", "F", "P", "F"))
    assert listed.startswith("<details open><summary>Flaky tests: 1</summary>")
    assert f"- `{TEST}`: failed 2 of the last 4 runs on main\n" in listed
    assert "Flaky" not in flaky_section(FAILING, past=look_back("P", "F"))
    assert "failed 2 of the last 4 runs before\n" in flaky_section(
        FAILING, past=look_back("P", "F", "P", "F", branch="")
    )


@rule("Flaky: a test that passed here is flaky on the branch of the base")
def test_passed_tests_that_are_flaky_there_are_counted() -> None:
    past = look_back("P", "F", "P")
    assert flaky_section(item(TEST), past=past) == "1 test that is flaky on main passed here."
    assert "\n\n1 test that is flaky on main passed here.\n" in flaky_section(item(TEST), flaky(OTHER), past=past)
    assert flaky_section(item(OTHER), past=past) == ""


@rule("Flaky: more than 20 flaky tests")
def test_long_list_of_flaky_tests_is_folded_and_cut() -> None:
    listed = flaky_section(*(flaky(f"test_a.py::test_it[{number}]") for number in range(30)))
    assert listed.startswith("<details><summary>Flaky tests: 30</summary>")
    assert "\n- … and 10 more\n" in listed


def test_names_and_branches_are_shown_as_they_are() -> None:
    name = "test_a.py::test_it[`<b>@octocat #12]"
    record = replace(RECORDS["F"], failed={"call": frozenset({key(name)})})
    past = LookBack(
        commits=(PastCommit(commit=commit_id(0), runs=(past_run(commit_id(0), record),)),), branch="<i>@octocat*"
    )
    results = session(item(name, call=failed()))
    failures = [*one_per_cause_first(by_size(causes_of(results)))]
    frame = Frame(url_of=lambda _: "", causes=causes_of(results), past=past_of(results, failures, past))
    page = Page(summary(results, Verdict(conclusion=Conclusion.FAILURE, title=""), frame))
    assert name in page.code
    assert (page.is_balanced, "i" in page.tags, "b" in page.tags, "@octocat" in page.prose) == (
        True,
        False,
        False,
        False,
    )
    assert "commit of <i>@" in page.prose
