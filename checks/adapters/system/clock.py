"""The system clock."""

from __future__ import annotations

import time

from ...core.model.ports import Condition


class SystemClock:
    """The `Clock` of every program."""

    def now(self) -> float:
        """Return seconds since the epoch, UTC."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()

    def wait(self, changed: Condition, seconds: float | None) -> None:
        """See `Clock.wait`."""
        changed.wait(seconds)
