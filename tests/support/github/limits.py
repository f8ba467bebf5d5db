"""GitHub's secondary rate limits.

See https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

MESSAGE = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."

_HOUR = 3600.0
_WRITES = {"POST", "PATCH", "PUT"}


@dataclass(kw_only=True)
class Limits:
    """The limits. Refused writes do not count against them.

    Attributes:
        writes: how many writes of content are allowed in `seconds`.
        hourly: how many are allowed in an hour.
        at_once: how many concurrent requests of any kind are allowed.
        scale: factor for the length of both windows, to shorten tests.
        refused: how many requests were refused.
    """

    writes: int = 80
    seconds: float = 60.0
    hourly: int = 500
    at_once: int = 100
    scale: float = 1.0
    refused: int = 0
    _times: deque[float] = field(default_factory=deque)

    def retry_after(self, method: str, path: str, *, now: float, at_once: int) -> int | None:
        """Return the whole seconds after which to retry, or None if the request is allowed."""
        wait = 1.0 if at_once > self.at_once else 0.0
        if method in _WRITES and path.startswith(("/repos/", "/repositories/")):
            wait = max(wait, self._wait(now))
            if not wait:
                self._times.append(now)
        if not wait:
            return None
        self.refused += 1
        return math.ceil(wait)

    def _wait(self, now: float) -> float:
        """Return the seconds until all windows have room for a write."""
        while self._times and self._times[0] <= now - max(self.seconds, _HOUR) * self.scale:
            self._times.popleft()
        windows = (self.writes, self.seconds * self.scale), (self.hourly, _HOUR * self.scale)
        waits = [self._times[-limit] + length - now for limit, length in windows if len(self._times) >= limit]
        return max([0.0, *waits])
