"""Who waits how long for the base."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.history.base_state import key_at_once
from checks.core.model.check_run import Annotation, AnnotationLevel
from checks.core.model.history import Base, NoBase
from checks.programs.run.base_answer import WAIT_SECONDS, BaseAnswer
from tests.support.bases import base_of
from tests.support.fakes import FakeClock
from tests.support.rules import rule
from tests.support.sessions import item, session

NODEID = "a.py::t1"
BASE = base_of(session(item(NODEID)))
FAILURE = Annotation(
    path="a.py", line=1, level=AnnotationLevel.FAILURE, title=NODEID, message="E: 1", key=key_at_once(NODEID)
)


class SlowLookUp:
    """A look-up that knows the base at a time of the clock, which it moves while somebody waits."""

    def __init__(self, clock: FakeClock, seconds: float) -> None:
        self.clock = clock
        self.known_at = clock.seconds + seconds
        self.asked_until: list[float] = []

    def __call__(self, until: float) -> Base | NoBase | None:
        self.asked_until.append(until)
        self.clock.seconds = max(self.clock.seconds, min(until, self.known_at))
        return BASE if self.clock.seconds >= self.known_at else None


@rule("Compare: the base is unknown at the end of the tests")
@pytest.mark.parametrize(
    ("seconds", "base", "waited"), [(0.0, BASE, 0.0), (2.0, BASE, 2.0), (60.0, None, WAIT_SECONDS)]
)
def test_verdict_waits_for_the_base_at_most_three_seconds(seconds: float, base: Base | None, waited: float) -> None:
    clock = FakeClock()
    answer = BaseAnswer(SlowLookUp(clock, seconds), clock)
    assert (answer.wait(), clock.seconds - 1000.0) == (base, waited)


def test_time_that_tests_took_is_not_waited_again() -> None:
    clock = FakeClock()
    answer = BaseAnswer(SlowLookUp(clock, 60.0), clock)
    clock.seconds += 30.0
    assert (answer.wait(), clock.seconds) == (None, 1030.0)
    assert answer.seconds_to_wait() == 0.0


def test_failures_look_again_until_the_time_is_over() -> None:
    clock = FakeClock()
    answer = BaseAnswer(SlowLookUp(clock, 60.0), clock)
    waits = []
    while seconds := answer.seconds_to_wait():
        waits.append(seconds)
        clock.seconds += seconds
    assert sum(waits) == pytest.approx(WAIT_SECONDS)
    assert max(waits) == pytest.approx(0.1)


def test_answer_is_asked_for_once() -> None:
    clock = FakeClock()
    look_up = SlowLookUp(clock, 0.0)
    answer = BaseAnswer(look_up, clock)
    assert [answer.now(), answer.wait(), answer.now()] == [BASE] * 3
    assert (len(look_up.asked_until), answer.seconds_to_wait()) == (1, 0.0)


def test_nobody_waits_if_nothing_is_compared() -> None:
    answer = BaseAnswer(None, FakeClock())
    assert (answer.is_expected, answer.now(), answer.wait(), answer.seconds_to_wait()) == (False, None, None, 0.0)
    assert answer.mark(FAILURE) is FAILURE


def test_annotation_without_a_key_does_not_ask() -> None:
    clock = FakeClock()
    look_up = SlowLookUp(clock, 0.0)
    answer = BaseAnswer(look_up, clock)
    notice = replace(FAILURE, key=0)
    assert answer.mark(notice) is notice
    assert look_up.asked_until == []
    assert answer.mark(FAILURE).message == "E: 1\nNew: passed on main at c0ffee1."
