"""The results of one test over earlier commits, and the tests that records know."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.history.past_results import PastOutcome, keys_in, names_in, results_of
from checks.core.history.past_runs import Check, LookBack, PastCommit, PastRun
from checks.core.history.test_key import key
from checks.core.model.check_run import Output
from checks.core.model.identity import Identity, RunKind
from checks.core.report import summary
from tests.support.look_backs import FILE, KEY, OTHER, RECORDS, TEST, commit_id, look_back, past_run
from tests.support.sessions import item, session


def test_results_are_newest_first_and_have_commit_run_and_duration() -> None:
    slow = replace(RECORDS["P"], test_seconds={KEY: 2.5})
    newest = PastCommit(commit=commit_id(7), runs=(past_run(commit_id(7), slow),))
    past = look_back("P>F", "F", "-")
    results = [*results_of(replace(past, commits=(newest, *past.commits)), KEY)]
    assert [(result.commit, result.outcome.name, result.seconds) for result in results] == [
        (commit_id(7), "PASSED", 2.5),
        (commit_id(0), "FAILED", None),
        (commit_id(0), "PASSED", None),
        (commit_id(1), "FAILED", None),
        (commit_id(2), "NOT_COLLECTED", None),
    ]
    assert results[0].run == newest.runs[0]


@pytest.mark.parametrize(
    ("letters", "outcomes"),
    [
        ("P>P>P", "P"),
        ("F>F", "FF"),
        ("F>P", "FP"),
        ("F>R", "FP"),
        ("R>R", "R"),
        ("P>F", "PF"),
        ("PP", "PP"),
        ("S>S", "S"),
    ],
)
def test_rerun_counts_only_where_it_ran_a_test_again(letters: str, outcomes: str) -> None:
    names = {"P": PastOutcome.PASSED, "F": PastOutcome.FAILED, "R": PastOutcome.FLAKY, "S": PastOutcome.SKIPPED}
    results = [*results_of(look_back(letters), KEY)][::-1]
    assert [result.outcome for result in results] == [names[outcome] for outcome in outcomes]


def test_keys_are_those_of_all_records() -> None:
    assert keys_in(look_back("P", "C", "R", "f")) == {KEY, key(OTHER), key(FILE)}
    assert keys_in(LookBack()) == frozenset()


def test_names_are_those_of_passed_tests() -> None:
    text = summary.text(session(item(TEST), item("test_b.py::TestB::test_b[1]")))
    run = past_run(commit_id(0), RECORDS["P"])
    with_text = PastRun(run=replace(run.run, output=Output(title="", summary="", text=text)), record=run.record)
    names = names_in(LookBack(commits=(PastCommit(commit=commit_id(0), runs=(with_text,)),)))
    assert names == {KEY: TEST, key("test_b.py::TestB::test_b[1]"): "test_b.py::TestB::test_b[1]"}


@pytest.mark.parametrize(
    ("check", "has_results"),
    [
        (Check(name="pytest (unit)"), True),
        (Check(name="pytest (unit)", workflow=".github/workflows/tests.yml", category="unit"), True),
        (Check(name="pytest (unit)", workflow="other.yml"), False),
        (Check(name="pytest (unit)", category=""), False),
    ],
)
def test_workflow_and_category_may_be_any(check: Check, *, has_results: bool) -> None:
    identity = Identity(workflow="tests.yml", category="unit", kind=RunKind.COMPLETE)
    assert check.has_results(identity) is has_results
    assert not check.has_results(replace(identity, kind=RunKind.FORK))
    assert not check.has_results(None)
