"""The parts of a summary that follow its failures, each of a bounded length; empty where there is nothing to tell."""

from __future__ import annotations

from collections import Counter
from heapq import nlargest
from shlex import quote

from ..model.item import Outcome
from ..model.session import Session
from ..text.collapsible import details
from ..text.durations import duration
from ..text.escape import code_span, fence, one_line
from ..text.truncate import truncate_characters, truncate_lines

_TESTS_TO_RERUN = 20
_COMMAND_CHARACTERS = 4_000
_SLOWEST = 10
_SLOW_SECONDS = 0.01
_BAR_CHARACTERS = 20
_LINES = 20
_LINE_CHARACTERS = 200


def rerun(session: Session) -> str:
    """The command that runs what failed again, from pytest's rootdir."""
    failed = [collector.nodeid for collector in session.unique_collectors if collector.outcome.is_failure]
    failed += [item.nodeid for item in session.failed_items]
    named, characters = list[str](), 0
    for nodeid in failed[:_TESTS_TO_RERUN]:
        characters += len(quote(nodeid)) + 1
        if characters <= _COMMAND_CHARACTERS:
            named.append(quote(nodeid))
    if not named:
        return ""
    more = f"\n\nThese are {len(named)} of {len(failed):,}." if len(named) < len(failed) else ""
    return f"### Re-run locally\n\n{fence(' '.join(['pytest', *named]))}{more}"


def slowest(session: Session) -> str:
    """The tests that took longest, with bars to compare them."""
    timed = ((item.duration_seconds, item.nodeid) for item in session.items)
    slow = nlargest(_SLOWEST, (entry for entry in timed if entry[0] >= _SLOW_SECONDS), key=lambda entry: entry[0])
    if not slow:
        return ""
    lines = [
        f"{duration(seconds):>9}  {_bar(seconds / slow[0][0]):{_BAR_CHARACTERS}}  {_short(nodeid)}"
        for seconds, nodeid in slow
    ]
    return details("Slowest tests", fence("\n".join(lines)))


def skipped(session: Session) -> str:
    """The reasons of skips, the most frequent first."""
    stages = [stage for item in session.notable_items for stage in item.stages if stage.outcome is Outcome.SKIPPED]
    told = [stage.details.message if stage.details else "" for stage in stages]
    told += [part.details.message for part in session.collectors if part.outcome is Outcome.SKIPPED]
    reasons = Counter(reason or "no reason given" for reason in told)
    return details(f"Skipped: {reasons.total():,}", _tally(reasons)) if reasons else ""


def warnings(session: Session) -> str:
    """The warnings, the most frequent first."""
    told = Counter(f"{warned.category}: {warned.message}" for warned in session.warnings)
    return details(f"Warnings: {told.total():,}", _tally(told)) if told else ""


def _tally(reasons: Counter[str]) -> str:
    lines = (f"{times:,} × {code_span(_short(reason))}" for reason, times in reasons.most_common())
    return "- " + truncate_lines(lines, _LINES).replace("\n", "\n- ")


def _bar(part: float) -> str:
    return "█" * max(1, round(part * _BAR_CHARACTERS))


def _short(text: str) -> str:
    return truncate_characters(one_line(text), _LINE_CHARACTERS)
