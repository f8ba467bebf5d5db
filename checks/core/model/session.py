"""Pytest's words: what one session collected, ran and reported.

A `Session` is the same whether it was folded from the live stream or parsed from a JSON report.
Counts are derived from the stages, as pytest's own last line counts them, and stored nowhere.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from .item import PLAIN, Details, Item, Location, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """A module, class or folder whose collection did not pass: `outcome` is ERROR or SKIPPED."""

    nodeid: str
    outcome: Outcome
    details: Details


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedWarning:
    """One warning that pytest recorded; `nodeid` is empty when no test was running."""

    category: str
    message: str
    location: Location
    nodeid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedOverCounts:
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
        stop_reason: why pytest stopped early (``-x``, ``--maxfail``, ``pytest.exit``, an interrupt), else empty.
        internal_error: the text of an INTERNALERROR, else empty.
        write_error: why results could not be recorded, so that they are missing here; empty where all were.
        lost_records: how many records of the stream were unreadable or missing.
        carried_over: results of an earlier run, of tests that did not run again.
        not_collected: titles of tests that were to run again and were not collected.
    """

    id: str = ""
    root: str = ""
    pytest_version: str = ""
    items: tuple[Item, ...] = ()
    collectors: tuple[Collector, ...] = ()
    warnings: tuple[RecordedWarning, ...] = ()
    collected: int | None = None
    deselected: int = 0
    duration_seconds: float = 0.0
    exit_status: int | None = None
    stop_reason: str = ""
    internal_error: str = ""
    write_error: str = ""
    lost_records: int = 0
    carried_over: CarriedOverCounts = field(default_factory=CarriedOverCounts)
    not_collected: tuple[str, ...] = ()

    @cached_property
    def counts(self) -> Counter[Outcome]:
        """The numbers of pytest's last line, with those of an earlier run that stand."""
        stages = Counter(stage.outcome for item in self.notable_items for stage in item.stages if stage.is_counted)
        stages[Outcome.PASSED] += len(self.items) - len(self.notable_items)
        return stages + self.carried_over.counts + Counter(collector.outcome for collector in self.collectors)

    @property
    def unique_collectors(self) -> tuple[Collector, ...]:
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
    def notable_items(self) -> list[Item]:
        """The tests that did more than pass, or have not yet passed: few, so that only these are looked at closely."""
        return [item for item in self.items if item.stages is not PLAIN]

    @cached_property
    def running_items(self) -> tuple[Item, ...]:
        """The tests that were begun and have not finished."""
        return tuple(item for item in self.notable_items if not item.is_finished)

    @cached_property
    def flaky_items(self) -> tuple[Item, ...]:
        """The tests that failed first and passed in the end."""
        return tuple(item for item in self.notable_items if item.is_flaky)

    @cached_property
    def failed_items(self) -> tuple[Item, ...]:
        """The tests with a failed stage or subtest."""
        return tuple(item for item in self.notable_items if item.is_failure)
