"""Measure the time from pytest's exit to the completed check run."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from math import ceil

from checks.core.model.limits import ANNOTATIONS_PER_REQUEST

from . import pace
from .jobs import BenchRun
from .table import Row, Spread

_MAX_SECONDS = 1.0
#: For the work before the first request.
_MAX_EXTRA_SECONDS = 0.2
#: Requests that may remain: the last one, one in progress, and two for batches sent before they were full.
_ALLOWED_EXCESS = 4


def without_latency(*groups: Sequence[BenchRun]) -> Row:
    """Measure with a server that answers at once; each group is runs of one suite.

    The pacing before the last batch, which is sent with the completion, does not count; more remaining requests than
    necessary do.
    """
    parts, is_met = [], True
    for runs in groups:
        waits = [_required_seconds(run, excluding=1) for run in runs]
        found = Spread([_completion_seconds(run) - wait for run, wait in zip(runs, waits, strict=True)])
        excess = max(map(_excess_requests, runs))
        parts.append(
            f"**{found:.2f} s** at {_description(runs[0])}"
            + (f" and {Spread(waits):.2f} s of pacing" if max(waits) else "")
            + (f", **{excess} requests behind it**" if excess else "")
        )
        is_met = is_met and found.median <= _MAX_SECONDS and not excess
    return Row(
        figure="from pytest's exit to the completed check, with no latency",
        target=f"≤ {_MAX_SECONDS:g} s beside the pacing, at any number of tests",
        measured="; ".join(parts),
        is_met=is_met,
    )


def with_latency(*groups: Sequence[BenchRun]) -> Row:
    """Measure with a slow server, against the pacing of what remains to be sent, including the completion."""
    parts, is_met = [], True
    for runs in groups:
        seconds, required = (
            Spread([_completion_seconds(run) for run in runs]),
            Spread([_required_seconds(run) for run in runs]),
        )
        remaining = statistics.median(_remaining_batches(run) for run in runs)
        pacing = f"where the pacing takes {required:.2f} s for {remaining:.0f} requests"
        parts.append(f"**{seconds.over(required):.2f} times** at {_description(runs[0])}: {seconds:.2f} s, {pacing}")
        is_met = is_met and seconds.median <= required.median + _MAX_EXTRA_SECONDS
    return Row(
        figure=f"the same with {groups[0][0].answer_seconds * 1000:g} ms an answer",
        target=f"≤ {_MAX_EXTRA_SECONDS} s more than the pacing of the remaining requests takes, with their answers",
        measured="; ".join(parts),
        is_met=is_met,
    )


def _completion_seconds(run: BenchRun) -> float:
    return pace.seconds_to_completion(run.requests, run.usage.tests_ended_at)


def _remaining_batches(run: BenchRun) -> int:
    return pace.remaining_batches(run.requests, run.usage.tests_ended_at, answer_seconds=run.answer_seconds)


def _excess_requests(run: BenchRun) -> int:
    """Return how many more requests remained than the pacing requires; 0 for a few."""
    suite, seconds = run.suite, run.usage.tests_ended_at - run.tests_started_at
    late_notices = suite.notices if suite.has_late_notices else 0
    fewest_remaining = pace.fewest_remaining(suite.failing + suite.notices - late_notices, seconds)
    excess = _remaining_batches(run) - fewest_remaining - ceil(late_notices / ANNOTATIONS_PER_REQUEST)
    return excess if excess > _ALLOWED_EXCESS else 0


def _required_seconds(run: BenchRun, *, excluding: int = 0) -> float:
    return pace.required_seconds(
        run.requests,
        run.usage.tests_ended_at,
        batches=_remaining_batches(run) - excluding,
        answer_seconds=run.answer_seconds,
    )


def _description(run: BenchRun) -> str:
    suite = run.suite
    return f"{suite.tests:,} tests, {f'{suite.failing:,} failing' if suite.failing else 'all passing'}"
