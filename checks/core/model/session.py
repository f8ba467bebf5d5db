"""A pytest session: what it collected, ran and reported.

A `Session` is the same whether it was built from the live stream or parsed from a JSON report. Counts are not stored;
they are derived from the stages, like those in pytest's last line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

from .item import Details, Item, Location, Outcome
from .items import as_items


class ExitCode(IntEnum):
    """pytest's exit codes (https://docs.pytest.org/en/stable/reference/exit-codes.html); plugins have others."""

    OK = 0
    TESTS_FAILED = 1
    INTERRUPTED = 2
    INTERNAL_ERROR = 3
    USAGE_ERROR = 4
    NO_TESTS_COLLECTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """A module, class or folder that was not collected: `outcome` is ERROR or SKIPPED."""

    nodeid: str
    outcome: Outcome
    details: Details

    @property
    def title(self) -> str:
        """What it is called everywhere; the session itself has no node id."""
        return self.nodeid or "collection"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedWarning:
    """One warning that pytest recorded; `nodeid` is empty if no test was running."""

    category: str
    message: str
    location: Location
    nodeid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedOverCounts:
    """The counts of a category: those carried over from the previous run, or those that a re-run may carry over.

    `failed` counts the titles of failure annotations. `page` is the URL of the previous run.
    """

    failed: int = 0
    passed: int = 0
    skipped: int = 0
    xfailed: int = 0
    xpassed: int = 0
    quarantined: int = 0
    page: str = ""

    @property
    def counts(self) -> Counter[Outcome]:
        """The carried-over counts; `failed` is missing because failed tests are re-run."""
        return Counter(
            {
                Outcome.PASSED: self.passed,
                Outcome.SKIPPED: self.skipped,
                Outcome.XFAILED: self.xfailed,
                Outcome.XPASSED: self.xpassed,
                Outcome.QUARANTINED: self.quarantined,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PytestCounts:
    """What pytest itself counted.

    Attributes:
        failures: the number of failures and errors (``session.testsfailed``), which decides the exit status.
        tally: the counts of the last line; None without one, or if a plugin counts by words of its own.
    """

    failures: int
    tally: Counter[Outcome] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """How pytest was started, as far as only pytest knows it.

    Attributes:
        folder: where it was started, absolute; empty if it is unknown.
        configuration: the file of its settings, absolute; may be empty.
        paths: the paths and node ids on its command line, as they were given.
        seed: pytest-randomly's; None without that plugin.
    """

    folder: str = ""
    configuration: str = ""
    paths: tuple[str, ...] = ()
    seed: int | None = None


@dataclass(frozen=True, kw_only=True)
class Session:
    """The results of one pytest session.

    Attributes:
        id: a random id that the stream and the report of one session share; empty without a stream.
        root: pytest's rootdir, absolute; node ids are relative to it.
        python_version: that of the tests' process; empty without a stream.
        invocation: how pytest was started.
        items: the tests that started, in this order.
        collectors: only those that did not pass.
        collected: the number of selected tests; None if it is unknown (yet).
        deselected: the number of tests deselected by ``-k``, ``-m`` and similar.
        exit_status: pytest's own; None if the session has not ended.
        stop_reason: why pytest stopped early (``-x``, ``--maxfail``, ``pytest.exit``, an interrupt); may be empty.
        workers_reason: why xdist ended before all tests had run, because workers crashed; may be empty.
        pytest_counts: None if the session has not ended, or without the plugin.
        internal_error: the text of an INTERNALERROR; may be empty.
        write_error: why results are missing that could not be recorded; empty if none are.
        lost_records: the number of records of the stream or a report that were unreadable or missing.
        reports_without_tests: the number of reports with exit status 5, if there are several reports.
        carried_over: the counts of the previous run's tests that were not re-run.
        grouped_by: xdist's distribution if `failed-first` is on and has no effect with it, such as ``loadscope``.
        not_collected: the titles of tests that should have been re-run and were not collected.
    """

    id: str = ""
    root: str = ""
    pytest_version: str = ""
    python_version: str = ""
    invocation: Invocation = field(default_factory=Invocation)
    items: Sequence[Item] = ()
    collectors: tuple[Collector, ...] = ()
    warnings: tuple[RecordedWarning, ...] = ()
    collected: int | None = None
    deselected: int = 0
    duration_seconds: float = 0.0
    exit_status: int | None = None
    stop_reason: str = ""
    workers_reason: str = ""
    pytest_counts: PytestCounts | None = None
    internal_error: str = ""
    write_error: str = ""
    lost_records: int = 0
    reports_without_tests: int = 0
    carried_over: CarriedOverCounts = field(default_factory=CarriedOverCounts)
    grouped_by: str = ""
    not_collected: tuple[str, ...] = ()

    @cached_property
    def own_counts(self) -> Counter[Outcome]:
        """The counts of pytest's last line."""
        stages = Counter(stage.outcome for item in self.notable_items for stage in item.stages if stage.is_counted)
        stages[Outcome.PASSED] += len(self.items) - len(self.notable_items)
        return stages + Counter(collector.outcome for collector in self.collectors)

    @property
    def unreported_failures(self) -> int:
        """The number of failures that pytest counted and the results do not have."""
        counted = sum(self.own_counts[outcome] for outcome in (Outcome.FAILED, Outcome.ERROR, Outcome.QUARANTINED))
        return 0 if self.pytest_counts is None else max(0, self.pytest_counts.failures - counted)

    @cached_property
    def counts(self) -> Counter[Outcome]:
        """The counts of pytest's last line plus the carried-over counts."""
        return self.own_counts + self.carried_over.counts

    @property
    def unique_collectors(self) -> tuple[Collector, ...]:
        """The collectors without duplicates.

        The same one may fail as a module and for its doctests, or in several workers. pytest's last line counts each.
        """
        first: dict[str, Collector] = {}
        for collector in self.collectors:
            first.setdefault(collector.nodeid, collector)
        return tuple(first.values())

    @property
    def total(self) -> int:
        """The number of tests that started."""
        return len(self.items)

    @cached_property
    def notable_items(self) -> list[Item]:
        """The tests that did not simply pass, or are running. They are few, so loops over these are fast."""
        return [item for _, item in as_items(self.items).numbered_notable()]

    @cached_property
    def running_items(self) -> tuple[Item, ...]:
        """The tests that started and have not finished."""
        return tuple(item for item in self.notable_items if not item.is_finished)

    @cached_property
    def flaky_items(self) -> tuple[Item, ...]:
        """The tests that failed at first and then passed."""
        return tuple(item for item in self.notable_items if item.is_flaky)

    @cached_property
    def quarantined_items(self) -> tuple[Item, ...]:
        """The tests with a failure that does not count."""
        return tuple(
            item
            for item in self.notable_items
            if item.is_quarantined and any(stage.outcome is Outcome.QUARANTINED for stage in item.stages)
        )

    @cached_property
    def failed_items(self) -> tuple[Item, ...]:
        """The tests with a failed stage or subtest."""
        return tuple(item for item in self.notable_items if item.is_failure)
