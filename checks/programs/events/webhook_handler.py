"""Handling of webhook requests: authentication, the limit of concurrent deliveries, and logging."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Protocol

from ...core.events.signature import SignatureError, verify
from ...core.events.webhook import (
    MalformedError,
    WebhookRequest,
    WebhookResponse,
    error_response,
    parse_delivery,
    refused_response,
    result_response,
    retry_response,
)
from ...core.model.delivery import Delivery, DeliveryResult
from ...core.model.ports import Clock

#: How many deliveries are active, and how many may wait. Each mostly waits for GitHub, which accepts 100 concurrent
#: requests of an App. The jobs need a share of these.
MAX_ACTIVE = 16
MAX_WAITING = 48
#: GitHub gives up after 10 s. The rest is for the network.
ANSWER_SECONDS = 8.0
#: A delivery that is not admitted while this much time is left is deferred.
_MIN_WORK_SECONDS = 3.0

STOPPING = "stopping"

LogFields = Mapping[str, object]


class Receiver(Protocol):
    """Handles deliveries. Called from several threads at once."""

    def __call__(self, delivery: Delivery, until: float, /) -> DeliveryResult:
        """Handle the delivery. Return by `until`, in seconds of the monotonic clock."""

    def retry_later(self, delivery: Delivery, /) -> None:
        """Handle the delivery after its response, if a user waits for it. Returns at once."""

    def is_ready(self) -> str:
        """Return why deliveries cannot be handled now; empty if they can."""


class WebhookHandler:
    """Passes deliveries that GitHub has signed with `secret` to the receiver, and logs each response."""

    def __init__(
        self,
        receiver: Receiver,
        *,
        secret: bytes,
        clock: Clock,
        log: Callable[[LogFields], None],
        redact: Callable[[str], str],
    ) -> None:
        self._receiver = receiver
        self._secret = secret
        self._clock = clock
        self._log = log
        self._redact = redact
        self._gate = _Gate(clock)
        self._is_stopping = False

    def stop(self) -> None:
        """Accept no more deliveries."""
        self._is_stopping = True

    def unready_reason(self) -> str:
        """Return why deliveries cannot be accepted now; empty if they can."""
        return STOPPING if self._is_stopping else self._receiver.is_ready()

    def handle(self, request: WebhookRequest) -> WebhookResponse:
        """Return the response to a request. Raises nothing."""
        try:
            verify(self._secret, request.body, request.signature)
            delivery = parse_delivery(request)
        except SignatureError as error:
            return refused_response(HTTPStatus.UNAUTHORIZED, str(error), request)
        except MalformedError as error:
            return refused_response(HTTPStatus.BAD_REQUEST, str(error), request)
        if self._is_stopping:
            return retry_response(STOPPING, delivery)
        until = request.received_at + ANSWER_SECONDS
        with self._gate.slot(until - _MIN_WORK_SECONDS) as is_admitted:
            if is_admitted:
                return self._handle_delivery(delivery, until)
        self._receiver.retry_later(delivery)
        return retry_response("too many deliveries at once", delivery)

    def log_response(self, response: WebhookResponse, seconds: float) -> None:
        """Log a response that took `seconds`."""
        record = response.record(seconds)
        if response.trace:
            record["traceback"] = self._redact(response.trace)
        self._log(record)

    def warn(self, sentence: str) -> None:
        """Log a message that does not belong to a request."""
        self._log({"message": sentence})

    def _handle_delivery(self, delivery: Delivery, until: float) -> WebhookResponse:
        try:
            return result_response(delivery, self._receiver(delivery, until))
        except Exception:  # noqa: BLE001 - the shell around every delivery: a bug is reported as one, and does not affect others
            return error_response(traceback.format_exc(), delivery)


class _Gate:
    """Admits `MAX_ACTIVE` deliveries at a time. At most `MAX_WAITING` wait; any more are turned away."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._active = 0
        self._waiting = 0

    @contextmanager
    def slot(self, until: float) -> Iterator[bool]:
        """Wait for admission until `until`. Yields whether the delivery was admitted."""
        is_admitted = self._enter(until)
        try:
            yield is_admitted
        finally:
            if is_admitted:
                with self._changed:
                    self._active -= 1
                    self._changed.notify()

    def _enter(self, until: float) -> bool:
        with self._changed:
            if self._waiting >= MAX_WAITING:
                return False
            self._waiting += 1
            while self._active >= MAX_ACTIVE and (seconds := until - self._clock.monotonic()) > 0.0:
                self._clock.wait(self._changed, seconds)
            self._waiting -= 1
            is_admitted = self._active < MAX_ACTIVE and self._clock.monotonic() < until
            self._active += is_admitted
            return is_admitted
