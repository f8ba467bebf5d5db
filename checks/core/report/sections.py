"""The sections of a summary below its failures. Each has a limited length and may be empty."""

from __future__ import annotations

from heapq import nlargest

from ..history.base_state import name_of
from ..history.compare import Comparison
from ..history.slower import SlowerTest
from ..model.items import as_items
from ..model.session import Session
from ..text.collapsible import details
from ..text.durations import SHOWN_SECONDS, duration
from ..text.escape import code, fence, one_line
from ..text.truncate import truncate_characters

_SLOWEST = 10
_BAR_CHARACTERS = 20
_LINE_CHARACTERS = 200


def slowest(session: Session) -> str:
    """Return a list of the slowest tests, with bars."""
    durations = ((seconds, nodeid) for nodeid, seconds in as_items(session.items).names_and_seconds())
    slowest_tests = nlargest(
        _SLOWEST, (entry for entry in durations if entry[0] >= SHOWN_SECONDS), key=lambda entry: entry[0]
    )
    if not slowest_tests:
        return ""
    lines = [
        f"{duration(seconds):>9}  {_bar(seconds / slowest_tests[0][0]):{_BAR_CHARACTERS}}  {_short(nodeid)}"
        for seconds, nodeid in slowest_tests
    ]
    return details("Slowest tests", fence("\n".join(lines)))


def slower(comparison: Comparison | None) -> str:
    """Return a list of the tests that are slower than on the base, the worst first."""
    base = None if comparison is None else comparison.exact_base
    if comparison is None or base is None or not comparison.slower:
        return ""
    lines = [_slower_line(test) for test in comparison.slower[:_SLOWEST]]
    if missing := len(comparison.slower) - len(lines):
        lines.append(f"… and {missing:,} more")
    head = f"Slower than on {code(name_of(base))}: {len(comparison.slower):,}"
    return details(head, fence("\n".join(lines)))


def _slower_line(test: SlowerTest) -> str:
    before = f"{'at most ' if test.is_at_most else ''}{duration(test.base_seconds)}"
    return f"{duration(test.seconds):>9}, was {before}  {_short(test.nodeid)}"


def _bar(share: float) -> str:
    return "█" * max(1, round(share * _BAR_CHARACTERS))


def _short(text: str) -> str:
    return truncate_characters(one_line(text), _LINE_CHARACTERS)
