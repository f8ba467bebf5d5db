"""The signals that ask us to stop, as the Actions runner and terminals send them."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType


class Cancel:
    """Set by the first SIGINT or SIGTERM.

    As process 1 of a container we get only the signals that we handle:
    https://docs.docker.com/reference/cli/docker/container/run/#init
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._since: float | None = None

    def install(self) -> None:
        """Handle the signals from now on; only in the main thread."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle)

    def is_set(self) -> bool:
        """Whether we were asked to stop."""
        return self._event.is_set()

    def seconds_ago(self) -> float:
        """How long ago that was; 0.0 where it was not."""
        return 0.0 if self._since is None else time.monotonic() - self._since

    def wait(self, seconds: float) -> bool:
        """Sleep so long, or until asked to stop; whether we were."""
        return self._event.wait(seconds)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self._since is None:
            self._since = time.monotonic()
        self._event.set()
