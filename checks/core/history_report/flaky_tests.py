"""The tests that are flaky by what they did in the last runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..history.flaky import FlakyHistory, flaky_keys
from ..history.past_results import PastOutcome, PastResult, results_of
from ..model.history import TestKey
from ..text.commits import short_commit
from .columns import columns
from .found import Found, hexadecimal, result_members

_FAILURES = (PastOutcome.FAILED, PastOutcome.FLAKY)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlakyEntry:
    """A flaky test, and its newest failure, if that is in the look-back."""

    key: TestKey
    history: FlakyHistory
    failure: PastResult | None


def entries(found: Found) -> list[FlakyEntry]:
    """Return the flaky tests, those that failed most often first."""
    flaky = [
        FlakyEntry(key=key, history=history, failure=_newest_failure(found, key))
        for key, history in flaky_keys(found.look_back).items()
    ]
    return sorted(flaky, key=lambda entry: (-entry.history.failed, found.name(entry.key)))


def render(found: Found, flaky: list[FlakyEntry]) -> str:
    """Return the table."""
    if not flaky:
        return f"{found.scope}\n\nNo test is flaky.\n"
    return f"{found.scope}\n\n{columns(_HEAD, [_row(found, entry) for entry in flaky], right=_HEAD[:2])}"


def document(found: Found, flaky: list[FlakyEntry]) -> dict[str, Any]:
    """Return the same for programs."""
    return {
        **found.head(),
        "tests": [
            {
                "test": found.names.get(entry.key),
                "key": hexadecimal(entry.key),
                "failed": entry.history.failed,
                "of": entry.history.runs,
                "newest_failure": result_members(entry.failure) if entry.failure else None,
            }
            for entry in flaky
        ],
    }


_HEAD = ("failed", "of the last runs", "newest failure", "test")


def _row(found: Found, entry: FlakyEntry) -> tuple[str, ...]:
    failure = "" if entry.failure is None else entry.failure.run.run.page or short_commit(entry.failure.commit)
    return f"{entry.history.failed:,}", f"{entry.history.runs:,}", failure, found.name(entry.key)


def _newest_failure(found: Found, key: TestKey) -> PastResult | None:
    results = results_of(found.look_back, key, is_module=key in found.modules)
    return next((result for result in results if result.outcome in _FAILURES), None)
