"""From pytest's exit to the completed check."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from math import ceil

from checks.core.model.limits import ANNOTATIONS_PER_REQUEST

from . import pace
from .jobs import Run
from .table import Row, Spread

_MOST_SECONDS = 1.0
#: For what we do before the first of them.
_MOST_BEYOND_SECONDS = 0.2
#: Requests that may well be left: the last one, one under way, and for those that were sent before they were full.
_FEW = 4


def at_once(*groups: Sequence[Run]) -> Row:
    """Where GitHub answers at once; each group is runs of one suite.

    What the pacing asks before the last batch, which travels with the completion, is not ours; that more is left than
    need be is.
    """
    told, is_met = [], True
    for runs in groups:
        waits = [_required(run, excluding=1) for run in runs]
        found = Spread([_seconds(run) - wait for run, wait in zip(runs, waits, strict=True)])
        behind = max(map(_behind, runs))
        told.append(
            f"**{found:.2f} s** at {_named(runs[0])}"
            + (f" and {Spread(waits):.2f} s of pacing" if max(waits) else "")
            + (f", **{behind} requests behind it**" if behind else "")
        )
        is_met = is_met and found.median <= _MOST_SECONDS and not behind
    return Row(
        figure="from pytest's exit to the completed check, with no latency",
        target=f"≤ {_MOST_SECONDS:g} s beside the pacing, at any number of tests",
        measured="; ".join(told),
        is_met=is_met,
    )


def paced(*groups: Sequence[Run]) -> Row:
    """Where GitHub takes its time, against what its pacing asks for all that is left to send, completion included."""
    told, is_met = [], True
    for runs in groups:
        took, required = Spread([_seconds(run) for run in runs]), Spread([_required(run) for run in runs])
        left = statistics.median(_left(run) for run in runs)
        asked = f"{required:.2f} s for {left:.0f} requests"
        told.append(f"**{took.over(required):.2f}** at {_named(runs[0])}: {took:.2f} s, {asked}")
        is_met = is_met and took.median <= required.median + _MOST_BEYOND_SECONDS
    return Row(
        figure=f"the same with {groups[0][0].answer_seconds * 1000:g} ms an answer",
        target=f"≤ {_MOST_BEYOND_SECONDS} s above what the pacing of the remaining requests takes, with their answers",
        measured="; ".join(told),
        is_met=is_met,
    )


def _seconds(run: Run) -> float:
    return pace.seconds_to_completion(run.requests, run.took.tests_ended)


def _left(run: Run) -> int:
    return pace.batches_left(run.requests, run.took.tests_ended, answer_seconds=run.answer_seconds)


def _behind(run: Run) -> int:
    """How many more requests were left than the pacing makes wait; 0 for a few."""
    suite, seconds = run.suite, run.took.tests_ended - run.tests_began
    late = suite.notices if suite.has_notices_by_file else 0
    fewest = pace.fewest_left(suite.failing + suite.notices - late, seconds)
    behind = _left(run) - fewest - ceil(late / ANNOTATIONS_PER_REQUEST)
    return behind if behind > _FEW else 0


def _required(run: Run, *, excluding: int = 0) -> float:
    return pace.required_seconds(
        run.requests, run.took.tests_ended, batches=_left(run) - excluding, answer_seconds=run.answer_seconds
    )


def _named(run: Run) -> str:
    suite = run.suite
    return f"{suite.tests:,} tests, {f'{suite.failing:,} failing' if suite.failing else 'all passing'}"
