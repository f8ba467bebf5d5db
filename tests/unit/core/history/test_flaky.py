"""Which tests are flaky by their history."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.history.flaky import MOST_RUNS, flaky_history, flaky_keys
from checks.core.history.past_results import PastOutcome, outcome_in
from tests.support.look_backs import KEY, look_back
from tests.support.rules import rule


@rule("Flaky: a test failed and then passed on one commit, or in one session")
@rule("Flaky: its result changed at least twice in the last 20 complete runs")
@pytest.mark.parametrize(
    ("commits", "failed", "runs"),
    [
        (["P", "F", "P"], 1, 3),
        (["F", "P", "F"], 2, 3),
        (["F", ".", "P", "-", "F", "?"], 2, 3),
        (["F", "X", "F"], 2, 3),
        (["R"], 1, 1),
        (["P", "R", "P"], 1, 3),
        (["FP"], 1, 2),
        (["F>P"], 1, 2),
        (["F>R"], 1, 2),  # the re-run's record says that it failed before
        (["P", "F>P>P"], 1, 3),
        (["Q", "P", "Q"], 2, 3),
    ],
)
def test_result_that_comes_and_goes_is_flaky(commits: list[str], failed: int, runs: int) -> None:
    past = look_back(*commits)
    history = flaky_history(past, KEY)
    assert (history.failed, history.runs, history.is_flaky) == (failed, runs, True)
    assert flaky_keys(past)[KEY] == history


@rule("Flaky: its result changed once, or it was skipped or not collected in between")
@rule("Flaky: a re-run of the failed tests repeats the results of the others")
@pytest.mark.parametrize(
    ("commits", "failed", "runs"),
    [
        ([], 0, 0),
        (["P", "P"], 0, 2),
        (["F", "F"], 2, 2),
        (["F", "P"], 1, 2),
        (["P", "F"], 1, 2),
        (["PF"], 1, 2),  # something else may have changed
        (["F", "S", "F", "-", "F"], 3, 3),
        (["F", "?", "f", "s", "2", "F"], 2, 2),
        (["P", "P>P"], 0, 2),  # a re-run repeats what it did not run
        (["P", *["P"] * MOST_RUNS, "F", "P"], 0, MOST_RUNS),
    ],
)
def test_one_change_makes_no_flaky_test(commits: list[str], failed: int, runs: int) -> None:
    past = look_back(*commits)
    history = flaky_history(past, KEY)
    assert (history.failed, history.runs, history.is_flaky) == (failed, runs, False)
    assert KEY not in flaky_keys(past)


@given(st.lists(st.text("PFRSX-?fsQ2>", max_size=4).filter(lambda text: not text.endswith(">")), max_size=30))
def test_flaky_test_has_failed_and_passed_in_records(commits: list[str]) -> None:
    past = look_back(*commits)
    runs = [*past.newest_runs()][:MOST_RUNS]
    outcomes = [outcome_in(run.record, KEY) for run in runs]
    history = flaky_history(past, KEY)
    failures = sum(outcome in (PastOutcome.FAILED, PastOutcome.FLAKY) for outcome in outcomes)
    assert history.failed <= failures
    assert history.failed <= history.runs <= len(runs)
    if history.is_flaky:
        assert failures
        assert PastOutcome.FLAKY in outcomes or any(outcome.passes for outcome in outcomes)
    assert (KEY in flaky_keys(past)) == history.is_flaky
