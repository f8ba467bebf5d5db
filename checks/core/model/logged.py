"""What the App's delivery log says of one attempt to deliver an event."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedDelivery:
    """One attempt.

    Attributes:
        id: of the attempt, by which its payload is had.
        guid: of the event, the same for each of its attempts.
        event: with its action, such as ``check_run.rerequested``.
        delivered_at: seconds since the epoch, UTC.
        was_taken: whether the receiver has answered that it is done with.
    """

    id: str
    guid: str
    event: str
    delivered_at: float
    was_taken: bool
