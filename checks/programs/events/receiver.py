"""Handles deliveries while a server runs, each within a deadline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...adapters.github.retrying import RefusedError
from ...core.events.intents import lacks_client_id
from ...core.github.error_kind import ErrorKind
from ...core.model.delivery import Delivery, DeliveryResult, DeliveryStatus
from ...core.model.intents import WorkflowRunCompleted
from ...core.model.ports import Clock, PublishError
from .elsewhere import find_commit
from .repositories import REQUEST_SECONDS, RepositoryPool
from .respond import Responder

#: Errors that may be gone when the event is delivered again.
_RETRYABLE = frozenset(ErrorKind) - {ErrorKind.NOT_FOUND, ErrorKind.INVALID}


@dataclass(frozen=True, kw_only=True)
class AppReceiver:
    """The receiver of one App, for all its repositories. `queues_at_push` is as in `Responder`."""

    app_id: str
    repositories: RepositoryPool
    clock: Clock
    queues_at_push: bool = False

    def __call__(self, delivery: Delivery, until: float) -> DeliveryResult:
        """Handle the delivery. Return by `until`, on the monotonic clock."""
        return result_of(lambda: self._responder(delivery, until).respond(delivery))

    def revisit(self, delivery: Delivery, until: float) -> DeliveryResult:
        """Complete what an answered click has left waiting in vain. Return by `until`."""
        return result_of(lambda: self._responder(delivery, until).revisit(delivery))

    def retry_later(self, delivery: Delivery) -> None:
        """Leave the delivery to a poll: this receiver keeps none."""

    def is_ready(self) -> str:
        """Return why deliveries cannot be handled now; empty if they can."""
        return "" if self.repositories.can_sign else "the App's private key cannot sign requests"

    def _responder(self, delivery: Delivery, until: float) -> Responder:
        needs_number = not self.app_id.isdecimal() and lacks_client_id(delivery.payload)

        def find(intent: WorkflowRunCompleted) -> str:
            return find_commit(
                intent, self.repositories.deliveries(), lambda: self.clock.monotonic() >= until - REQUEST_SECONDS
            )

        return Responder(
            app_id=self.repositories.app_number() if needs_number else self.app_id,
            repository_for=self.repositories.open_until(until - REQUEST_SECONDS),
            clock=self.clock,
            queues_at_push=self.queues_at_push,
            find_commit=find,
        )


def result_of(respond: Callable[[], DeliveryResult]) -> DeliveryResult:
    """Return the result of `respond`. If GitHub refused a request, say whether a retry may help."""
    try:
        return respond()
    except PublishError as error:
        is_retryable = (
            not isinstance(error, RefusedError) or error.may_have_been_applied or error.error_kind in _RETRYABLE
        )
        return DeliveryResult(
            status=DeliveryStatus.LATER if is_retryable else DeliveryStatus.REFUSED, reason=str(error)
        )
