"""What one test did at the last commits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..history.past_results import PastOutcome, PastResult, results_of
from ..history.test_key import key, stable_id
from ..text.commits import short_commit
from ..text.durations import duration
from .columns import columns
from .found import Found, minute, result_members, shown

_MOST_SIMILAR = 5
_OUTCOMES = {
    PastOutcome.PASSED: "passed",
    PastOutcome.NOT_FAILED: "did not fail",
    PastOutcome.FAILED: "failed",
    PastOutcome.FLAKY: "failed, then passed",
    PastOutcome.SKIPPED: "skipped",
    PastOutcome.NOT_COLLECTED: "not collected",
    PastOutcome.UNKNOWN: "unknown",
}


def results(found: Found, nodeid: str) -> list[PastResult]:
    """Return the results of a test or module, the newest first; none if no record knows it."""
    all_results = [*results_of(found.look_back, key(stable_id(nodeid)), is_module="::" not in nodeid)]
    unknown = (PastOutcome.NOT_COLLECTED, PastOutcome.UNKNOWN)
    return all_results if any(result.outcome not in unknown for result in all_results) else []


def similar_names(found: Found, nodeid: str) -> list[str]:
    """Return some names of tests that have this text in them."""
    return sorted(name for name in found.names.values() if nodeid in name)[:_MOST_SIMILAR]


def render(found: Found, nodeid: str, results: Sequence[PastResult], message: str) -> str:
    """Return the table. `message` is that of the newest failure; it is empty if that is unknown."""
    head = ("commit", "started (UTC)", "outcome", "duration", "check run")
    table = columns(head, [_row(result) for result in results], right={"duration"})
    failure = newest_failure(results)
    at_failure = f"\nMessage at {short_commit(failure.commit)}: {shown(message)}\n" if failure and message else ""
    return "".join([f"{shown(nodeid)}\n{found.scope}\n\n", table, at_failure])


def document(found: Found, nodeid: str, results: Sequence[PastResult], message: str) -> dict[str, Any]:
    """Return the same for programs."""
    failure = newest_failure(results)
    return {
        **found.head(),
        "test": nodeid,
        "results": [
            {**result_members(result), "message": message or None if result is failure else None} for result in results
        ],
    }


def newest_failure(results: Sequence[PastResult]) -> PastResult | None:
    """Return the newest of the results that failed."""
    return next((result for result in results if result.outcome.is_failure), None)


def _row(result: PastResult) -> tuple[str, ...]:
    seconds = "" if result.seconds is None else duration(result.seconds)
    return short_commit(result.commit), minute(result.run), _OUTCOMES[result.outcome], seconds, result.run.run.page
