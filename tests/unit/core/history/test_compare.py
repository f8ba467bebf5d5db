"""What differs between a session and its base."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.history.compare import compare
from checks.core.history.make_record import record_of
from checks.core.model.history import Base, BaseState, NoBase
from checks.core.model.item import Item, Outcome
from checks.core.model.session import Session
from checks.core.rerun.previous_run import PreviousRun
from checks.core.results.causes import failures
from tests.support.bases import SELECTION, base_of, compared
from tests.support.rules import rule
from tests.support.sessions import (
    collector,
    error,
    failed,
    flaky,
    item,
    passed,
    running_item,
    session,
    skipped,
    stage,
)

A, B, C = "tests/test_a.py::test_a", "tests/test_a.py::test_b", "tests/test_b.py::test_c"
ADDRESS = "tests/test_a.py::test_x[<a at 0x7f0123456789>]"
SAME_ID = "tests/test_a.py::test_x[<a at 0x7f9876543210>]"


def fails(nodeid: str) -> Item:
    return item(nodeid, call=failed(f"AssertionError: {nodeid}"))


@pytest.mark.parametrize(
    ("base", "state"),
    [
        (item(A), BaseState.NEW),
        (item(A, call=skipped()), BaseState.NEW),
        (item(B), BaseState.NEW),
        (fails(A), BaseState.FAILING),
        (item(A, setup=error()), BaseState.FAILING),
        (item(A, teardown=error()), BaseState.FAILING),
        (flaky(A), BaseState.FLAKY),
    ],
    ids=["passed", "skipped", "missing", "call", "setup", "teardown", "flaky"],
)
def test_each_failure_has_a_state(base: Item, state: BaseState) -> None:
    comparison = compared(session(fails(A)), base_of(session(base)))
    assert comparison.states == {A: state}
    counts = len(comparison.new), comparison.also_failing, comparison.flaky, comparison.unknown
    assert counts == (state is BaseState.NEW, state is BaseState.FAILING, state is BaseState.FLAKY, 0)
    assert comparison.is_new(A) is (state is BaseState.NEW)


def test_new_failures_are_in_the_order_of_causes() -> None:
    common = [item(f"tests/test_b.py::test_{n}", call=failed("KeyError: 1")) for n in (1, 2)]
    comparison = compared(session(fails(A), *common), base_of(session(item(B))))
    assert comparison.new == ("tests/test_b.py::test_1", A, "tests/test_b.py::test_2")
    assert comparison.new_count == 3


def test_each_failed_stage_and_subtest_is_counted() -> None:
    subtest = replace(failed(), subtest="i=1")
    both = item(A, call=failed(), teardown=error(), earlier_attempts=[subtest])
    comparison = compared(session(both), base_of(session(item(A))))
    assert comparison.new == (f"{A} i=1", A, A)


def test_ids_that_differ_only_in_an_address_are_one_test() -> None:
    comparison = compared(session(fails(SAME_ID)), base_of(session(fails(ADDRESS))))
    assert comparison.states == {SAME_ID: BaseState.FAILING}
    assert comparison.removed is not None
    assert (len(comparison.removed), comparison.added) == (0, 0)


def test_other_numbers_are_other_tests() -> None:
    comparison = compared(session(fails(f"{A}[2]")), base_of(session(fails(f"{A}[1]"))))
    assert (comparison.new, comparison.fixed) == ((f"{A}[2]",), ())


@rule("Compare: several tests have one ID, or IDs that differ only in what changes from run to run")
@pytest.mark.parametrize("other", [SAME_ID, ADDRESS], ids=["same stable id", "same id"])
def test_no_claim_about_tests_that_share_an_id(other: str) -> None:
    results = session(fails(ADDRESS), item(other))
    comparison = compared(results, base_of(session(item(B))))
    assert (comparison.states, comparison.new, comparison.unknown, comparison.new_count) == ({}, (), 1, None)


@pytest.mark.parametrize(
    "base",
    [base_of(session(item(ADDRESS), fails(SAME_ID))), base_of(session(fails(ADDRESS)), collected=None)],
    ids=["several", "perhaps several"],
)
def test_no_claim_about_a_test_whose_id_the_base_may_have_twice(base: Base) -> None:
    comparison = compared(session(fails(ADDRESS)), base)
    assert (comparison.states, comparison.unknown, comparison.new_count) == ({}, 1, None)
    assert compared(session(item(ADDRESS)), base).fixed == () or base.record.collected is None


def test_new_count_is_known_beside_an_unknown_failure() -> None:
    comparison = compared(session(fails(A), fails(ADDRESS), item(SAME_ID)), base_of(session(item(A))))
    assert (comparison.new_count, comparison.unknown) == (1, 1)


@rule("Compare: a test or module fails on the base, and passed")
@pytest.mark.parametrize(
    ("base", "results", "fixed"),
    [
        (session(fails(A), fails(B)), session(item(A), fails(B)), (A,)),
        (session(item(A, setup=error())), session(item(A)), (A,)),
        (session(fails(A)), session(item(A, call=skipped())), ()),
        (session(fails(A)), session(item(A, call=stage(Outcome.XFAILED))), ()),
        (session(fails(A)), session(flaky(A)), ()),
        (session(fails(A)), session(running_item(A)), ()),
        (session(fails(A)), session(item(B)), ()),
        (session(fails(ADDRESS)), session(item(ADDRESS), item(SAME_ID)), ()),
        (session(collectors=[collector("tests/test_a.py")]), session(item(A), item(C)), ("tests/test_a.py",)),
        (session(collectors=[collector("tests/test_a.py")]), session(item(C)), ()),
    ],
    ids=[
        *("passed", "setup", "skipped", "xfailed", "flaky", "running", "not collected", "ambiguous"),
        *("module", "module that is gone"),
    ],
)
def test_fixed_is_what_failed_there_and_passed_here(base: Session, results: Session, fixed: tuple[str, ...]) -> None:
    assert compared(results, base_of(base)).fixed == fixed


@rule("Compare: a test of the base was not collected")
def test_removed_tests_have_names_as_far_as_the_base_lists_them() -> None:
    base = base_of(session(item(A), item(B), fails(C), item("tests/test_b.py::test_s", call=skipped())))
    removed = compared(session(item(A)), base).removed
    assert removed is not None
    assert (removed.names, removed.unnamed, len(removed)) == ((B,), 2, 3)


@rule("Compare: tests were deselected here")
@pytest.mark.parametrize("deselected", [0, 1])
def test_removed_tests_may_be_deselected_ones(deselected: int) -> None:
    results = replace(session(item(A)), deselected=deselected)
    assert compared(results, base_of(session(item(A), item(B)))).has_deselected is bool(deselected)


def test_name_in_the_text_of_the_base_needs_its_key() -> None:
    base = base_of(session(item(A), item(B)))
    forged = replace(base, text=base.text.replace("test_b", "test_evil"))
    removed = compared(session(item(A)), forged).removed
    assert removed is not None
    assert (removed.names, removed.unnamed) == ((), 1)


@rule("Compare: a skipped test was not skipped on the base")
@pytest.mark.parametrize(
    ("before", "now", "names"),
    [
        (item(B), item(B, call=skipped()), (B,)),
        (fails(B), item(B, call=skipped()), (B,)),
        (item(B), item(B, setup=replace(skipped())), (B,)),
        (item(B, call=skipped()), item(B, call=skipped()), ()),
        (item(C), item(B, call=skipped()), ()),
        (item(B), item(B, call=stage(Outcome.XFAILED)), ()),
    ],
    ids=["passed", "failed", "by a fixture", "was skipped", "added", "xfailed"],
)
def test_newly_skipped_ran_on_the_base(before: Item, now: Item, names: tuple[str, ...]) -> None:
    newly_skipped = compared(session(item(A), now), base_of(session(item(A), before))).newly_skipped
    assert newly_skipped is not None
    assert (newly_skipped.names, newly_skipped.unnamed) == (names, 0)


@rule("Compare: a renamed test")
def test_renamed_test_is_removed_and_added() -> None:
    comparison = compared(session(item(A), item(C)), base_of(session(item(A), item(B))))
    assert comparison.removed is not None
    assert (comparison.removed.names, comparison.added) == ((B,), 1)


BASE = base_of(session(item(A), item(B)))
WHOLE = session(item(A), item(C))


@rule("Compare: this run did not finish, lacks results, or selected its tests otherwise")
@pytest.mark.parametrize(
    ("results", "why"),
    [
        (replace(WHOLE, exit_status=None), "this run did not finish"),
        (replace(WHOLE, stop_reason="stopping after 1 failures"), "this run did not finish"),
        (session(item(A), running_item(B)), "this run did not finish"),
        (replace(WHOLE, lost_records=1), "this run did not finish"),
        (replace(WHOLE, collected=3), "not all tests that were collected ran here"),
        (replace(WHOLE, write_error="No space left"), "not all tests that were collected ran here"),
        (session(), "not all tests that were collected ran here"),
        (
            replace(session(collectors=[collector()]), stop_reason="Interrupted"),
            "some tests could not be collected here",
        ),
        (session(item(A), collectors=[collector()]), "some tests could not be collected here"),
        (replace(WHOLE, not_collected=(B,)), "this run lacks the results of some tests"),
    ],
)
def test_no_test_counts_as_removed_if_not_all_are_known(results: Session, why: str) -> None:
    comparison = compared(results, BASE)
    assert comparison.why_no_lists == why
    assert (comparison.removed, comparison.newly_skipped, comparison.added) == (None, None, None)
    assert (comparison.count_changes, comparison.seconds_change) == ({}, 0.0)


@pytest.mark.parametrize(
    ("own", "base"),
    [("1234", "1234567"), ("", ""), ("", "1234"), ("1234", "")],
    ids=["other", "neither", "not here", "old"],
)
def test_other_selection_of_tests_is_named(own: str, base: str) -> None:
    record = record_of(WHOLE, PreviousRun(), own)
    comparison = compare(WHOLE, record, base_of(WHOLE, selection=base))
    assert comparison.why_no_lists == "tests were selected otherwise for main at c0ffee1 (arguments, folder or Python)"


def test_partial_record_of_the_run_names_no_removed_test() -> None:
    record = replace(record_of(WHOLE, PreviousRun(), SELECTION), is_partial=True)
    assert compare(WHOLE, record, BASE).why_no_lists == "this run lacks the results of some tests"


@rule("Compare: the base's check run had no room for its lists")
def test_base_without_a_list_of_tests_is_named() -> None:
    comparison = compared(WHOLE, base_of(session(item(A), item(B)), collected=None))
    assert comparison.why_no_lists == "the check run of main at c0ffee1 had no room for the list of its tests"
    comparison = compared(WHOLE, base_of(session(item(A), item(B)), skipped=None))
    assert comparison.removed is not None
    assert (comparison.removed.names, comparison.newly_skipped) == ((B,), None)


@rule("Compare: no base, or no results of it")
@pytest.mark.parametrize(
    ("base", "reason"),
    [
        (NoBase(reason="main at c0ffee1 is still running"), "main at c0ffee1 is still running"),
        (base_of(WHOLE, is_partial=True), "the check run of main at c0ffee1 lacks the results of some tests"),
        (
            base_of(WHOLE, failed=None),
            "the check run of main at c0ffee1 had no room for the list of its failing tests",
        ),
    ],
)
def test_nothing_is_compared_without_results_of_the_base(base: Base | NoBase, reason: str) -> None:
    comparison = compared(session(fails(A)), base)
    assert comparison.base == NoBase(reason=reason)
    assert (comparison.states, comparison.new_count, comparison.unknown) == ({}, None, 0)


def test_late_base_says_nothing() -> None:
    comparison = compared(session(fails(A)), None)
    assert (comparison.base, comparison.new_count, comparison.exact_base) == (None, None, None)


def test_ancestor_makes_nothing_new() -> None:
    comparison = compared(session(fails(A)), base_of(WHOLE, is_exact=False))
    assert (comparison.new, comparison.new_count, comparison.is_new(A)) == ((A,), None, False)


@rule("Compare: numbers of passed, skipped, xfailed and xpassed tests, and the time of test files")
def test_counts_and_seconds_have_signs() -> None:
    base = base_of(session(item(A, call=passed(2.0)), item(B), item(C, call=skipped())))
    comparison = compared(session(item(A, call=passed(14.0)), item(C), item(B, call=stage(Outcome.XPASSED))), base)
    assert {outcome: change for outcome, change in comparison.count_changes.items() if change} == {
        Outcome.SKIPPED: -1,
        Outcome.XPASSED: 1,
    }
    assert comparison.seconds_change == pytest.approx(12.0)


@pytest.mark.parametrize(
    ("before", "now", "change"), [(0.1, 1.0, 0.0), (100.0, 109.0, 0.0), (100.0, 111.0, 11.0), (111.0, 90.0, -21.0)]
)
def test_small_change_of_seconds_is_noise(before: float, now: float, change: float) -> None:
    base = base_of(session(item(A, call=passed(before)), item(C, call=passed(500.0))))
    assert compared(session(item(A, call=passed(now))), base).seconds_change == pytest.approx(change)


def test_failures_of_the_collection_come_in_their_order() -> None:
    results = session(fails(A), collectors=[collector("tests/test_broken.py")], exit_status=1)
    comparison = compare(results, record_of(results, PreviousRun(), SELECTION), BASE, [*failures(results)])
    assert comparison.new == ("tests/test_broken.py", A)
