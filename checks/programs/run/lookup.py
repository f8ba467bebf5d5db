"""Look something up in a thread of its own, while the tests run."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from typing import Generic, TypeVar

from ...core.model.ports import Clock
from ...core.runner import workflow_commands

T = TypeVar("T")


class Lookup(Generic[T]):
    """Calls `find` in a thread, for which nobody has to wait.

    An exception there gives the result `otherwise`, and is never a problem of the check. `log` receives its traceback.
    """

    def __init__(self, find: Callable[[], T], otherwise: T, clock: Clock, log: Callable[[str], None]) -> None:
        self._find = find
        self._otherwise = otherwise
        self._clock = clock
        self._log = log
        self._changed = threading.Condition()
        self._result: T | None = None
        self._thread = threading.Thread(target=self._look_up, name="look-up", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def result(self, until: float) -> T | None:
        """Return the result, or None if it is not known at `until`, on the monotonic clock."""
        with self._changed:
            while self._result is None and (seconds := until - self._clock.monotonic()) > 0:
                self._clock.wait(self._changed, seconds)
            return self._result

    def _look_up(self) -> None:
        try:
            result = self._find()
        except Exception:  # noqa: BLE001 - the check does without
            self._log(workflow_commands.debug(traceback.format_exc()))
            result = self._otherwise
        with self._changed:
            self._result = result
            self._changed.notify_all()
