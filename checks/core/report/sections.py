"""The sections of a summary below its failures. Each has a limited length and may be empty."""

from __future__ import annotations

from collections import Counter
from heapq import nlargest

from ..model.item import Outcome
from ..model.items import names_and_seconds
from ..model.session import Session
from ..text.collapsible import details
from ..text.durations import SHOWN_SECONDS, duration
from ..text.escape import code_span, fence, one_line
from ..text.truncate import truncate_characters, truncate_lines
from ..text.variable_parts import without_numbers

_SLOWEST = 10
_BAR_CHARACTERS = 20
_LINES = 20
_LINE_CHARACTERS = 200


def slowest(session: Session) -> str:
    """Return a list of the slowest tests, with bars."""
    durations = ((seconds, nodeid) for nodeid, seconds in names_and_seconds(session.items))
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


def skipped(session: Session) -> str:
    """Return a list of skip reasons, the most frequent first."""
    stages = [stage for item in session.notable_items for stage in item.stages if stage.outcome is Outcome.SKIPPED]
    reasons = [stage.details.message if stage.details else "" for stage in stages]
    reasons += [collector.details.message for collector in session.collectors if collector.outcome is Outcome.SKIPPED]
    counts = Counter(reason or "no reason given" for reason in reasons)
    return details(f"Skipped: {counts.total():,}", _tally(counts)) if counts else ""


def warnings(session: Session) -> str:
    """Return a list of warnings, the most frequent first; those that differ only in numbers are one."""
    texts: dict[str, str] = {}
    counts = Counter[str]()
    for warning in session.warnings:
        text = f"{warning.category}: {warning.message}"
        counts[texts.setdefault(without_numbers(text), text)] += 1
    return details(f"Warnings: {counts.total():,}", _tally(counts)) if counts else ""


def _tally(reasons: Counter[str]) -> str:
    lines = (f"{count:,} × {code_span(_short(reason))}" for reason, count in reasons.most_common())
    return "- " + truncate_lines(lines, _LINES).replace("\n", "\n- ")


def _bar(share: float) -> str:
    return "█" * max(1, round(share * _BAR_CHARACTERS))


def _short(text: str) -> str:
    return truncate_characters(one_line(text), _LINE_CHARACTERS)
