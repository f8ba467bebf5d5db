"""Pacing of one job's writes to GitHub: a burst, then one a second, with a limit per hour.

The numbers and their sources are in `core.model.limits`. All jobs of an App's installation share GitHub's limits. So a
rate-limit response halves the rate for an hour, and updates that can wait make room while others are busy.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import inf

from ..model.limits import (
    BUSY_REQUESTS_PER_HOUR,
    BUSY_REQUESTS_PER_SECOND,
    SECONDS_BESIDE_BUSY_JOBS,
    SECONDS_BETWEEN_WRITES,
    WRITES_PER_BURST,
    WRITES_PER_HOUR,
)
from ..model.ports import Urgency
from .usage import InstallationUsage

_HOUR_SECONDS = 3600.0
#: The slowest rate, however often GitHub refuses and however busy others are: one write a minute.
_SLOWEST_SECONDS = 60.0
#: Annotations wait as many seconds as others send requests in this time. A hundred such jobs send one write a second.
_SHARED_SECONDS = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    """The recent writes, as far as they affect the next one. Times are seconds of a monotonic clock.

    Attributes:
        seconds_between: seconds between writes once the burst is spent.
        burst: how many writes may be sent at once.
        per_hour: the limit for any hour.
        paid_until: moves on by `seconds_between` with every write; may be ahead of the clock by a burst.
        writes: times of the writes of the last hour, oldest first.
        usual: the rate before the last refusals, restored an hour after them.
        refused_at: time of the last refusal.
        usage: what is known of the other jobs.
    """

    seconds_between: float = SECONDS_BETWEEN_WRITES
    burst: int = WRITES_PER_BURST
    per_hour: int = WRITES_PER_HOUR
    paid_until: float = -inf
    writes: tuple[float, ...] = ()
    usual: tuple[float, int] | None = None
    refused_at: float = -inf
    usage: InstallationUsage = field(default_factory=InstallationUsage)

    def seconds_until_ready(self, now: float, writes: int = 1, urgency: Urgency = Urgency.URGENT) -> float:
        """Return how long to wait before the last of the next `writes`; 0.0 for not at all, infinity for ever."""
        if urgency is Urgency.NOTICES and self._is_busy_hour:
            return inf
        ahead = max(now, self.paid_until) - now - (self.burst - writes) * self.seconds_between
        full = self.per_hour - writes + 1
        hour = self.writes[-full] + _HOUR_SECONDS - now if 0 < full <= len(self.writes) else 0.0
        last = self.writes[-1] if self.writes else -inf
        return max(0.0, ahead, hour, last + self._seconds_for_others(urgency) - now)

    def _seconds_for_others(self, urgency: Urgency) -> float:
        """Return how long after the last write the next one makes room for those of others."""
        if urgency is Urgency.URGENT:
            return 0.0
        others_per_second, is_busy_hour = self.usage.others_per_second, self._is_busy_hour
        if urgency is not Urgency.LIVE:
            return _SLOWEST_SECONDS if is_busy_hour else min(_SHARED_SECONDS * others_per_second, _SLOWEST_SECONDS)
        spare = BUSY_REQUESTS_PER_SECOND - others_per_second
        if spare <= 0 or is_busy_hour or self.usual is not None:
            return SECONDS_BESIDE_BUSY_JOBS
        return min(1 / spare - 1 / BUSY_REQUESTS_PER_SECOND, SECONDS_BESIDE_BUSY_JOBS)

    @property
    def _is_busy_hour(self) -> bool:
        return self.usage.others_per_hour >= BUSY_REQUESTS_PER_HOUR

    def spent(self, now: float) -> Pacing:
        """Return the pacing after a write at `now`. A write that came too early delays later ones."""
        recent = tuple(time for time in self.writes if time > now - _HOUR_SECONDS)
        pacing = self._recovered(now)
        paid_until = max(now, self.paid_until) + pacing.seconds_between
        return replace(pacing, paid_until=paid_until, writes=(*recent, now))

    def _recovered(self, now: float) -> Pacing:
        if self.usual is None or now < self.refused_at + _HOUR_SECONDS:
            return self
        seconds_between, per_hour = self.usual
        return replace(self, seconds_between=seconds_between, per_hour=per_hour, usual=None)

    def refused(self, now: float) -> Pacing:
        """Return the pacing after a rate-limit response at `now`: half the rate, and no burst."""
        seconds_between = min(2 * self.seconds_between, _SLOWEST_SECONDS)
        return replace(
            self,
            seconds_between=seconds_between,
            per_hour=max(self.per_hour // 2, int(_HOUR_SECONDS // _SLOWEST_SECONDS)),
            paid_until=max(self.paid_until, now + self.burst * seconds_between),
            usual=self.usual or (self.seconds_between, self.per_hour),
            refused_at=now,
        )
