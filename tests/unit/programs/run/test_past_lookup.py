"""Looking back while the tests run."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import cast

from checks.core.history.base_runs import BaseUnavailableError
from checks.core.history.past_runs import Check, LookBack
from checks.core.history.quarantine import Quarantine, QuarantineEntry
from checks.core.history.quarantine_in_force import QuarantineInForce
from checks.core.model.history import Base, NoBase
from checks.core.model.identity import Identity
from checks.core.model.session import Session
from checks.programs.run.dependencies import Dependencies
from checks.programs.run.lookup import Lookup
from checks.programs.run.past_lookup import PastLookup
from tests.support.bases import COMMIT, base_of
from tests.support.causes import causes_of
from tests.support.fakes import FakeCancel, FakeClock, JumpClock
from tests.support.look_backs import TEST, look_back
from tests.support.rerun.check_runs import OPEN
from tests.support.rules import rule
from tests.support.sessions import failed, flaky, item, session
from tests.support.waits import HANG_SECONDS

FAILING = session(item(TEST, call=failed()))
BASE = base_of(session(item(TEST)))
RUN = replace(OPEN, identity=Identity(workflow="tests.yml", category="unit"))


@dataclass
class FakePastRuns:
    """`PastRuns` that records what it is asked, and waits for the test."""

    find: Callable[[], LookBack]
    asked: list[tuple[str, Check]] = field(default_factory=list)
    is_closed: bool = False

    def look_back(self, start: str, check: Check, limit: int = 50) -> LookBack:
        assert limit == 50
        self.asked.append((start, check))
        return self.find()

    def close(self) -> None:
        self.is_closed = True


@dataclass
class _Job:
    log: Callable[[str], None]


@dataclass
class _Dependencies:
    """Those of a look-back."""

    clock: FakeClock | JumpClock
    cancel: FakeCancel
    job: _Job
    open_past_runs: Callable[[Callable[[], bool]], FakePastRuns] | None


class Scene:
    def __init__(self, find: Callable[[], LookBack], base: Base | NoBase | None = BASE, *, jumps: bool = False) -> None:
        self.clock: FakeClock | JumpClock = JumpClock() if jumps else FakeClock()
        self.log = list[str]()
        self.cancel = FakeCancel(self.clock)
        self.runs = FakePastRuns(find)
        none = NoBase(reason="a bug")
        lookup = None if base is None else Lookup[Base | NoBase](lambda: base, none, self.clock, self.log.append)
        if lookup is not None:
            lookup.start()
            while lookup.result(0.0) is None:  # no thread waits for it on the clock
                pass
        dependencies = _Dependencies(self.clock, self.cancel, _Job(self.log.append), lambda _: self.runs)
        self.in_force = QuarantineInForce()
        self.past = PastLookup(RUN, lookup, cast("Dependencies", dependencies), self.quarantine)

    def quarantine(self) -> QuarantineInForce:
        return self.in_force

    def nodeids(self, results: Session = FAILING) -> list[str]:
        return [entry.nodeid for entry in self.past.now(results, causes_of(results)).since]


def test_look_back_starts_at_the_base_and_is_waited_for_after_the_tests() -> None:
    may_go_on = threading.Event()

    def find() -> LookBack:
        assert may_go_on.wait(HANG_SECONDS)
        return look_back("F", "P")

    scene = Scene(find, jumps=True)
    scene.past.start()
    scene.past.start()
    scene.past.end(FAILING)
    ended_at = scene.clock.seconds
    assert scene.nodeids() == []
    scene.past.wait()
    assert 3 <= scene.clock.seconds - ended_at < 4
    may_go_on.set()
    while not scene.nodeids():
        pass
    assert scene.runs.asked == [(COMMIT, Check(name=RUN.name, workflow="tests.yml", category="unit"))]
    assert scene.runs.is_closed
    assert scene.past.now(FAILING, causes_of(FAILING)).branch == "main"


def test_without_failing_or_flaky_tests_nothing_is_asked() -> None:
    scene = Scene(lambda: look_back("F", "P"))
    results = session(item(TEST))
    scene.past.end(results)
    scene.past.wait()
    assert scene.nodeids(results) == []
    assert scene.runs.asked == []


def test_flaky_test_asks_at_the_end() -> None:
    scene = Scene(lambda: look_back("F", "P"))
    results = session(flaky(TEST))
    scene.past.end(results)
    scene.past.wait()
    (found,) = scene.past.now(results, causes_of(results)).flaky
    assert found.history is not None
    assert found.history.runs == 2


@rule("Since when: no base")
def test_without_a_base_nothing_is_asked() -> None:
    for base in (None, NoBase(reason="it is new")):
        scene = Scene(lambda: look_back("F", "P"), base)
        scene.past.end(FAILING)
        scene.past.wait()
        assert scene.nodeids() == []
        assert scene.runs.asked == []


def test_error_and_bug_cost_the_sections_alone() -> None:
    def unavailable() -> LookBack:
        raise BaseUnavailableError("no")

    def bug() -> LookBack:
        raise ZeroDivisionError

    for find, lines in ((unavailable, 0), (bug, 1)):
        scene = Scene(find)
        scene.past.end(FAILING)
        scene.past.wait()
        assert (scene.nodeids(), len(scene.log)) == ([], lines)
        assert all(line.startswith("::debug::") for line in scene.log)


def test_cancelled_job_does_not_wait() -> None:
    may_go_on = threading.Event()

    def find() -> LookBack:
        may_go_on.wait(HANG_SECONDS)
        return look_back("F", "P")

    scene = Scene(find, jumps=True)
    scene.past.end(FAILING)
    scene.cancel.set()
    ended_at = scene.clock.seconds
    scene.past.wait()
    assert scene.clock.seconds == ended_at
    may_go_on.set()


def test_quarantined_test_that_passed_starts_the_look_back() -> None:
    scene = Scene(lambda: look_back(*["P"] * 10))
    results = session(item(TEST))
    scene.past.end(results)
    assert scene.runs.asked == []
    entry = QuarantineEntry(test=TEST, until=date.max, reason="It is slow")
    scene.in_force = QuarantineInForce(counting=Quarantine((entry,)))
    scene.past.end(results)
    scene.past.wait()
    assert scene.past.now(results, ()).releasable == (entry,)
