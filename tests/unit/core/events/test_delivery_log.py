"""Which deliveries of the log are handled, and in which order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.core.events.delivery_log import (
    accepted_clicks,
    is_click_delivery,
    next_cursor,
    parse_delivery,
    parse_logged,
    rotate_clicks,
    unhandled_deliveries,
)
from checks.core.model.delivery import Delivery, LoggedDelivery

PRESSED = "check_run.requested_action"
ENDED = "workflow_run.completed"
PUSHED = "check_suite.requested"
OPENED = "pull_request.opened"
COMMENTED = "issue_comment.created"


def logged(guid: str, at: float, event: str = PRESSED, *, was_taken: bool = False) -> LoggedDelivery:
    return LoggedDelivery(id=f"{guid}-{at:g}", guid=guid, event=event, delivered_at=at, was_accepted=was_taken)


def guids(*attempts: LoggedDelivery, queues_at_push: bool = False) -> list[str]:
    return [attempt.guid for attempt in unhandled_deliveries(attempts, queues_at_push=queues_at_push)]


def test_clicks_come_first_then_newest_automatic_events() -> None:
    attempts = [logged("a", 5), logged("b", 4, ENDED), logged("c", 3), logged("d", 2, ENDED), logged("e", 1, PUSHED)]
    assert guids(*attempts) == ["c", "a", "b", "d"]
    assert guids(*attempts, queues_at_push=True) == ["c", "a", "b", "d", "e"]
    assert guids(*attempts, logged("f", 6, OPENED), logged("g", 0, "pull_request.closed")) == ["c", "a", "f", "b", "d"]


@pytest.mark.parametrize(("number", "first"), [(500, "0"), (501, "250")])
def test_many_clicks_are_rotated_by_jitter(number: int, first: str) -> None:
    attempts = [*(logged(str(n), n) for n in range(number)), logged("end", 0, ENDED)]
    found = rotate_clicks(attempts, 0.5)
    assert (found[0].guid, found[-1].guid) == (first, "end")
    assert sorted(found, key=lambda logged: logged.guid) == sorted(attempts, key=lambda logged: logged.guid)


def test_event_with_one_successful_attempt_is_handled() -> None:
    assert guids(logged("a", 3), logged("a", 2, was_taken=True), logged("b", 1)) == ["b"]


def test_clicks_that_were_delivered_are_known_once_each() -> None:
    attempts = [
        logged("d", 6, was_taken=True),
        logged("a", 5, was_taken=True),
        logged("a", 4, was_taken=True),
        logged("b", 3),
        logged("c", 2, ENDED, was_taken=True),
        logged("e", 1, "check_run.created", was_taken=True),
        logged("f", 1, OPENED, was_taken=True),
    ]
    assert [attempt.guid for attempt in accepted_clicks(attempts)] == ["d", "a"]


def test_comment_is_a_click_that_is_not_looked_at_again() -> None:
    comment = logged("a", 1, COMMENTED)
    assert guids(logged("b", 3, ENDED), comment, logged("c", 2)) == ["a", "c", "b"]
    assert is_click_delivery(Delivery(guid="a", event="issue_comment", payload={"action": "created"}))
    assert not is_click_delivery(Delivery(guid="a", event="issue_comment", payload={"action": "edited"}))
    assert accepted_clicks([replace(comment, was_accepted=True)]) == []


def test_one_attempt_per_event_is_returned() -> None:
    assert [attempt.id for attempt in unhandled_deliveries([logged("a", 3), logged("a", 2)], queues_at_push=False)] == [
        "a-3"
    ]


def test_events_without_intent_are_skipped() -> None:
    assert guids(logged("a", 1, "check_run.created"), logged("b", 2, "ping")) == []


@pytest.mark.parametrize(
    ("status_code", "was_taken"), [(200, True), (202, True), (0, False), (302, False), (401, False), (503, False)]
)
def test_only_2xx_means_taken(status_code: int, *, was_taken: bool) -> None:
    entry = {"id": 12, "guid": "g", "event": "check_run", "action": "rerequested", "status_code": status_code}
    assert parse_logged({**entry, "delivered_at": "2026-01-01T00:00:00Z"}) == LoggedDelivery(
        id="12", guid="g", event="check_run.rerequested", delivered_at=1_767_225_600.0, was_accepted=was_taken
    )


@pytest.mark.parametrize("request_", [None, [], {}, {"payload": "x"}])
def test_entry_without_payload_is_no_delivery(request_: Any) -> None:
    assert parse_delivery({"guid": "g", "event": "check_run", "request": request_}) is None


def test_entry_with_payload_is_a_delivery() -> None:
    entry = {"guid": "g", "event": "check_run", "request": {"payload": {"action": "rerequested"}}}
    assert parse_delivery(entry) == Delivery(guid="g", event="check_run", payload={"action": "rerequested"})


@pytest.mark.parametrize(
    ("link", "cursor"),
    [
        ('<https://api.github.com/app/hook/deliveries?per_page=100&cursor=v1_12>; rel="next"', "v1_12"),
        ('<https://x/y?cursor=a>; rel="prev", <https://x/y?cursor=b>; rel="next"', "b"),
        ('<https://x/y?cursor=a>; rel="prev"', ""),
        ("", ""),
    ],
)
def test_next_cursor_is_read_from_link_header(link: str, cursor: str) -> None:
    assert next_cursor({"link": link}) == cursor
