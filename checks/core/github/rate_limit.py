"""Pacing of one job's writes to GitHub: a burst, then one a second, with a limit per hour.

The numbers and their sources are in `core.model.limits`. A rate-limit response halves the rate for an hour, as other
jobs share the App's budget.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf

from ..model.limits import SECONDS_BETWEEN_WRITES, WRITES_PER_BURST, WRITES_PER_HOUR

_HOUR_SECONDS = 3600.0
#: The slowest rate, however often GitHub refuses: one write a minute.
_SLOWEST_SECONDS = 60.0


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
    """

    seconds_between: float = SECONDS_BETWEEN_WRITES
    burst: int = WRITES_PER_BURST
    per_hour: int = WRITES_PER_HOUR
    paid_until: float = -inf
    writes: tuple[float, ...] = ()
    usual: tuple[float, int] | None = None
    refused_at: float = -inf

    def seconds_until_ready(self, now: float, writes: int = 1) -> float:
        """Return how long to wait before the last of the next `writes`; 0.0 for not at all."""
        ahead = max(now, self.paid_until) - now - (self.burst - writes) * self.seconds_between
        full = self.per_hour - writes + 1
        hour = self.writes[-full] + _HOUR_SECONDS - now if 0 < full <= len(self.writes) else 0.0
        return max(0.0, ahead, hour)

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
