"""The parts of a check run's title that count the tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ..model.item import Outcome
from ..model.session import Session
from ..text.amounts import pluralize
from ..text.durations import rough_duration, shown_duration, with_duration

_FAILURES_FIRST = sorted(Outcome, key=[Outcome.FAILED, Outcome.ERROR, Outcome.PASSED, *Outcome].index)


def live_title(session: Session, elapsed_seconds: float, seconds_left: float | None = None) -> str:
    """Return the title while pytest runs, such as ``512 of 948 · 2 failed · 41 s``.

    If the time left is known, that replaces the time so far: ``512 of 948 · 2 failed · about 1 m left``.
    """
    failures = count_texts(session.counts, [Outcome.FAILED, Outcome.ERROR])
    time = shown_duration(elapsed_seconds) if seconds_left is None else f"about {rough_duration(seconds_left)} left"
    parts = [progress(session) or "collecting", *failures, time]
    return " · ".join(filter(None, parts))


def counts_text(session: Session, cause_count: int = 0, new_count: int | None = None) -> str:
    """Return counts, failures first, such as ``3 failed (2 causes, 1 new), 940 passed in 1 m 12 s``; may be empty.

    `new_count` is the number of new failures, None if it is unknown.
    """
    texts = count_texts(session.counts)
    failed, errors = session.counts[Outcome.FAILED], session.counts[Outcome.ERROR]
    causes = f"{cause_count:,} causes" if cause_count > 1 else ""
    new = "" if new_count is None else f"{new_count:,} new"
    if (failed or errors) and (causes or new):
        # Behind the first number that they explain: "1 failed (2 causes), 1 error" would be nonsense.
        explained = max(cause_count, new_count or 0)
        texts[bool(failed and errors and failed < explained)] += f" ({', '.join(filter(None, [causes, new]))})"
    return with_duration(", ".join(texts), session.duration_seconds) if texts else ""


def progress(session: Session) -> str:
    """Return the number of finished and collected tests, such as ``512 of 948``; empty if nothing is known yet."""
    finished = session.total - len(session.running_items)
    if session.collected is None:
        return f"{finished:,}" if session.items else ""
    return f"{finished:,} of {max(session.collected, session.total):,}"


def count_texts(counts: Counter[Outcome], outcomes: Iterable[Outcome] = _FAILURES_FIRST) -> list[str]:
    """Return the counts that are not zero, in the order of `outcomes`."""
    return [
        pluralize(counts[outcome], "error") if outcome is Outcome.ERROR else f"{counts[outcome]:,} {outcome.value}"
        for outcome in outcomes
        if counts[outcome]
    ]
