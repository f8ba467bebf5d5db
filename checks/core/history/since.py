"""Since when a test fails: the last commit at which it passed, and the first one after that at which it failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from ..model.history import TestKey
from .past_results import PastResult, results_of
from .past_runs import LookBack


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What records prove about a test that fails now.

    Attributes:
        passed: the last result that passed, if any.
        failed: the first failure after that; None if no earlier commit has one, so that the test fails since now.
        commits: at how many commits it failed since then.
    """

    passed: PastResult | None
    failed: PastResult | None
    commits: int


def since_when(look_back: LookBack, key: TestKey, *, is_module: bool = False) -> Since | None:
    """Return since when a failing test or module fails; None if no record has a result of it.

    Commits whose records do not say what it did are skipped. It passed at a commit if it passed in any run there.
    """
    failed: PastResult | None = None
    commits = 0
    for results in _by_commit(look_back, key, is_module=is_module):
        if passed := next((result for result in results if not result.outcome.is_failure), None):
            return Since(passed=passed, failed=failed, commits=commits)
        failed = results[-1]
        commits += 1
    return Since(passed=None, failed=failed, commits=commits) if failed else None


def _by_commit(look_back: LookBack, key: TestKey, *, is_module: bool) -> Iterator[list[PastResult]]:
    """Yield the results of each commit that has any, the newest first."""
    known = (result for result in results_of(look_back, key, is_module=is_module) if result.outcome.is_result)
    for _, results in groupby(known, key=lambda result: result.commit):
        yield [*results]
