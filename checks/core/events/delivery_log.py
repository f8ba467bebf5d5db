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
_OF_MACHINES = frozenset({"check_suite.requested", "workflow_run.completed"})
#: So many a poll has time to look at.
_SURELY_LOOKED_AT = 500
_TAKEN = range(200, 300)
_NEXT = re.compile(r'<([^>]*)>;\s*rel="next"')


def parse_logged(told: Mapping[str, Any]) -> LoggedDelivery:
    """One entry of the log; what is missing is empty."""
    event, action = text(told, "event"), text(told, "action")
    return LoggedDelivery(
        id=str(told.get("id", "")),
        guid=text(told, "guid"),
        event=f"{event}.{action}" if action else event,
        delivered_at=seconds(told.get("delivered_at")),
        was_accepted=told.get("status_code") in _TAKEN,
    )


def parse_delivery(told: Mapping[str, Any]) -> Delivery:
    """An entry of the log with its payload."""
    payload = mapping(mapping(told, "request"), "payload")
    return Delivery(guid=text(told, "guid"), event=text(told, "event"), payload=payload)


def untaken(attempts: Iterable[LoggedDelivery], *, awaits: bool) -> list[LoggedDelivery]:
    """One attempt of each event that may ask for something and that no attempt has brought in.

    What people have clicked comes first, in its order; then the ends of workflow runs, of which there are many and the
    newest matter most.

    `awaits`: whether pushed commits are of interest.
    """
    intent_events = INTENT_EVENTS if awaits else INTENT_EVENTS - {"check_suite.requested"}
    events: dict[str, list[LoggedDelivery]] = {}
    for attempt in attempts:
        if attempt.event in intent_events:
            events.setdefault(attempt.guid, []).append(attempt)
    left = [tries[0] for tries in events.values() if not any(attempt.was_accepted for attempt in tries)]
    clicks = [attempt for attempt in left if is_click(attempt)]
    others = [attempt for attempt in left if not is_click(attempt)]
    clicks.sort(key=lambda attempt: attempt.delivered_at)
    others.sort(key=lambda attempt: -attempt.delivered_at)
    return [*clicks, *others]


def from_anywhere(attempts: Sequence[LoggedDelivery], jitter: float) -> list[LoggedDelivery]:
    """The same, from another one on where they are very many; `jitter` is at least 0 and below 1.

    What a former poll has acted on stands first again, and must not be all that there is time for.
    """
    clicks = [attempt for attempt in attempts if is_click(attempt)]
    begin = int(jitter * len(clicks)) if len(clicks) > _SURELY_LOOKED_AT else 0
    return [*clicks[begin:], *clicks[:begin], *attempts[len(clicks) :]]


def is_click(attempt: LoggedDelivery) -> bool:
    """Whether somebody waits for it."""
    return attempt.event not in _OF_MACHINES


def next_cursor(headers: Mapping[str, str]) -> str:
    """Where the log goes on, by the header ``link``; empty at its end."""
    link = _NEXT.search(headers.get("link", ""))
    return parse_qs(urlsplit(link[1]).query).get("cursor", [""])[0] if link else ""
