"""GitHub's events, from a webhook, the delivery log or a workflow, and the results of handling them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event.

    Attributes:
        guid: GitHub's id, the same in a redelivery. It is not signed, so only the log uses it.
        event: such as ``check_run``.
        payload: its body; any member may be missing.
    """

    guid: str
    event: str
    payload: Mapping[str, Any]


class DeliveryStatus(StrEnum):
    """What became of a delivery."""

    #: The requested action is done, now or earlier.
    DONE = "done"
    #: The event requests nothing.
    IGNORED = "ignored"
    #: The requested action will not be done.
    REFUSED = "refused"
    #: The payload cannot be read, so nothing was done.
    UNREADABLE = "unreadable"
    #: GitHub should deliver the event again: an outage, a rate limit or a timeout prevented the action.
    LATER = "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResult:
    """What became of a delivery, and the reason in one sentence, without secrets."""

    status: DeliveryStatus
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedDelivery:
    """One attempt to deliver an event, as the delivery log lists it.

    Attributes:
        id: of the attempt; identifies its payload.
        guid: of the event, the same for each of its attempts.
        event: with its action, such as ``check_run.rerequested``.
        delivered_at: seconds since the epoch, UTC.
        was_accepted: whether the receiver answered with success.
        repository_id: the number of the event's repository, or empty.
    """

    id: str
    guid: str
    event: str
    delivered_at: float
    was_accepted: bool
    repository_id: str = ""
