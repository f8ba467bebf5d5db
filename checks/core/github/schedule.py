"""When the next write to a check run is due: full batches as soon as may be, the rest at the live interval."""

from __future__ import annotations

from dataclasses import dataclass

from ..model.limits import ANNOTATIONS_PER_REQUEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What the decision needs.

    Attributes:
        waiting: annotations that wait.
        failures_waiting: failures among them.
        has_failed: whether a failure was sent already.
        changed: whether the output would read differently.
        since_last_seconds: since the last write.
        interval_seconds: the user's `live-interval`.
        pacing_seconds: until the pacing allows a write.
    """

    waiting: int
    failures_waiting: int
    has_failed: bool
    changed: bool
    since_last_seconds: float
    interval_seconds: float
    pacing_seconds: float


def seconds_until_write(moment: Moment) -> float | None:
    """0.0 when a write is due now, else how long to wait; None when there is nothing to say.

    A batch is full when more than one request's worth waits: the last request's worth travels with the
    completion, which has to be written anyhow.
    """
    is_full = moment.waiting > ANNOTATIONS_PER_REQUEST
    is_first_failure = bool(moment.failures_waiting) and not moment.has_failed
    if is_full or is_first_failure:
        return moment.pacing_seconds
    if moment.waiting or moment.changed:
        return max(moment.pacing_seconds, moment.interval_seconds - moment.since_last_seconds)
    return None
