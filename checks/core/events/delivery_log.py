"""The App's delivery log -> the deliveries that nothing has taken.

https://docs.github.com/rest/apps/webhooks#list-deliveries-for-an-app-webhook
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ..github.parse_run import mapping, seconds, text
from ..model.delivery import Delivery, LoggedDelivery

#: Events that may ask for something; the log has everything that the App is subscribed to.
INTENT_EVENTS = frozenset(
    {
        "check_run.requested_action",
        "check_run.rerequested",
        "check_suite.rerequested",
        "check_suite.requested",
        "workflow_run.completed",
    }
)
_AUTOMATIC_EVENTS = frozenset({"check_suite.requested", "workflow_run.completed"})
#: So many a poll has time to look at.
_CLICKS_PER_POLL = 500
_SUCCESS_STATUSES = range(200, 300)
_NEXT_LINK = re.compile(r'<([^>]*)>;\s*rel="next"')


def parse_logged(entry: Mapping[str, Any]) -> LoggedDelivery:
    """One entry of the log; what is missing is empty."""
    event, action = text(entry, "event"), text(entry, "action")
    return LoggedDelivery(
        id=str(entry.get("id", "")),
        guid=text(entry, "guid"),
        event=f"{event}.{action}" if action else event,
        delivered_at=seconds(entry.get("delivered_at")),
        was_accepted=entry.get("status_code") in _SUCCESS_STATUSES,
    )


def parse_delivery(entry: Mapping[str, Any]) -> Delivery:
    """An entry of the log with its payload."""
    payload = mapping(mapping(entry, "request"), "payload")
    return Delivery(guid=text(entry, "guid"), event=text(entry, "event"), payload=payload)


def unhandled_deliveries(attempts: Iterable[LoggedDelivery], *, queues_at_push: bool) -> list[LoggedDelivery]:
    """One attempt of each event that may ask for something and that no attempt has brought in.

    What people have clicked comes first, in its order; then the ends of workflow runs, of which there are many and the
    newest matter most.

    `awaits`: whether pushed commits are of interest.
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


def rotate_clicks(attempts: Sequence[LoggedDelivery], jitter: float) -> list[LoggedDelivery]:
    """The same, from another one on where they are very many; `jitter` is at least 0 and below 1.

    What a former poll has acted on stands first again, and must not be all that there is time for.
    """
    clicks = [attempt for attempt in attempts if is_click(attempt)]
    start = int(jitter * len(clicks)) if len(clicks) > _CLICKS_PER_POLL else 0
    return [*clicks[start:], *clicks[:start], *attempts[len(clicks) :]]


def is_click(attempt: LoggedDelivery) -> bool:
    """Whether somebody waits for it."""
    return attempt.event not in _AUTOMATIC_EVENTS


def next_cursor(headers: Mapping[str, str]) -> str:
    """Where the log goes on, by the header ``link``; empty at its end."""
    match = _NEXT_LINK.search(headers.get("link", ""))
    return parse_qs(urlsplit(match[1]).query).get("cursor", [""])[0] if match else ""
