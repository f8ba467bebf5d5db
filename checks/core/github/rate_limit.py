"""How fast one job may write to GitHub: a burst, then one a second, and so many an hour; a refusal halves it.

The numbers and their source are in `words.limits`. Other jobs share the App's budget, so a refusal holds for an
hour.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf

from ..model.limits import SECONDS_BETWEEN_WRITES, WRITES_PER_BURST, WRITES_PER_HOUR

_HOUR_SECONDS = 3600.0
#: However often GitHub refuses, a write a minute is still tried.
_SLOWEST_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    """The writes so far, as far as they bear on the next one. Times are seconds of one clock that never goes back.

    Attributes:
        seconds_between: writes, once the burst is spent.
        burst: how many at once.
        per_hour: the most in any hour.
        paid_until: every write moves it on by `seconds_between`; it may run ahead of the clock by a burst.
        writes: the times of the last hour's, oldest first.
        usual: the pacing before GitHub's last refusals, which holds again an hour after them.
        refused_at: when the last was.
    """

    seconds_between: float = SECONDS_BETWEEN_WRITES
    burst: int = WRITES_PER_BURST
    per_hour: int = WRITES_PER_HOUR
    paid_until: float = -inf
    writes: tuple[float, ...] = ()
    usual: tuple[float, int] | None = None
    refused_at: float = -inf

    def seconds_until_ready(self, now: float, writes: int = 1) -> float:
        """How long the last of the next `writes` should wait; 0.0 for now."""
        ahead = max(now, self.paid_until) - now - (self.burst - writes) * self.seconds_between
        full = self.per_hour - writes + 1
        hour = self.writes[-full] + _HOUR_SECONDS - now if 0 < full <= len(self.writes) else 0.0
        return max(0.0, ahead, hour)

    def spent(self, now: float) -> Pacing:
        """After a write at `now`, be it in time or not: what was too early is owed."""
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
        """After GitHub said at `now` that it was too much: half the rate, and no burst."""
        seconds_between = min(2 * self.seconds_between, _SLOWEST_SECONDS)
        return replace(
            self,
            seconds_between=seconds_between,
            per_hour=max(self.per_hour // 2, int(_HOUR_SECONDS // _SLOWEST_SECONDS)),
            paid_until=max(self.paid_until, now + self.burst * seconds_between),
            usual=self.usual or (self.seconds_between, self.per_hour),
            refused_at=now,
        )
