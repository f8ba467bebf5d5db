"""Look something up in a thread of its own, for which nobody has to wait."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from typing import Generic, TypeVar

from ...core.model.ports import Clock
from ...core.runner import workflow_commands

T = TypeVar("T")

#: Why there is no result after an exception, as half a sentence.
BUG = "this action has a bug, which the debug log shows"


class Lookup(Generic[T]):
    """Calls `find` in a thread.

    An exception there is never a problem of the check: the result is `if_bug` then, and `log` receives the traceback.
    """

    def __init__(self, find: Callable[[], T], if_bug: T, clock: Clock, log: Callable[[str], None]) -> None:
        self._find = find
        self._clock = clock
        self._log = log
        self._changed = threading.Condition()
        self._if_bug = if_bug
        self._result: T | None = None
        self._thread = threading.Thread(target=self._look_up, name="lookup", daemon=True)

    @property
    def has_begun(self) -> bool:
        """Whether the thread was started."""
        return self._thread.ident is not None

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def result(self, until: float) -> T | None:
        """Return what was found, or None if it is not known at `until`, on the monotonic clock."""
        with self._changed:
            while self._result is None and (seconds := until - self._clock.monotonic()) > 0:
                self._clock.wait(self._changed, seconds)
            return self._result

    def _look_up(self) -> None:
        try:
            result = self._find()
        except Exception:  # noqa: BLE001 - the check does without
            self._log(workflow_commands.debug(traceback.format_exc()))
            result = self._if_bug
        with self._changed:
            self._result = result
            self._changed.notify_all()
