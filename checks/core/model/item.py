"""One test in pytest's terms: its stages and their results."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from posixpath import basename
from typing import NamedTuple, Self


class StageName(StrEnum):
    """The stages of pytest's runtest protocol; crashes (xdist, pytest-forked) are reported under ``???``."""

    SETUP = "setup"
    CALL = "call"
    TEARDOWN = "teardown"
    CRASHED = "???"


class Outcome(StrEnum):
    """What a stage counts as in pytest's last line; RERUN is any attempt that was repeated.

    QUARANTINED is our own: a failure or an error that does not count.
    """

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"
    QUARANTINED = "quarantined"
    RERUN = "rerun"

    @property
    def is_failure(self) -> bool:
        """Whether it makes pytest's exit status 1."""
        return self in _FAILURES


#: Looking up each of its members takes most of the time of a comparison.
_FAILURES = Outcome.FAILED, Outcome.ERROR


class Location(NamedTuple):
    """A line of a file: `path` absolute, or relative to the session's `root`; `line` 1-based.

    A tuple, since each failure looks up its places several times: hashing an object takes five times as long.
    """

    path: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Captured output of a stage, such as ``stdout``, ``stderr`` or ``log``."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """The details of a stage that did not simply pass.

    Attributes:
        message: the exception in one line, or the reason of a skip, xfail or xpass.
        locations: the traceback's entries, the raising one last; for a skip, its location.
        traceback: text with argument values and locals, without frames of pytest and its plugins.
        captured: the output of this stage and the test's earlier stages.
        properties: names and values that the test recorded (``record_property``).
    """

    message: str = ""
    locations: tuple[Location, ...] = ()
    traceback: str = ""
    captured: tuple[Section, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()

    @property
    def text_characters(self) -> int:
        """The size of traceback, output and properties, which may be large."""
        output = sum(len(section.title) + len(section.text) for section in self.captured)
        return len(self.traceback) + output + sum(len(name) + len(value) for name, value in self.properties)

    def without_texts(self) -> Self:
        """Return the details without traceback, output and properties."""
        return replace(self, traceback="", captured=(), properties=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of one attempt of a test, or one subtest of its call.

    `subtest` is None for a stage of the test itself, else the subtest's description (may be empty). `word` is what a
    plugin calls a repeated attempt, empty for pytest's ``rerun``.
    """

    name: StageName
    outcome: Outcome
    duration_seconds: float = 0.0
    subtest: str | None = None
    details: Details | None = None
    word: str = ""

    @property
    def signature(self) -> tuple[StageName, Outcome, str | None]:
        """Name, outcome and subtest; attempts, and subtests with the same description, may share it."""
        return self.name, self.outcome, self.subtest

    @property
    def where(self) -> str:
        """``in setup`` or ``in teardown``; empty for the call, where tests usually fail."""
        return f"in {self.name}" if self.name in (StageName.SETUP, StageName.TEARDOWN) else ""

    @property
    def is_counted(self) -> bool:
        """Whether pytest's last line counts it: not passed setups and teardowns, passed or repeated subtests."""
        if self.outcome is not Outcome.PASSED:
            return self.outcome is not Outcome.RERUN or self.subtest is None
        return self.name is StageName.CALL and self.subtest is None


#: The stages of a test that simply passed. Most tests share this tuple, and others its stages, which saves memory.
PLAIN = tuple(
    Stage(name=name, outcome=Outcome.PASSED) for name in (StageName.SETUP, StageName.CALL, StageName.TEARDOWN)
)
#: Their names as plain strings, which are compared faster.
PLAIN_NAMES = tuple(stage.name.value for stage in PLAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One test. It did not finish if it has neither a teardown nor a crashed stage.

    Attributes:
        line: of the ``def`` or its first decorator, 1-based; None if pytest does not know it.
        defined_in: the file of that line if it is not `path`, as for tests that a class inherits.
        stages: in the order they ended, including every attempt and subtest.
        seconds: the duration of all stages, since those of `PLAIN` have none; None for the sum of the stages' own.
        is_quarantined: whether its failures do not count.
    """

    nodeid: str
    line: int | None = None
    defined_in: str = ""
    stages: tuple[Stage, ...] = ()
    seconds: float | None = None
    is_quarantined: bool = False

    @property
    def path(self) -> str:
        """The file part of the node id, relative to the session's root."""
        return self.nodeid.partition("::")[0]

    @property
    def own_locations(self) -> tuple[Location, ...]:
        """The locations of the test itself: its file and, last, its ``def``."""
        if self.defined_in:
            is_moved = basename(self.defined_in) == basename(self.path)  # byte code that was compiled in another folder
            own_line = self.line or 1 if is_moved else 1
            return Location(path=self.path, line=own_line), Location(path=self.defined_in, line=self.line or 1)
        return (Location(path=self.path, line=self.line or 1),)

    def title(self, stage: Stage) -> str:
        """Return what a stage is called everywhere: the node id, with the description if it is a subtest."""
        return self.nodeid if stage.subtest is None else f"{self.nodeid} {stage.subtest or '(subtest)'}"

    @property
    def is_finished(self) -> bool:
        """Whether its teardown ended, or its worker's crash was reported."""
        if self.stages is PLAIN:
            return True
        return bool(self.stages) and self.stages[-1].name in (StageName.TEARDOWN, StageName.CRASHED)

    @property
    def current_stage(self) -> StageName:
        """The stage that an unfinished test is in."""
        own_stages = [stage for stage in self.stages if stage.subtest is None]
        if not own_stages or own_stages[-1].name is StageName.TEARDOWN:  # after a teardown it is being rerun
            return StageName.SETUP
        passed_setup = own_stages[-1].name is StageName.SETUP and own_stages[-1].outcome is Outcome.PASSED
        return StageName.CALL if passed_setup else StageName.TEARDOWN

    @property
    def duration_seconds(self) -> float:
        """The duration of all stages; that of a subtest is part of its call."""
        if self.seconds is not None:
            return self.seconds
        return sum(stage.duration_seconds for stage in self.stages if stage.subtest is None)

    @property
    def is_failure(self) -> bool:
        """Whether any stage or subtest failed."""
        return self.stages is not PLAIN and any(stage.outcome.is_failure for stage in self.stages)

    @property
    def has_failed(self) -> bool:
        """Whether any stage or subtest failed, also in an attempt that was repeated."""
        return self.stages is not PLAIN and any(
            stage.outcome.is_failure or stage.outcome is Outcome.RERUN for stage in self.stages
        )

    @property
    def passed(self) -> bool:
        """Whether its last attempt finished without a failure or skip; subtests may be skipped."""
        if self.stages is PLAIN:
            return True
        if not self.is_finished or self.stages[-1].outcome is not Outcome.PASSED:
            return False
        calls = [stage for stage in self.stages if stage.name is StageName.CALL and stage.subtest is None]
        if not calls or calls[-1].outcome is not Outcome.PASSED:
            return False
        return all(
            not (stage.outcome.is_failure or stage.outcome is Outcome.QUARANTINED)
            if stage.subtest is not None
            else stage.outcome in (Outcome.PASSED, Outcome.RERUN)
            for stage in self.stages
        )

    @property
    def is_flaky(self) -> bool:
        """Whether it failed at first and then passed; a quarantined test may."""
        if self.stages is PLAIN or self.is_quarantined:
            return False
        return self.passed and any(stage.outcome is Outcome.RERUN for stage in self.stages)
