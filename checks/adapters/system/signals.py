"""Handle the signals with which the Actions runner and terminals request a stop, also a terminal that is closed."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType


class Cancel:
    """Set by the first SIGINT, SIGTERM or, unless ``nohup`` ignores it, SIGHUP.

    As process 1 of a container, a process receives only signals that it handles:
    https://docs.docker.com/reference/cli/docker/container/run/#init
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._since: float | None = None

    def install(self) -> None:
        """Handle the signals from now on; call it in the main thread."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._handle)

    def is_set(self) -> bool:
        """Whether a stop was requested."""
        return self._event.is_set()

    def seconds_ago(self) -> float:
        """Return the seconds since then; 0.0 without a request."""
        return 0.0 if self._since is None else time.monotonic() - self._since

    def wait(self, seconds: float) -> bool:
        """Sleep for `seconds` or until a stop is requested; return whether it was."""
        return self._event.wait(seconds)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self._since is None:
            self._since = time.monotonic()
        self._event.set()
