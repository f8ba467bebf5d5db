"""The thread that looks something up."""

from __future__ import annotations

import threading

from checks.core.model.history import Base, NoBase
from checks.programs.run.lookup import Lookup
from tests.support.fakes import FakeClock, JumpClock
from tests.support.waits import HANG_SECONDS

WAIT_SECONDS = 3.0
NONE, BUG = NoBase(reason="it is new"), NoBase(reason="this action has a bug, which the debug log shows")


def test_result_is_waited_for_until_a_time() -> None:
    clock, may_go_on = JumpClock(), threading.Event()

    def find() -> NoBase:
        assert may_go_on.wait(HANG_SECONDS)
        return NONE

    lookup = Lookup[NoBase](find, BUG, clock, lambda _: None)
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

    lookup = Lookup[Base | NoBase](find, BUG, clock, log.append)
    lookup.start()
    assert lookup.result(clock.seconds + WAIT_SECONDS) == BUG
    (line,) = log
    assert line.startswith("::debug::Traceback")
    assert "a bug" in line
    assert "\n" not in line
