"""The record of a session, and of a category whose failed tests were re-run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given

from checks.core.history.make_record import record_of, selection_of
from checks.core.history.record_text import SLOWEST_TESTS, parse, render
from checks.core.history.test_key import key, keys, variant_key
from checks.core.model.history import Record
from checks.core.model.item import PLAIN, Item, Outcome
from checks.core.model.items import Items
from checks.core.model.session import Session
from checks.core.rerun.previous_run import PreviousRun, carry_over, mark_flaky
from tests.support.any_session import SESSIONS
from tests.support.rules import rule
from tests.support.sessions import (
    collector,
    error,
    failed,
    flaky,
    item,
    passed,
    session,
    skipped,
    stage,
)

FIRST = PreviousRun()


def record(*items: Item, previous_run: PreviousRun = FIRST) -> Record:
    return record_of(session(*items), previous_run, "9f3c52d1a0b4")


def of(nodeids: Sequence[str]) -> frozenset[int]:
    return frozenset(keys(nodeids))


def rerun_of(previous: Record | None, *titles: str) -> PreviousRun:
    return PreviousRun(run_id="8", only=titles, record=previous)


MIXED = (
    item("a.py::passes"),
    item("a.py::fails", call=failed()),
    item("a.py::fails_twice", call=failed(), teardown=error()),
    item("a.py::cannot_start", setup=error()),
    item("a.py::skipped", call=skipped()),
    item("a.py::skipped_early", setup=skipped()),
    item("a.py::skipped_and_fails", call=skipped(), teardown=error()),
    item("a.py::xfails", call=stage(Outcome.XFAILED)),
    item("a.py::xpasses", call=stage(Outcome.XPASSED)),
    flaky("a.py::flaky"),
    Item(nodeid="a.py::subtests", stages=(*PLAIN[:1], stage(Outcome.FAILED, subtest="(i=1)"), *PLAIN[1:])),
    Item(nodeid="a.py::skips_a_subtest", stages=(*PLAIN[:1], stage(Outcome.SKIPPED, subtest="(i=1)"), *PLAIN[1:])),
)


def test_record_has_failures_by_stage_skipped_and_flaky_tests() -> None:
    made = record(*MIXED)
    assert made.failed == {
        "setup": frozenset({key("a.py::cannot_start")}),
        "call": of(["a.py::fails", "a.py::fails_twice", "a.py::subtests"]),
        "teardown": of(["a.py::fails_twice", "a.py::skipped_and_fails"]),
    }
    assert made.skipped == of(["a.py::skipped", "a.py::skipped_early"])
    assert made.flaky == of(["a.py::flaky"])
    assert made.collected == of([each.nodeid for each in MIXED])
    assert (made.total, made.is_partial, made.selection) == (len(MIXED), False, "9f3c52d1a0b4")
    assert made.counts == carry_over(session(*MIXED))


def test_collection_errors_have_a_stage_of_their_own() -> None:
    with_errors = session(
        item("a.py::t"), collectors=[collector("b.py"), replace(collector("c.py"), outcome=Outcome.SKIPPED)]
    )
    assert record_of(with_errors, FIRST, "").failed == {"collection": frozenset({key("b.py")})}


def test_durations_are_those_of_files_and_of_the_slowest_tests() -> None:
    tests = [item(f"tests/{name}.py::t{number}", call=passed(number)) for number in range(400) for name in "ab"]
    made = record(*tests)
    assert made.file_seconds == {key("tests/a.py"): sum(range(400)), key("tests/b.py"): sum(range(400))}
    assert len(made.test_seconds) == SLOWEST_TESTS
    assert min(made.test_seconds.values()) == 150
    assert made.test_seconds[key("tests/a.py::t399")] == 399


def test_packed_tests_are_in_the_record() -> None:
    items = Items([Item(nodeid="a.py::t", stages=PLAIN, seconds=2.0), *MIXED])
    made = record_of(Session(items=items), FIRST, "")
    assert made.test_seconds[key("a.py::t")] == 2.0
    assert made.failed == record(*MIXED).failed


def test_copies_of_a_failing_test_have_their_own_results() -> None:
    made = record(item("a.py::t"), item("a.py::t", call=failed()))
    assert made.failed == {"call": frozenset({variant_key(key("a.py::t"), 1)})}


def test_selection_depends_on_arguments_folder_and_minor_version() -> None:
    own = selection_of(["-k", "a b"], ".", "3.13.1")
    assert own == selection_of(["-k", "a b"], ".", "3.13.12")
    others = [
        (["-k", "a", "b"], ".", "3.13.1"),
        (["-k", "a b"], "api", "3.13.1"),
        (["-k", "a b"], ".", "3.12.1"),
        ([], ".", ""),
    ]
    assert own not in {selection_of(*each) for each in others}
    assert len({selection_of(*each) for each in others}) == len(others)


@given(SESSIONS)
def test_any_session_has_a_record_that_can_be_read(any_session: Session) -> None:
    made = record_of(any_session, FIRST, "")
    read = parse(render(made))
    assert read is not None
    assert (read.failed, read.skipped, read.flaky, read.collected, read.total) == (
        made.failed,
        made.skipped,
        made.flaky,
        made.collected,
        made.total,
    )


PREVIOUS = record(*MIXED)
FAILED = ("a.py::fails", "a.py::fails_twice", "a.py::cannot_start", "a.py::skipped_and_fails", "a.py::subtests")


@rule("Record: a re-run of the failed tests")
def test_rerun_of_failed_tests_has_the_record_of_the_category() -> None:
    reruns = (
        mark_flaky(Item(nodeid="a.py::fails", stages=PLAIN)),
        item("a.py::fails_twice", setup=error()),
        item("a.py::cannot_start", call=skipped()),
        *(mark_flaky(Item(nodeid=nodeid, stages=PLAIN)) for nodeid in FAILED[3:]),
    )
    carried_over = carry_over(session(*MIXED))
    after = replace(session(*reruns), carried_over=carried_over)
    made = record_of(after, rerun_of(PREVIOUS, *FAILED), "another")
    assert made == replace(
        PREVIOUS,
        counts=carry_over(after),
        failed={"setup": frozenset({key("a.py::fails_twice")})},
        skipped=of(["a.py::skipped", "a.py::skipped_early", "a.py::cannot_start"]),
        flaky=of(["a.py::flaky", "a.py::fails", *FAILED[3:]]),
    )


@rule("Record: a re-run of the failed tests whose previous run has no record")
def test_rerun_without_the_previous_record_is_partial() -> None:
    made = record(item("a.py::fails", call=failed()), previous_run=rerun_of(None, "a.py::fails"))
    assert made == Record(
        counts=made.counts,
        is_partial=True,
        selection="9f3c52d1a0b4",
        total=1,
        failed={"call": frozenset(frozenset({key("a.py::fails")}))},
        skipped=frozenset(),
    )


def test_rerun_of_all_tests_has_a_record_of_its_own() -> None:
    previous_run = PreviousRun(run_id="8", record=None)
    assert record(*MIXED, previous_run=previous_run) == PREVIOUS


@pytest.mark.parametrize("name", ["failed", "skipped"])
def test_what_the_previous_record_lacks_stays_absent(name: str) -> None:
    previous = replace(PREVIOUS, **{name: None})  # type: ignore[arg-type]
    made = record(item("a.py::fails"), previous_run=rerun_of(previous, *FAILED))
    assert getattr(made, name) is None


TIMES = ("a.py::t[2026-11-27T13:00]", "a.py::t[2026-11-27T14:00]")


@pytest.mark.parametrize(
    ("tests", "is_known", "is_partial"),
    [
        pytest.param(TIMES, True, True, id="two with one stable id"),
        pytest.param(TIMES[1:], True, False, id="the only one"),
        pytest.param(TIMES[1:], False, True, id="collected tests unknown"),
    ],
)
def test_rerun_of_a_test_with_unknown_variant_is_partial(
    tests: Sequence[str],
    is_known: bool,
    is_partial: bool,
) -> None:
    previous = record(*(item(nodeid, call=failed() if nodeid == TIMES[1] else None) for nodeid in tests))
    previous = previous if is_known else replace(previous, collected=None)
    made = record(item(TIMES[1], call=failed()), previous_run=rerun_of(previous, TIMES[1]))
    assert made.is_partial is is_partial
