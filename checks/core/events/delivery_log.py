"""Entries of the App's delivery log, and which of them still have to be handled.

https://docs.github.com/rest/apps/webhooks#list-deliveries-for-an-app-webhook
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ..github.parse_run import mapping, seconds, text
from ..model.delivery import Delivery, LoggedDelivery
from .intents import INTENT_EVENTS

_PULL_REQUEST_EVENTS = frozenset(event for event in INTENT_EVENTS if event.startswith("pull_request"))
_AUTOMATIC_EVENTS = frozenset({"check_suite.requested", "workflow_run.completed"}) | _PULL_REQUEST_EVENTS
_CLICK_EVENTS = INTENT_EVENTS - _AUTOMATIC_EVENTS
#: To look again at a comment would be to carry out its commands again.
_NOT_REVISITED = _AUTOMATIC_EVENTS | {"issue_comment.created"}
#: The number of clicks that one poll has time for.
_CLICKS_PER_POLL = 500
_SUCCESS_STATUSES = range(200, 300)
_NEXT_LINK = re.compile(r'<([^>]*)>;\s*rel="next"')


def parse_logged(entry: Mapping[str, Any]) -> LoggedDelivery:
    """Return one entry of the log. Missing fields are empty."""
    event, action = text(entry, "event"), text(entry, "action")
    return LoggedDelivery(
        id=str(entry.get("id", "")),
        guid=text(entry, "guid"),
        event=f"{event}.{action}" if action else event,
        delivered_at=seconds(entry.get("delivered_at")),
        was_accepted=entry.get("status_code") in _SUCCESS_STATUSES,
        repository_id=str(entry.get("repository_id") or ""),
    )


def parse_delivery(entry: Mapping[str, Any]) -> Delivery | None:
    """Return a log entry with its payload as a delivery, or None if the payload is missing."""
    payload = mapping(entry, "request").get("payload")
    if not isinstance(payload, Mapping):
        return None
    return Delivery(guid=text(entry, "guid"), event=text(entry, "event"), payload=payload)


def unhandled_deliveries(attempts: Iterable[LoggedDelivery], *, queues_at_push: bool) -> list[LoggedDelivery]:
    """Return one attempt of each event that may ask for something and that no attempt has delivered.

    Clicks come first, oldest first. Completed workflow runs, pushes and pull requests follow, newest first: there are
    many of them, and the newest matter most. Pushes are only included if `queues_at_push` is set.
    """
    intent_events = INTENT_EVENTS if queues_at_push else INTENT_EVENTS - {"check_suite.requested"}
    attempts_by_guid: dict[str, list[LoggedDelivery]] = {}
    for attempt in attempts:
        if attempt.event in intent_events:
            attempts_by_guid.setdefault(attempt.guid, []).append(attempt)
    unhandled = [group[0] for group in attempts_by_guid.values() if not any(attempt.was_accepted for attempt in group)]
    clicks = [attempt for attempt in unhandled if is_click(attempt)]
    others = [attempt for attempt in unhandled if not is_click(attempt)]
    clicks.sort(key=lambda attempt: attempt.delivered_at)
    others.sort(key=lambda attempt: -attempt.delivered_at)
    return [*clicks, *others]


def accepted_clicks(attempts: Iterable[LoggedDelivery]) -> list[LoggedDelivery]:
    """Return one attempt of each click on a button that was delivered, newest first."""
    clicks = (attempt for attempt in attempts if attempt.event in INTENT_EVENTS - _NOT_REVISITED)
    return list({attempt.guid: attempt for attempt in clicks if attempt.was_accepted}.values())


def rotate_clicks(attempts: Sequence[LoggedDelivery], jitter: float) -> list[LoggedDelivery]:
    """Return the attempts, starting at another click if there are very many. `jitter` is in [0, 1).

    Clicks that a previous poll has handled come first again. Without rotation a poll might only get through those.
    """
    clicks = [attempt for attempt in attempts if is_click(attempt)]
    start = int(jitter * len(clicks)) if len(clicks) > _CLICKS_PER_POLL else 0
    return [*clicks[start:], *clicks[:start], *attempts[len(clicks) :]]


def is_click(attempt: LoggedDelivery) -> bool:
    """Whether a user clicked a button or wrote a comment, and waits for the result."""
    return attempt.event not in _AUTOMATIC_EVENTS


def is_click_delivery(delivery: Delivery) -> bool:
    """Whether a delivery that was received is of a click that may ask for something."""
    return f"{delivery.event}.{text(delivery.payload, 'action')}" in _CLICK_EVENTS


def next_cursor(headers: Mapping[str, str]) -> str:
    """Return the cursor of the log's next page from the ``link`` header, or "" on the last page."""
    match = _NEXT_LINK.search(headers.get("link", ""))
    return parse_qs(urlsplit(match[1]).query).get("cursor", [""])[0] if match else ""
