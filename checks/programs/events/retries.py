"""Handles deliveries again that could not be handled in time, such as many clicks at once.

In memory only. GitHub marks such a delivery as failed, so that a poll finds what a restart loses.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ...core.events.delivery_log import is_click_delivery
from ...core.events.webhook import FAILED, INTERNAL_ERROR
from ...core.model.delivery import Delivery, DeliveryResult, DeliveryStatus
from ...core.model.ports import Clock
from .webhook_handler import ANSWER_SECONDS, Receiver

_MAX_WAITING = 200
#: An outage that lasts longer is left to a poll.
_GIVE_UP_SECONDS = 900.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 2.0, 60.0


@dataclass(frozen=True, kw_only=True)
class _Waiting:
    delivery: Delivery
    give_up_at: float


def _start_thread(run: Callable[[], None]) -> None:
    threading.Thread(target=run, daemon=True).start()


class RetryingReceiver:
    """Wraps a receiver. `wait` sleeps, and returns whether the process is being stopped. `log` redacts secrets."""

    def __init__(
        self,
        receiver: Receiver,
        clock: Clock,
        wait: Callable[[float], bool],
        log: Callable[[Mapping[str, object]], None],
        start: Callable[[Callable[[], None]], None] = _start_thread,
    ) -> None:
        self._receiver = receiver
        self._clock = clock
        self._wait = wait
        self._log = log
        self._start = start
        self._lock = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._is_running = False

    def __call__(self, delivery: Delivery, until: float) -> DeliveryResult:
        """Handle the delivery by `until`, or later if that is not possible."""
        result = self._receiver(delivery, until)
        if result.status is DeliveryStatus.LATER:
            self._keep(delivery)
        return result

    def is_ready(self) -> str:
        """See `Receiver.is_ready`."""
        return self._receiver.is_ready()

    def retry_later(self, delivery: Delivery) -> None:
        """See `Receiver.retry_later`. The other events are too many to keep."""
        if is_click_delivery(delivery):
            self._keep(delivery)

    def _keep(self, delivery: Delivery) -> None:
        with self._lock:
            if len(self._waiting) >= _MAX_WAITING:
                return
            self._waiting.append(_Waiting(delivery=delivery, give_up_at=self._clock.monotonic() + _GIVE_UP_SECONDS))
            if self._is_running:
                return
            self._is_running = True
        self._start(self._run)

    def _run(self) -> None:
        """Retry until nothing waits. The pauses grow while nothing can be done."""
        pause_seconds = _FIRST_PAUSE_SECONDS
        while not self._wait(pause_seconds):
            with self._lock:
                deliveries, self._waiting = self._waiting, []
            remaining = [waiting for waiting in deliveries if not self._is_settled(waiting)]
            has_progress = len(remaining) < len(deliveries)
            pause_seconds = _FIRST_PAUSE_SECONDS if has_progress else min(2 * pause_seconds, _LONGEST_PAUSE_SECONDS)
            with self._lock:
                self._waiting = [*remaining, *self._waiting]
                if not self._waiting:
                    self._is_running = False
                    return

    def _is_settled(self, waiting: _Waiting) -> bool:
        """Handle a delivery again. Return whether that is done, or given up."""
        try:
            result = self._receiver(waiting.delivery, self._clock.monotonic() + ANSWER_SECONDS)
        except Exception:  # noqa: BLE001 - a bug is reported as one, and the other deliveries are still handled
            self._log_end(waiting.delivery, FAILED, INTERNAL_ERROR, traceback=traceback.format_exc())
            return True
        if result.status is DeliveryStatus.LATER:
            return self._clock.monotonic() >= waiting.give_up_at
        self._log_end(waiting.delivery, result.status.value, result.reason)
        return True

    def _log_end(self, delivery: Delivery, result: str, reason: str, **more: str) -> None:
        message = "handled after its response"
        self._log({"message": message, "delivery": delivery.guid, "result": result, "reason": reason, **more})
