"""Receives events for as long as a server runs: each is acted on within its time, or asked for again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...adapters.github.retrying import RefusedError
from ...core.github.error_kind import ErrorKind
from ...core.model.delivery import Delivery, DeliveryResult, DeliveryStatus
from ...core.model.ports import Clock, PublishError
from .repositories import ANSWER_SECONDS, RepositoryPool
from .respond import Responder

#: What an event waits for again: the others will not be different when it comes again.
_RETRYABLE = frozenset(
    {ErrorKind.UNREACHABLE, ErrorKind.RATE_LIMIT, ErrorKind.CREDENTIALS, ErrorKind.PERMISSION, ErrorKind.SUSPENDED}
)


@dataclass(frozen=True, kw_only=True)
class AppReceiver:
    """The App of that id, in whatever repository; `awaits` is as `Responder`'s."""

    app_id: str
    repositories: RepositoryPool
    clock: Clock
    queues_at_push: bool = False

    def __call__(self, delivery: Delivery, until: float) -> DeliveryResult:
        """What became of it by `until`, on the monotonic clock."""
        repository_for = self.repositories.open_until(until - ANSWER_SECONDS)
        responder = Responder(
            app_id=self.app_id, repository_for=repository_for, clock=self.clock, queues_at_push=self.queues_at_push
        )
        return result_of(lambda: responder.respond(delivery))

    def is_ready(self) -> str:
        """Why it cannot act now; empty where it can."""
        return "" if self.repositories.can_sign else "the App's private key cannot sign requests"


def result_of(respond: Callable[[], DeliveryResult]) -> DeliveryResult:
    """What became of it; where GitHub refused, whether it is worth another try."""
    try:
        return respond()
    except PublishError as error:
        is_retryable = (
            not isinstance(error, RefusedError) or error.may_have_been_applied or error.error_kind in _RETRYABLE
        )
        return DeliveryResult(
            status=DeliveryStatus.LATER if is_retryable else DeliveryStatus.REFUSED, reason=str(error)
        )
