"""How busy an App's installation is, as far as GitHub's responses to one job tell.

No header tells the secondary limits, which all jobs share. But the primary limit's header counts everybody's requests:
its growth between two responses, minus our own requests, are those of others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import exp

from .retry import server_time

_HOUR_SECONDS = 3600.0
#: Requests of others longer ago than this count little.
_MEMORY_SECONDS = 60.0
#: Between two responses, for a clock that did not move.
_SHORTEST_SECONDS = 0.001
#: A window that has just begun says little about an hour, so it counts as half of one.
_SHORTEST_WINDOW_SECONDS = 1800.0
#: GitHub's servers may differ by this about when the same window ends.
_RESET_TOLERANCE_SECONDS = 2
#: Longer numbers come from a broken proxy.
_LONGEST_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class _Count:
    """Requests of others in the window that ends at `reset` (GitHub's clock), as known at `time` (ours)."""

    others: int
    reset: int
    time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationUsage:
    """The requests that others send in an installation; none as long as no response counts them.

    Attributes:
        others_per_second: their number in about the last minute.
        others_per_hour: their number in an hour if they go on as in this window of the primary limit.
    """

    others_per_second: float = 0.0
    others_per_hour: float = 0.0
    _own_requests: int = 0
    _last: _Count | None = None

    def answered(self, headers: Mapping[str, str], now: float) -> InstallationUsage:
        """Return the usage after one of our requests; `headers` are the response's, and empty if there was none.

        Some Enterprise Servers do not count. A count that is behind an earlier one, or behind our own requests, is
        not used. The first one of another window, or of another budget, says nothing of the time since the last one.
        """
        used, reset = headers.get("x-ratelimit-used", ""), headers.get("x-ratelimit-reset", "")
        own_requests, last = self._own_requests + 1, self._last
        if not (_is_count(used) and _is_count(reset)):
            return replace(self, _own_requests=own_requests)
        window_seconds = _seconds_of_window(headers, int(reset))
        if last is not None and abs(int(reset) - last.reset) <= _RESET_TOLERANCE_SECONDS:
            others = max(int(used) - own_requests, last.others)
            others_per_second = self._averaged(others - last.others, max(now - last.time, _SHORTEST_SECONDS))
        else:
            own_requests = own_requests if last is None else 1
            others = max(int(used) - own_requests, 0)
            average = others / max(window_seconds, _MEMORY_SECONDS)
            others_per_second = average if last is None else self.others_per_second
        return InstallationUsage(
            others_per_second=others_per_second,
            others_per_hour=others * _HOUR_SECONDS / max(window_seconds, _SHORTEST_WINDOW_SECONDS),
            _own_requests=own_requests,
            _last=_Count(others=others, reset=int(reset), time=now),
        )

    def _averaged(self, others: int, seconds: float) -> float:
        weight = exp(-seconds / _MEMORY_SECONDS)
        return weight * self.others_per_second + (1 - weight) * others / seconds


def _is_count(header: str) -> bool:
    return header.isdecimal() and len(header) <= _LONGEST_DIGITS


def _seconds_of_window(headers: Mapping[str, str], reset: int) -> float:
    """Return how much of the window, an hour, has passed; all of it if the response has no date."""
    now = server_time(headers)
    passed = _HOUR_SECONDS if now is None else _HOUR_SECONDS - (reset - now)
    return min(max(passed, 0.0), _HOUR_SECONDS)
