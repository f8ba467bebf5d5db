"""Check how cost grows with size; independent of the machine's speed."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

#: Tolerance of a measurement.
_NOISE_SECONDS = 0.05


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU time of `work`, without garbage collection for other tests."""
    gc.disable()
    try:
        started_at = time.process_time()
        work()
        return time.process_time() - started_at
    finally:
        gc.enable()


def is_linear(half_seconds: float, whole_seconds: float) -> bool:
    """Whether work of twice the size costs about twice as much, and not four times."""
    return whole_seconds < 3 * (half_seconds + _NOISE_SECONDS)
