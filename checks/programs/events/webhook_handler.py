"""Where deliveries are received: who may come in, how many at once, and what becomes of each."""

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

#: Deliveries that are worked on, and that wait for it. Each waits for GitHub most of the time, and GitHub takes 100
#: requests at once of an App, of which the jobs' are a part.
MAX_ACTIVE = 16
MAX_WAITING = 48
#: GitHub gives up after 10 s; the rest is for the way here and back.
ANSWER_SECONDS = 8.0
#: What is left of these when a delivery's turn comes must do for its work.
_MIN_WORK_SECONDS = 3.0

STOPPING = "stopping"

LogFields = Mapping[str, object]


class Receiver(Protocol):
    """The decision core; asked by several threads at once."""

    def __call__(self, delivery: Delivery, until: float, /) -> DeliveryResult:
        """Act on the delivery; all is done at `until`, in seconds of the monotonic clock."""

    def is_ready(self) -> str:
        """Why it cannot act now; empty where it can."""


class WebhookHandler:
    """Takes deliveries that GitHub has signed with `secret` to the receiver; tells `log` of each answer."""

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
        """Take no more deliveries."""
        self._is_stopping = True

    def unready_reason(self) -> str:
        """Why deliveries cannot be taken now; empty where they can."""
        return STOPPING if self._is_stopping else self._receiver.is_ready()

    def handle(self, request: WebhookRequest) -> WebhookResponse:
        """What becomes of a delivery; it raises nothing."""
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
            return (
                self._handle_delivery(delivery, until)
                if is_admitted
                else retry_response("too many deliveries at once", delivery)
            )

    def log_response(self, response: WebhookResponse, seconds: float) -> None:
        """Write down an answer, which took so long."""
        record = response.record(seconds)
        if response.trace:
            record["traceback"] = self._redact(response.trace)
        self._log(record)

    def warn(self, sentence: str) -> None:
        """Write down what is of no request."""
        self._log({"message": sentence})

    def _handle_delivery(self, delivery: Delivery, until: float) -> WebhookResponse:
        try:
            return result_response(delivery, self._receiver(delivery, until))
        except Exception:  # noqa: BLE001 - the shell around every delivery: a bug is told as one, and others go on
            return error_response(traceback.format_exc(), delivery)


class _Gate:
    """Lets `AT_ONCE` in at once, has `WAITING` wait before it, and no more."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._active = 0
        self._waiting = 0

    @contextmanager
    def slot(self, until: float) -> Iterator[bool]:
        """Wait to be let in, as long as there is still time; whether that was so."""
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
