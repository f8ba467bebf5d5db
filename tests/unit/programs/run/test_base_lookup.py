"""The thread that looks up the base."""

from __future__ import annotations

import threading

from checks.core.model.history import Base, NoBase
from checks.programs.run.base_lookup import BaseLookup
from tests.support.fakes import FakeClock, JumpClock
from tests.support.waits import HANG_SECONDS

WAIT_SECONDS = 3.0
NONE = NoBase(reason="it is new")


def test_result_is_waited_for_until_a_time() -> None:
    clock, may_go_on = JumpClock(), threading.Event()

    def find() -> NoBase:
        assert may_go_on.wait(HANG_SECONDS)
        return NONE

    lookup = BaseLookup(find, clock, lambda _: None)
    started_at = clock.seconds
    lookup.start()
    assert lookup.result(clock.seconds) is None
    assert lookup.result(started_at + WAIT_SECONDS) is None
    assert clock.seconds - started_at >= WAIT_SECONDS
    may_go_on.set()
    assert lookup.result(clock.seconds + HANG_SECONDS) == NONE


def test_exception_is_a_reason_and_its_traceback_a_debug_line() -> None:
    clock, log = FakeClock(), list[str]()

    def find() -> Base:
        raise ZeroDivisionError("a bug")

    lookup = BaseLookup(find, clock, log.append)
    lookup.start()
    assert lookup.result(clock.seconds + WAIT_SECONDS) == NoBase(
        reason="this action has a bug, which the debug log shows"
    )
    (line,) = log
    assert line.startswith("::debug::Traceback")
    assert "a bug" in line
    assert "\n" not in line
