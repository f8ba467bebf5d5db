"""Pytest's words: what one session collected, ran and reported.

A `Session` is the same whether it was folded from the live stream or parsed from a JSON report.
Counts are derived from the stages, as pytest's own last line counts them, and stored nowhere.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property


class StageName(StrEnum):
    """The stages of pytest's runtest protocol; a crashed xdist worker reports under ``???``."""

    SETUP = "setup"
    CALL = "call"
    TEARDOWN = "teardown"
    CRASHED = "???"


class Outcome(StrEnum):
    """What a stage counts as in pytest's last line (the category of ``pytest_report_teststatus``)."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"
    RERUN = "rerun"

    @property
    def is_bad(self) -> bool:
        """Whether it makes pytest's exit status 1."""
        return self in (Outcome.FAILED, Outcome.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line of a file: `path` absolute, or relative to the session's `root`; `line` 1-based."""

    path: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Captured output of a stage, such as ``stdout``, ``stderr`` or ``log``."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What is known of a stage that did more than pass.

    Attributes:
        message: the exception as one line, or the reason of a skip, xfail or xpass.
        places: the traceback's entries, the thrown one last; for a skip, its place.
        traceback: text, with argument values and locals; frames of pytest and its plugins left out.
        captured: the stage's output and that of the test's stages before it.
    """

    message: str = ""
    places: tuple[Place, ...] = ()
    traceback: str = ""
    captured: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of one attempt of a test, or one subtest of its call.

    `subtest` is None for a stage of the test itself, else the subtest's description (may be empty).
    """

    name: StageName
    outcome: Outcome
    duration_seconds: float = 0.0
    subtest: str | None = None
    details: Details | None = None

    @property
    def counts(self) -> bool:
        """Whether pytest's last line counts it: a passed setup or teardown does not, nor a passed subtest."""
        if self.outcome is not Outcome.PASSED:
            return True
        return self.name is StageName.CALL and self.subtest is None


#: The stages of a test that did nothing but pass; most have just these, so that memory holds them once.
PLAIN = tuple(
    Stage(name=name, outcome=Outcome.PASSED) for name in (StageName.SETUP, StageName.CALL, StageName.TEARDOWN)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One test: its stages in the order they ended, every attempt and subtest included.

    `path` is the file part of the node id, relative to the session's root; `line` is 1-based and that of
    the ``def`` or its first decorator, None where pytest knows none. `defined_in` is the file of that line where
    it is another one: a class may inherit its tests. A test without a teardown, or without a crashed stage, was
    begun and did not finish. `seconds` is how long all stages took together where these are `PLAIN`, else None.
    """

    nodeid: str
    line: int | None = None
    defined_in: str = ""
    stages: tuple[Stage, ...] = ()
    seconds: float | None = None

    @property
    def path(self) -> str:
        """Everything before the first ``::``."""
        return self.nodeid.partition("::")[0]

    @property
    def own(self) -> tuple[Place, ...]:
        """Its own places: its file and, last, its ``def``."""
        if self.defined_in:
            return Place(path=self.path, line=1), Place(path=self.defined_in, line=self.line or 1)
        return (Place(path=self.path, line=self.line or 1),)

    @property
    def finished(self) -> bool:
        """Whether its teardown ended, or its worker's crash was reported."""
        if self.stages is PLAIN:
            return True
        return bool(self.stages) and self.stages[-1].name in (StageName.TEARDOWN, StageName.CRASHED)

    @property
    def running(self) -> StageName:
        """The stage that an unfinished test is in."""
        own = [stage for stage in self.stages if stage.subtest is None]
        if not own or own[-1].name is StageName.TEARDOWN:  # the latter: it is run again
            return StageName.SETUP
        passed_setup = own[-1].name is StageName.SETUP and own[-1].outcome is Outcome.PASSED
        return StageName.CALL if passed_setup else StageName.TEARDOWN

    @property
    def duration_seconds(self) -> float:
        """All its stages together; a subtest's time is part of the call's."""
        if self.seconds is not None:
            return self.seconds
        return sum(stage.duration_seconds for stage in self.stages if stage.subtest is None)

    @property
    def is_bad(self) -> bool:
        """Whether any stage or subtest failed."""
        return self.stages is not PLAIN and any(stage.outcome.is_bad for stage in self.stages)

    @property
    def passed(self) -> bool:
        """Whether its last attempt ran to the end and nothing in it failed or was skipped; a skipped subtest may be."""
        if self.stages is PLAIN:
            return True
        if not self.finished or self.stages[-1].outcome is not Outcome.PASSED:
            return False
        calls = [stage for stage in self.stages if stage.name is StageName.CALL and stage.subtest is None]
        if not calls or calls[-1].outcome is not Outcome.PASSED:
            return False
        return all(
            not stage.outcome.is_bad if stage.subtest is not None else stage.outcome in (Outcome.PASSED, Outcome.RERUN)
            for stage in self.stages
        )

    @property
    def is_flaky(self) -> bool:
        """Whether it failed first and passed in the end."""
        return self.stages is not PLAIN and self.passed and any(s.outcome is Outcome.RERUN for s in self.stages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """A module, class or folder whose collection did not pass: `outcome` is ERROR or SKIPPED."""

    nodeid: str
    outcome: Outcome
    details: Details


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """One warning that pytest recorded; `nodeid` is empty when no test was running."""

    category: str
    message: str
    place: Place
    nodeid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A category's results in numbers: those of an earlier run that stand, or those that a later one may let stand.

    `failed` counts what is annotated as a failure, by title. `page` is the run's, for people.
    """

    failed: int = 0
    passed: int = 0
    skipped: int = 0
    xfailed: int = 0
    xpassed: int = 0
    page: str = ""

    @property
    def counts(self) -> Counter[Outcome]:
        """What stands: the failed tests ran again."""
        return Counter(
            {
                Outcome.PASSED: self.passed,
                Outcome.SKIPPED: self.skipped,
                Outcome.XFAILED: self.xfailed,
                Outcome.XPASSED: self.xpassed,
            }
        )


@dataclass(frozen=True, kw_only=True)
class Session:
    """All that is known of one pytest session.

    Attributes:
        id: a random word that stream and report of one session share; empty where there is no stream.
        root: pytest's rootdir, absolute; node ids are relative to it.
        items: the tests that were begun, in the order of their beginning.
        collectors: only those that did not pass.
        collected: how many tests were to run, None while (or where) that is unknown.
        deselected: how many were collected and left out by ``-k``, ``-m`` and the like.
        exit_status: pytest's own, None when the session did not tell its end.
        stopped: why pytest stopped early (``-x``, ``--maxfail``, ``pytest.exit``, an interrupt), else empty.
        internal_error: the text of an INTERNALERROR, else empty.
        lost: how many records of the stream were unreadable or missing.
        standing: results of an earlier run, of tests that did not run again.
        missing: titles of tests that were to run again and were not collected.
    """

    id: str = ""
    root: str = ""
    pytest_version: str = ""
    items: tuple[Item, ...] = ()
    collectors: tuple[Collector, ...] = ()
    warnings: tuple[Warned, ...] = ()
    collected: int | None = None
    deselected: int = 0
    duration_seconds: float = 0.0
    exit_status: int | None = None
    stopped: str = ""
    internal_error: str = ""
    lost: int = 0
    standing: Standing = field(default_factory=Standing)
    missing: tuple[str, ...] = ()

    @cached_property
    def counts(self) -> Counter[Outcome]:
        """The numbers of pytest's last line, with those of an earlier run that stand."""
        stages = Counter(stage.outcome for item in self.others for stage in item.stages if stage.counts)
        stages[Outcome.PASSED] += len(self.items) - len(self.others)
        return stages + self.standing.counts + Counter(collector.outcome for collector in self.collectors)

    @property
    def uncollected(self) -> tuple[Collector, ...]:
        """The collectors, each once: one may have failed as a module and for its doctests, or in several workers.

        pytest's last line counts it every time.
        """
        first: dict[str, Collector] = {}
        for collector in self.collectors:
            first.setdefault(collector.nodeid, collector)
        return tuple(first.values())

    @property
    def total(self) -> int:
        """The tests that ended or were begun."""
        return len(self.items)

    @cached_property
    def others(self) -> list[Item]:
        """The tests that did more than pass, or have not yet passed: few, so that only these are looked at closely."""
        return [item for item in self.items if item.stages is not PLAIN]

    @cached_property
    def running(self) -> tuple[Item, ...]:
        """The tests that were begun and have not finished."""
        return tuple(item for item in self.others if not item.finished)

    @cached_property
    def flaky(self) -> tuple[Item, ...]:
        """The tests that failed first and passed in the end."""
        return tuple(item for item in self.others if item.is_flaky)

    @cached_property
    def bad(self) -> tuple[Item, ...]:
        """The tests with a failed stage or subtest."""
        return tuple(item for item in self.others if item.is_bad)
