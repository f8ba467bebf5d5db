"""When the next live update of a check run is due: at once if it shows failures, otherwise at `live-interval`."""

from __future__ import annotations

from dataclasses import dataclass

from ..model.limits import ANNOTATIONS_PER_REQUEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The input of the decision.

    Attributes:
        waiting: annotations in the queue.
        failures_waiting: failures among them.
        has_failed: whether a failure was sent before.
        changed: whether the output differs from what was sent.
        since_last_seconds: time since the last write.
        interval_seconds: the input `live-interval`.
        pacing_seconds: time until the pacing allows a write.
    """

    waiting: int
    failures_waiting: int
    has_failed: bool
    changed: bool
    since_last_seconds: float
    interval_seconds: float
    pacing_seconds: float


def seconds_until_write(moment: Moment) -> float | None:
    """Return the seconds until the next write (0.0: now), or None if there is nothing to send.

    The first failure, and then every full batch with failures, is sent as soon as the pacing allows. A batch is full
    when more than 50 annotations wait: the last 50 are sent with the completion, which is needed anyway. Notices alone
    never cause a write before the interval has passed.
    """
    is_full = moment.waiting > ANNOTATIONS_PER_REQUEST
    if moment.failures_waiting and (is_full or not moment.has_failed):
        return moment.pacing_seconds
    if moment.waiting or moment.changed:
        return max(moment.pacing_seconds, moment.interval_seconds - moment.since_last_seconds)
    return None
