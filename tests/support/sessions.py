"""Build sessions concisely: ``session(item("tests/test_a.py::test_x", call=failed("assert 1 == 2")))``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from checks.core.model.item import Details, Item, Location, Outcome, Section, Stage, StageName
from checks.core.model.session import Collector, Session


def stage(
    outcome: Outcome,
    message: str = "",
    *,
    name: StageName = StageName.CALL,
    seconds: float = 0.0,
    subtest: str | None = None,
    locations: Sequence[tuple[str, int]] = (),
    traceback: str = "",
    captured: Sequence[tuple[str, str]] = (),
) -> Stage:
    """Return a stage; passed ones have no details."""
    details = Details(
        message=message,
        locations=tuple(Location(path=path, line=line) for path, line in locations),
        traceback=traceback,
        captured=tuple(Section(title=title, text=text) for title, text in captured),
    )
    return Stage(
        name=name,
        outcome=outcome,
        duration_seconds=seconds,
        subtest=subtest,
        details=None if outcome is Outcome.PASSED else details,
    )


def passed(seconds: float = 0.0) -> Stage:
    return stage(Outcome.PASSED, seconds=seconds)


def failed(
    message: str = "AssertionError: assert 1 == 2",
    *,
    traceback: str = ">   assert 1 == 2\nE   assert 1 == 2",
    locations: Sequence[tuple[str, int]] = (("tests/test_a.py", 7),),
    captured: Sequence[tuple[str, str]] = (),
    seconds: float = 0.0,
) -> Stage:
    return stage(Outcome.FAILED, message, traceback=traceback, locations=locations, captured=captured, seconds=seconds)


def error(message: str = "RuntimeError: no database") -> Stage:
    """Return an error of a fixture, for `item`'s `setup` or `teardown`."""
    return replace(failed(message), outcome=Outcome.ERROR)


def skipped(reason: str = "not today") -> Stage:
    return stage(Outcome.SKIPPED, reason, locations=(("tests/test_a.py", 3),))


def item(
    nodeid: str = "tests/test_a.py::test_x",
    *,
    line: int | None = 1,
    setup: Stage | None = None,
    call: Stage | None = None,
    teardown: Stage | None = None,
    earlier_attempts: Sequence[Stage] = (),
) -> Item:
    """Return a finished test; by default its call passes, unless its setup did not.

    `earlier_attempts` are the stages of previous attempts.
    """
    setup = replace(setup or passed(), name=StageName.SETUP)
    calls = () if setup.outcome is not Outcome.PASSED else (call or passed(),)
    teardown = replace(teardown or passed(), name=StageName.TEARDOWN)
    return Item(nodeid=nodeid, line=line, stages=(*earlier_attempts, setup, *calls, teardown))


def flaky(nodeid: str = "tests/test_a.py::test_flaky") -> Item:
    """Return a test that failed in its first attempt, and passed in its second."""
    return item(nodeid, earlier_attempts=[stage(Outcome.RERUN, "AssertionError: too slow", traceback="E   too slow")])


def running_item(nodeid: str = "tests/test_a.py::test_running") -> Item:
    """Return a test that has passed its setup, and is in its call."""
    return Item(nodeid=nodeid, line=1, stages=(replace(passed(), name=StageName.SETUP),))


def collector(nodeid: str = "tests/test_broken.py", message: str = "ImportError: no module named x") -> Collector:
    return Collector(nodeid=nodeid, outcome=Outcome.ERROR, details=Details(message=message, traceback=message))


def session(
    *items: Item,
    collectors: Sequence[Collector] = (),
    exit_status: int | None = 0,
    collected: int | None = None,
    seconds: float = 1.0,
    stopped: str = "",
) -> Session:
    """Return a session in ``/repo``; by default it ran everything that it collected."""
    return Session(
        root="/repo",
        pytest_version="9.2.0",
        items=items,
        collectors=tuple(collectors),
        collected=len(items) if collected is None else collected,
        duration_seconds=seconds,
        exit_status=exit_status,
        stop_reason=stopped,
    )
