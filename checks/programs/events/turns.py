"""Turns of the threads that use the same repository."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """Lets one thread in at a time. Those that can wait let the others pass."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._is_taken = False
        self._urgent = 0

    @contextmanager
    def take(self, seconds: float, *, lets_pass: float = 0.0) -> Iterator[bool]:
        """Wait for a turn, at most so many seconds. Yields whether it came.

        With `lets_pass`, all threads that came without it go first, for at most so many seconds.
        """
        has_turn = self._wait(seconds, lets_pass)
        try:
            yield has_turn
        finally:
            if has_turn:
                with self._changed:
                    self._is_taken = False
                    self._changed.notify_all()

    def _wait(self, seconds: float, lets_pass: float) -> bool:
        with self._changed:
            if lets_pass:
                self._changed.wait_for(lambda: not self._urgent and not self._is_taken, lets_pass)
            else:
                self._urgent += 1
            has_turn = self._changed.wait_for(lambda: not self._is_taken, seconds - lets_pass)
            self._is_taken = self._is_taken or has_turn
            if not lets_pass:
                self._urgent -= 1
                self._changed.notify_all()
            return has_turn
