"""What a check run says about its tests to later runs, and the check run that a run is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .session import CarriedOverCounts

#: 48 bits of a hash of a test's node id, without what differs from run to run. See `core.history.test_key`.
TestKey = int
#: The stage of a module that was not collected; the others are those of `StageName`.
COLLECTION = "collection"


class BaseState(StrEnum):
    """What the base says about a test that fails now."""

    NEW = "new"
    FAILING = "failing"
    FLAKY = "flaky"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The results of one category on one commit, as far as they have room in a check run.

    Attributes:
        counts: the same as in the external id of the check run, which proves that both belong together.
        is_partial: whether results are missing, because a re-run of failed tests did not find the earlier record.
        selection: a digest of what decides which tests are collected: arguments, shard, Python.
        total: the number of tests.
        failed: the failing tests and modules by stage. None without room.
        skipped: the skipped tests, not those with expected failures. None without room.
        flaky: the tests that failed and then passed.
        quarantined: the failing tests whose failures did not count.
        collected: all tests. None without room.
        file_seconds: the durations of test files, by the key of their path.
        test_seconds: the durations of the slowest tests.
    """

    counts: CarriedOverCounts = field(default_factory=CarriedOverCounts)
    is_partial: bool = False
    selection: str = ""
    total: int = 0
    failed: Mapping[str, frozenset[TestKey]] | None = None
    skipped: frozenset[TestKey] | None = None
    flaky: frozenset[TestKey] = frozenset()
    quarantined: frozenset[TestKey] = frozenset()
    collected: frozenset[TestKey] | None = None
    file_seconds: Mapping[TestKey, float] = field(default_factory=dict)
    test_seconds: Mapping[TestKey, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The completed check run that a run is compared with.

    Attributes:
        commit: its commit, 40 hex digits.
        branch: the branch that it is on; may be empty.
        page: the URL of the check run.
        record: its results.
        text: its text, in which the names of passed tests can be found.
        instead_of: why the check run of the commit that the tested code was built on cannot be used, so that this is
            an ancestor's; half a sentence, empty if it is not.
        is_protected: whether it is on the default branch, or on the branch that `compare` names.
    """

    commit: str
    branch: str
    page: str
    record: Record
    text: str = ""
    instead_of: str = ""
    is_protected: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether it belongs to the very commit that the tested code was built on."""
        return not self.instead_of


@dataclass(frozen=True, slots=True, kw_only=True)
class NoBase:
    """Why there is no `Base`: half a sentence, such as ``main at c0ffee1 has no completed check run of this name``."""

    reason: str
