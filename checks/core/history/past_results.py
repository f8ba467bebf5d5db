"""What the records of earlier commits say about one test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from ..model.history import Record, TestKey
from .base_state import is_shared
from .passed_names import passed_nodeids
from .past_runs import LookBack, PastCommit, PastRun
from .test_key import key as key_of
from .test_key import stable_id


class PastOutcome(Enum):
    """What a record says about a test. Without room for a list, or for a test that several have the id of: UNKNOWN."""

    PASSED = auto()
    #: It passed, or failed as it was expected to, or passed although it was not expected to.
    NOT_FAILED = auto()
    FAILED = auto()
    #: It failed, and then passed in the same session.
    FLAKY = auto()
    SKIPPED = auto()
    NOT_COLLECTED = auto()
    UNKNOWN = auto()

    @property
    def passes(self) -> bool:
        """Whether the test passed, or behaved as expected."""
        return self in (PastOutcome.PASSED, PastOutcome.NOT_FAILED)

    @property
    def is_failure(self) -> bool:
        """Whether the test failed in the end."""
        return self is PastOutcome.FAILED

    @property
    def is_result(self) -> bool:
        """Whether the test ran."""
        return self.passes or self.is_failure or self is PastOutcome.FLAKY


@dataclass(frozen=True, slots=True, kw_only=True)
class PastResult:
    """The outcome of a test in one run.

    `seconds` is None if the test is not among the slowest of the run, and for a re-run, which repeats durations.
    """

    commit: str
    run: PastRun
    outcome: PastOutcome
    seconds: float | None = None


def outcome_in(record: Record, key: TestKey, *, is_module: bool = False) -> PastOutcome:
    """Return what a record says about a test, or about a module, which fails if it cannot be collected.

    That is unknown for the key 0, and for a test whose id several tests have there, apart from what varies.
    """
    if not key or record.failed is None or is_shared(key, record):
        return PastOutcome.UNKNOWN
    if key in record.quarantined or any(key in keys for keys in record.failed.values()):
        return PastOutcome.FAILED
    if is_module:
        is_test = record.collected is None or key in record.collected  # of a plugin that names it like a file
        return PastOutcome.PASSED if key in record.file_seconds and not is_test else PastOutcome.UNKNOWN
    return PastOutcome.FLAKY if key in record.flaky else _without_failure(record, key)


def _without_failure(record: Record, key: TestKey) -> PastOutcome:
    if record.collected is None or record.skipped is None:
        return PastOutcome.UNKNOWN
    if key not in record.collected:
        return PastOutcome.NOT_COLLECTED
    if key in record.skipped:
        return PastOutcome.SKIPPED
    return PastOutcome.NOT_FAILED if record.counts.xfailed or record.counts.xpassed else PastOutcome.PASSED


def results_of(look_back: LookBack, key: TestKey, *, is_module: bool = False) -> Iterator[PastResult]:
    """Yield the results of a test or module over all runs, the newest first.

    A re-run repeats the results of tests that it did not run again. Those are no results of their own, and are missing.
    """
    for commit in look_back.commits:
        yield from reversed([*_results_on(commit, key, is_module=is_module)])


def keys_in(look_back: LookBack) -> frozenset[TestKey]:
    """Return the keys of all tests and modules that any record names."""
    found: set[TestKey] = set()
    for run in look_back.newest_runs():
        record = run.record
        found.update(record.collected or (), record.flaky, *(record.failed or {}).values())
    return frozenset(found)


def names_in(look_back: LookBack) -> dict[TestKey, str]:
    """Return the node ids of tests by key, as far as the lists of passed tests have them."""
    names: dict[TestKey, str] = {}
    for run in look_back.newest_runs():
        for nodeid in passed_nodeids(run.run.output.text):
            names.setdefault(key_of(stable_id(nodeid)), nodeid)
    return names


def _results_on(commit: PastCommit, key: TestKey, *, is_module: bool) -> Iterator[PastResult]:
    """Yield the results on one commit, oldest first."""
    before: PastOutcome | None = None
    for run in commit.runs:
        outcome = outcome_in(run.record, key, is_module=is_module)
        if run.is_rerun and before is PastOutcome.FAILED and outcome is PastOutcome.FLAKY:
            outcome = PastOutcome.PASSED  # the failure is that of the run before
        if not run.is_rerun or outcome is not before or outcome is PastOutcome.FAILED:
            seconds = None if run.is_rerun else run.record.test_seconds.get(key)
            yield PastResult(commit=commit.commit, run=run, outcome=outcome, seconds=seconds)
        before = outcome
