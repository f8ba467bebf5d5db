"""The thread that looks something up."""

from __future__ import annotations

import threading

from checks.programs.run.lookup import Lookup
from tests.support.fakes import FakeClock, JumpClock
from tests.support.waits import HANG_SECONDS

WAIT_SECONDS = 3.0
FOUND = "c0ffee1"


def test_result_is_waited_for_until_a_time() -> None:
    clock, may_go_on = JumpClock(), threading.Event()

    def find() -> str:
        assert may_go_on.wait(HANG_SECONDS)
        return FOUND

    lookup = Lookup(find, "a bug", clock, lambda _: None)
    started_at = clock.seconds
    lookup.start()
    assert lookup.result(clock.seconds) is None
    assert lookup.result(started_at + WAIT_SECONDS) is None
    assert clock.seconds - started_at >= WAIT_SECONDS
    may_go_on.set()
    assert lookup.result(clock.seconds + HANG_SECONDS) == FOUND


def test_exception_gives_the_other_result_and_a_debug_line() -> None:
    clock, log = FakeClock(), list[str]()

    def find() -> str:
        raise ZeroDivisionError("a bug")

    lookup = Lookup(find, "it is unknown", clock, log.append)
    lookup.start()
    assert lookup.result(clock.seconds + WAIT_SECONDS) == "it is unknown"
    (line,) = log
    assert line.startswith("::debug::Traceback")
    assert "a bug" in line
    assert "\n" not in line
