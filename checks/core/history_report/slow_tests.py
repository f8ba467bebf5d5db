"""The tests that took longest in the last runs. A record has the durations of the 500 slowest tests of its run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from ..model.history import TestKey
from ..text.durations import duration
from .columns import columns
from .found import Found, hexadecimal

_MOST_SHOWN = 30
_HEAD = ("newest", "median", "longest", "runs", "test")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowEntry:
    """A test and its durations in seconds, the newest first. `is_in_newest`: whether the newest run has one."""

    key: TestKey
    seconds: Sequence[float]
    is_in_newest: bool

    @property
    def median(self) -> float:
        """The median of its durations."""
        return median(self.seconds)


def entries(found: Found) -> list[SlowEntry]:
    """Return the tests, those with the longest median first. Re-runs repeat durations of the run before."""
    seconds: dict[TestKey, list[float]] = defaultdict(list)
    runs = [run for run in found.runs if not run.is_rerun]
    for run in runs:
        for key, duration_seconds in run.record.test_seconds.items():
            seconds[key].append(duration_seconds)
    newest = runs[0].record.test_seconds if runs else {}
    slow = [SlowEntry(key=key, seconds=values, is_in_newest=key in newest) for key, values in seconds.items()]
    return sorted(slow, key=lambda entry: (-entry.median, found.name(entry.key)))


def render(found: Found, slow: Sequence[SlowEntry]) -> str:
    """Return the table of the slowest of them."""
    if not slow:
        return f"{found.scope}\n\nNo record has durations.\n"
    shown = slow[:_MOST_SHOWN]
    table = columns(_HEAD, [_row(found, entry) for entry in shown], right=_HEAD[:-1])
    others = len(slow) - len(shown)
    return f"{found.scope}\n\n" + table + (f"\n… and {others:,} more, with --json\n" if others else "")


def document(found: Found, slow: Sequence[SlowEntry]) -> dict[str, Any]:
    """Return all of them for programs."""
    return {
        **found.head(),
        "tests": [
            {
                "test": found.names.get(entry.key),
                "key": hexadecimal(entry.key),
                "newest": entry.seconds[0] if entry.is_in_newest else None,
                "median": entry.median,
                "longest": max(entry.seconds),
                "of": len(entry.seconds),
            }
            for entry in slow
        ],
    }


def _row(found: Found, entry: SlowEntry) -> tuple[str, ...]:
    newest = duration(entry.seconds[0]) if entry.is_in_newest else ""
    longest = duration(max(entry.seconds))
    return newest, duration(entry.median), longest, f"{len(entry.seconds):,}", found.name(entry.key)
