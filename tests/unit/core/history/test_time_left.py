"""The time left is estimated from the durations on the base, and not at all where these say too little."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.history.make_record import record_of
from checks.core.history.record_text import parse, render
from checks.core.history.time_left import WorkDone, seconds_left, work_done
from checks.core.model.history import Record
from checks.core.model.item import Item
from checks.core.rerun.previous_run import PreviousRun
from tests.support.rules import rule
from tests.support.sessions import item, passed, running_item, session

Durations = dict[str, float]
START = 1_000.0


def items_of(durations: Durations, factor: float = 1.0) -> list[Item]:
    return [item(nodeid, call=passed(seconds * factor)) for nodeid, seconds in durations.items()]


def base_of(durations: Durations) -> Record:
    """Return the record as a check run holds it."""
    record = parse(render(record_of(session(*items_of(durations)), PreviousRun(), "")))
    assert record is not None
    return record


def estimate(durations: Durations, finished: int, *, factor: float = 1.0, workers: int = 1) -> float | None:
    """Return the time left after so many tests, all of which are as much slower as `factor` says."""
    base, items = base_of(durations), items_of(durations, factor)
    elapsed = sum(test.duration_seconds for test in items[:finished]) / workers
    first = work_done(session(collected=len(items)), base, START)
    now = work_done(session(*items[:finished], collected=len(items)), base, START + elapsed)
    assert first is not None
    assert now is not None
    return seconds_left(first, now)


EVEN = {f"a.py::t{number}": 1.0 for number in range(100)}
#: The second file is far slower than the first, and has more tests than the base lists.
UNEVEN = {
    **{f"fast.py::t{number}": 0.01 for number in range(2_000)},
    **{f"slow.py::t{number}": 1.0 for number in range(1_000)},
}


@rule("Compare: pytest is running, and the base has about as many tests")
@pytest.mark.parametrize(
    ("durations", "finished", "factor", "workers", "expected"),
    [
        pytest.param(EVEN, 50, 1.0, 1, 50.0, id="as on the base"),
        pytest.param(EVEN, 50, 2.0, 1, 100.0, id="twice as slow"),
        pytest.param(EVEN, 50, 1.0, 4, 12.5, id="four workers"),
        pytest.param(EVEN, 99, 1.0, 1, 1.0, id="one left"),
        pytest.param(UNEVEN, 2_000, 1.0, 1, 1_000.0, id="slow tests last"),
        pytest.param(UNEVEN, 2_900, 1.0, 1, 100.0, id="slow tests nearly over"),
        pytest.param(UNEVEN, 2_900, 3.0, 1, 300.0, id="slow tests nearly over, and slower"),
        pytest.param(dict(reversed(UNEVEN.items())), 1_000, 1.0, 1, 20.0, id="slow tests first"),
    ],
)
def test_time_left_is_that_of_the_base_at_the_own_speed(
    durations: Durations, finished: int, factor: float, workers: int, expected: float
) -> None:
    assert estimate(durations, finished, factor=factor, workers=workers) == pytest.approx(expected, rel=0.1, abs=0.5)


@rule("Compare: the tests have just begun, or the base has")
@pytest.mark.parametrize(
    ("collected", "items"),
    [
        pytest.param(None, [], id="not collected"),
        pytest.param(89, [], id="fewer tests"),
        pytest.param(111, [], id="more tests"),
        pytest.param(100, [item("new.py::t", call=passed(1.0))], id="other files"),
        pytest.param(
            100, [item("a.py::t1", call=passed(8.0)), item("new.py::t", call=passed(1.0))], id="a slow new file"
        ),
    ],
)
def test_nothing_is_estimated_from_other_tests(collected: int | None, items: list[Item]) -> None:
    assert work_done(replace(session(*items), collected=collected), base_of(EVEN), START) is None


@pytest.mark.parametrize("collected", [90, 110])
def test_few_other_tests_do_not_matter(collected: int) -> None:
    results = session(*items_of(EVEN)[:50], item("new.py::t", call=passed(1.0)), collected=collected)
    found = work_done(results, base_of(EVEN), START)
    assert found is not None
    assert (found.done_seconds, found.left_seconds) == pytest.approx((50.0, 50.0))


def test_running_test_counts_half() -> None:
    results = session(item("a.py::t1", call=passed(1.0)), running_item("a.py::t2"), collected=100)
    found = work_done(results, base_of(EVEN), START)
    assert found is not None
    assert found.done_seconds == pytest.approx(1.5)


def test_base_without_durations_says_nothing() -> None:
    base = replace(base_of(EVEN), file_seconds={}, test_seconds={})
    assert work_done(session(*items_of(EVEN)[:50], collected=100), base, START) is None
    trivial = base_of(dict.fromkeys(EVEN, 0.0))
    first = work_done(session(collected=100), trivial, START)
    assert first is not None
    assert seconds_left(first, replace(first, at=START + 60.0)) is None


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (WorkDone(at=START + 10.0, done_seconds=10.0, left_seconds=20.0), 20.0),
        (WorkDone(at=START + 10.0, done_seconds=5.0, left_seconds=20.0), 40.0),
        (WorkDone(at=START + 4.9, done_seconds=10.0, left_seconds=20.0), None),
        (WorkDone(at=START + 10.0, done_seconds=0.0, left_seconds=30.0), None),
        (WorkDone(at=START + 10.0, done_seconds=30.0, left_seconds=0.0), None),
        (WorkDone(at=START + 10.0, done_seconds=40.0, left_seconds=-10.0), None),
    ],
    ids=["as fast", "half as fast", "too early", "nothing ended", "all done", "more than all"],
)
def test_speed_has_to_be_measured(now: WorkDone, expected: float | None) -> None:
    assert seconds_left(WorkDone(at=START, done_seconds=0.0, left_seconds=30.0), now) == expected


@given(
    seconds=st.lists(st.floats(0.001, 60.0), min_size=2, max_size=40),
    share=st.floats(0.0, 1.0),
    factor=st.floats(0.11, 10.0),
    seed=st.integers(),
)
def test_estimate_is_never_negative_and_near_the_truth(
    seconds: list[float], share: float, factor: float, seed: int
) -> None:
    durations = {f"{number % 5}.py::t{number}": value for number, value in enumerate(seconds)}
    shuffled = [*durations.items()]
    random.Random(seed).shuffle(shuffled)
    finished = int(share * len(shuffled))
    found = estimate(dict(shuffled), finished, factor=factor)
    if found is not None:
        left = factor * sum(value for _, value in shuffled[finished:])
        assert found == pytest.approx(left, rel=0.01, abs=1.0)
