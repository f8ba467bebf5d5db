"""The signals that ask us to stop, as the Actions runner and terminals send them."""

from __future__ import annotations

import signal
import threading
from types import FrameType


class Cancel:
    """Set by the first SIGINT or SIGTERM.

    As process 1 of a container we get only the signals that we handle:
    https://docs.docker.com/reference/cli/docker/container/run/#init
    """

    def __init__(self) -> None:
        self._event = threading.Event()

    def install(self) -> None:
        """Handle the signals from now on; only in the main thread."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle)

    def is_set(self) -> bool:
        """Whether we were asked to stop."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleep so long, or until asked to stop; whether we were."""
        return self._event.wait(seconds)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._event.set()
