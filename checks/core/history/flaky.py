"""Which tests are flaky: their results come and go although nothing that they test may have changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from ..model.history import TestKey
from .past_results import PastOutcome, PastResult, results_of
from .past_runs import LookBack, PastCommit

#: How many complete runs are looked at.
MOST_RUNS = 20
#: So many changes of the result make a test flaky: one may be a mistake, and two are its repair, too.
_CHANGES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class FlakyHistory:
    """The results of a test in the last complete runs of a branch.

    Attributes:
        failed: in how many runs it failed, at least at first.
        runs: how many runs have a result of it.
        is_flaky: whether these results show that it is flaky.
    """

    failed: int
    runs: int
    is_flaky: bool


def flaky_history(look_back: LookBack, key: TestKey) -> FlakyHistory:
    """Return what the last runs say about a test."""
    recent = _recent(look_back)
    results = [result for result in results_of(recent, key) if result.outcome.is_result][::-1]
    fails = [result.outcome.is_failure for result in results]
    changes = sum(before != after for before, after in pairwise(fails))
    has_recovered = any(result.outcome is PastOutcome.FLAKY for result in results)
    return FlakyHistory(
        failed=sum(result.outcome in (PastOutcome.FAILED, PastOutcome.FLAKY) for result in results),
        runs=len(results),
        is_flaky=has_recovered or _passed_after_failure_on_one_commit(results) or changes >= _CHANGES,
    )


def flaky_keys(look_back: LookBack) -> Mapping[TestKey, FlakyHistory]:
    """Return the tests that are flaky by their history."""
    recent = _recent(look_back)
    candidates: set[TestKey] = set()
    for run in recent.newest_runs():
        candidates.update(run.record.flaky, run.record.quarantined, *(run.record.failed or {}).values())
    histories = {key: flaky_history(recent, key) for key in candidates}
    return {key: history for key, history in histories.items() if history.is_flaky}


def _recent(look_back: LookBack) -> LookBack:
    """Return the commits of the last runs, with these runs alone."""
    remaining = MOST_RUNS
    commits: list[PastCommit] = []
    for commit in look_back.commits:
        runs = commit.runs[-remaining:] if remaining else ()
        remaining -= len(runs)
        commits.append(replace(commit, runs=runs))
    return replace(look_back, commits=tuple(commits))


def _passed_after_failure_on_one_commit(results: Sequence[PastResult]) -> bool:
    for _, on_commit in groupby(results, key=lambda result: result.commit):
        has_failed = False
        for result in on_commit:
            if has_failed and result.outcome.passes:
                return True
            has_failed = has_failed or result.outcome.is_failure
    return False
