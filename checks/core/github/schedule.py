"""When the next live update of a check run is due: at once if it shows failures, otherwise at `live-interval`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..model.limits import ANNOTATIONS_PER_REQUEST, SECONDS_FOR_OTHERS
from ..model.ports import PublishError, Urgency


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
        pacing_seconds: time until the pacing allows an urgent write.
        batch_pacing_seconds: time until other jobs leave room for a full batch.
        live_pacing_seconds: time until they leave room for an update that could also be left out.
        has_room_for_notices: the function of this name.
    """

    waiting: int
    failures_waiting: int
    has_failed: bool
    changed: bool
    since_last_seconds: float
    interval_seconds: float
    pacing_seconds: float
    batch_pacing_seconds: float
    live_pacing_seconds: float
    has_room_for_notices: bool

    @property
    def is_first_failure(self) -> bool:
        """Whether the first failure waits."""
        return bool(self.failures_waiting) and not self.has_failed


def seconds_until_write(moment: Moment) -> float | None:
    """Return the seconds until the next write (0.0: now), or None if there is nothing to send.

    The first failure, and then every full batch with failures, is sent as soon as the pacing allows. A batch is full
    when more than 50 annotations wait: the last 50 are sent with the completion, which is needed anyway. Notices alone
    never cause a write before the interval has passed, and do not fill a batch if there is no room for them.
    """
    if moment.is_first_failure:
        return moment.pacing_seconds
    filling = moment.waiting if moment.has_room_for_notices else moment.failures_waiting
    if moment.failures_waiting and filling > ANNOTATIONS_PER_REQUEST:
        return max(moment.pacing_seconds, moment.batch_pacing_seconds)
    if moment.waiting or moment.changed:
        return max(
            moment.pacing_seconds, moment.live_pacing_seconds, moment.interval_seconds - moment.since_last_seconds
        )
    return None


def has_room_for_notices(seconds_until_ready: Callable[[Urgency], float]) -> bool:
    """Whether more notices and warnings than the completion carries can be sent soon after it."""
    return seconds_until_ready(Urgency.NOTICES) <= SECONDS_FOR_OTHERS


def seconds_after_completion(
    seconds_until_ready: Callable[[Urgency], float], *, since_seconds: float, remaining_seconds: float
) -> float:
    """Return how long the next annotations of a run wait that was completed `since_seconds` ago.

    They make room for other jobs for `SECONDS_FOR_OTHERS` at most. Raises `PublishError` if the job's own pacing allows
    them only after the `remaining_seconds`.
    """
    own_seconds = seconds_until_ready(Urgency.URGENT)
    if own_seconds > remaining_seconds:
        raise PublishError("GitHub's rate limits, or slow responses, leave no time to send the other annotations.")
    for_others = min(seconds_until_ready(Urgency.ANNOTATIONS), SECONDS_FOR_OTHERS - since_seconds, remaining_seconds)
    return max(own_seconds, for_others)
