"""Since when a test fails."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.history.past_results import PastOutcome, outcome_in
from checks.core.history.since import since_when
from checks.core.history.test_key import key
from tests.support.look_backs import FILE, KEY, RECORDS, commit_id, look_back
from tests.support.rules import rule

NOTHING = None


@rule("Since when: a failing test passed at one of the last commits")
@rule("Since when: a commit has several check runs")
@pytest.mark.parametrize(
    ("commits", "passed", "failed", "number"),
    [
        (["F", "P"], 1, 0, 1),
        (["F", "F", "F", "P", "F", "P"], 3, 2, 3),
        (["F", "X"], 1, 0, 1),
        (["Q", "P"], 1, 0, 1),
        (["P", "F"], 0, None, 0),
        (["R", "F"], 0, None, 0),
        (["F", "R"], 1, 0, 1),
        (["FP", "F"], 0, None, 0),  # it passed in one run of the commit
        (["F", "F>P", "F"], 1, 0, 1),
        ([".", "F", ".", "F", ".", "P"], 5, 3, 2),
    ],
)
def test_last_pass_and_the_first_failure_after_it(
    commits: list[str], passed: int, failed: int | None, number: int
) -> None:
    since = since_when(look_back(*commits), KEY)
    assert since is not None
    assert since.passed is not None
    assert since.passed.commit == commit_id(passed)
    assert (since.failed and since.failed.commit) == (None if failed is None else commit_id(failed))
    assert since.commits == number


@rule("Since when: a failing test passed at none of them")
@pytest.mark.parametrize(
    ("commits", "oldest", "number"),
    [(["F"], 0, 1), (["F", "F", "."], 1, 2), (["F", "-", "-"], 0, 1), (["F", "S", "F"], 2, 2), (["F", "?"], 0, 1)],
)
def test_without_a_pass_the_oldest_failure_is_known(commits: list[str], oldest: int, number: int) -> None:
    since = since_when(look_back(*commits), KEY)
    assert since is not None
    assert since.passed is None
    assert since.failed is not None
    assert (since.failed.commit, since.commits) == (commit_id(oldest), number)


@rule("Since when: a commit has no record, or it does not say what the test did")
@pytest.mark.parametrize("letter", [".", "-", "S", "?", "f", "s", "2"])
def test_commit_whose_record_says_nothing_of_it_is_skipped(letter: str) -> None:
    assert since_when(look_back(letter, letter), KEY) is NOTHING
    with_gaps = since_when(look_back(letter, "F", letter, "P"), KEY)
    assert with_gaps is not None
    assert with_gaps.passed is not None
    assert with_gaps.passed.commit == commit_id(3)


@rule("Since when: several failing tests have one ID")
def test_tests_that_share_an_id_have_no_history() -> None:
    assert since_when(look_back("F", "P"), 0) is NOTHING


@rule("Since when: a module cannot be collected")
@pytest.mark.parametrize(
    ("commits", "passed"), [(["C", "C", "P"], 2), (["C", "-", "P"], 2), (["C", "-"], None), (["C", "F"], None)]
)
def test_module_passed_where_tests_of_its_file_ran(commits: list[str], passed: int | None) -> None:
    since = since_when(look_back(*commits), key(FILE), is_module=True)
    assert since is not None
    assert (since.passed and since.passed.commit) == (None if passed is None else commit_id(passed))


def test_plugins_item_with_the_name_of_a_file_is_no_module() -> None:
    record = RECORDS["P"]
    item = key(FILE)
    assert outcome_in(record, item, is_module=True) is PastOutcome.PASSED
    assert record.collected is not None
    with_item = type(record)(
        failed={}, skipped=frozenset(), collected=record.collected | {item}, file_seconds={item: 1}
    )
    assert outcome_in(with_item, item, is_module=True) is PastOutcome.UNKNOWN


@given(st.lists(st.text("PFRSX-?fsQ2>", max_size=4).filter(lambda text: not text.endswith(">")), max_size=12))
def test_every_claim_is_backed_by_records(commits: list[str]) -> None:
    past = look_back(*commits)
    since = since_when(past, KEY)
    outcomes = [[outcome_in(run.record, KEY) for run in commit.runs] for commit in past.commits]
    passes = [any(one.passes or one is PastOutcome.FLAKY for one in of_commit) for of_commit in outcomes]
    fails = [PastOutcome.FAILED in of_commit for of_commit in outcomes]
    first_pass = passes.index(True) if any(passes) else len(commits)
    failing = [number for number in range(first_pass) if fails[number]]
    if since is None:
        assert not any(passes)
        assert not any(fails)
        return
    assert since.commits == len(failing)
    assert (since.failed and since.failed.commit) == (commit_id(failing[-1]) if failing else None)
    assert (since.passed and since.passed.commit) == (commit_id(first_pass) if any(passes) else None)
