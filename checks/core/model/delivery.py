"""GitHub's events as they reach us, by a webhook, the delivery log or a workflow, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event.

    Attributes:
        guid: GitHub's name of it, the same in a redelivery; it is not signed, so that nothing but the log goes by it.
        event: such as ``check_run``.
        payload: its body; may lack anything.
    """

    guid: str
    event: str
    payload: Mapping[str, Any]


class DeliveryStatus(StrEnum):
    """What became of a delivery."""

    #: What it asks for is done, now or before.
    DONE = "done"
    #: It asks for nothing.
    IGNORED = "ignored"
    #: What it asks for will not be done.
    REFUSED = "refused"
    #: It is to be delivered again: GitHub, or its limits, or our time did not allow it.
    LATER = "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResult:
    """What became of a delivery, and one sentence of why; no secret is in it."""

    status: DeliveryStatus
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedDelivery:
    """One attempt.

    Attributes:
        id: of the attempt, by which its payload is had.
        guid: of the event, the same for each of its attempts.
        event: with its action, such as ``check_run.rerequested``.
        delivered_at: seconds since the epoch, UTC.
        was_accepted: whether the receiver has answered that it is done with.
    """

    id: str
    guid: str
    event: str
    delivered_at: float
    was_accepted: bool
