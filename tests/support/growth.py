"""How the cost of something grows with its size: on a slow machine, too, twice the size costs twice as much."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

#: What a measurement may be off by.
_NOISE_SECONDS = 0.05


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return what this process needs for it, without what it costs to look for garbage of other tests."""
    gc.disable()
    try:
        started_at = time.process_time()
        work()
        return time.process_time() - started_at
    finally:
        gc.enable()


def is_linear(half_seconds: float, whole_seconds: float) -> bool:
    """Return whether work of twice the size costs twice as much, and not, as each with each does, four times."""
    return whole_seconds < 3 * (half_seconds + _NOISE_SECONDS)
