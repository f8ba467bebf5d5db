"""The time after which a job retries no request."""

from __future__ import annotations

from math import inf

from ...core.model.ports import Clock


class Deadline:
    """A time on the monotonic clock after which nothing is retried: `seconds` after `start`.

    Until GitHub has answered once, it is `unanswered_seconds` after `start`.
    """

    def __init__(self, clock: Clock, seconds: float, unanswered_seconds: float | None = None) -> None:
        self._clock = clock
        self._seconds = seconds
        self._unanswered_seconds = unanswered_seconds
        self._started_at = inf

    def start(self) -> None:
        """Set the time, also for active requests. Only the first call has an effect."""
        if self._started_at == inf:
            self._started_at = self._clock.monotonic()

    def note_answer(self) -> None:
        """Allow all of the time, as GitHub answers."""
        self._unanswered_seconds = None

    def time(self) -> float:
        """Return the time; infinity before the start."""
        return self._started_at + (self._seconds if self._unanswered_seconds is None else self._unanswered_seconds)
