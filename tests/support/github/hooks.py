"""The log of an App's webhook: https://docs.github.com/rest/apps/webhooks."""

from __future__ import annotations

from typing import Any

from tests.support.github.answers import Answer, HttpError, linked, page_size, timestamp
from tests.support.github.deliveries import Delivery
from tests.support.github.login import Asked
from tests.support.github.world import Route, World

KEPT_SECONDS = 3 * 24 * 3600
#: what a delivery counts as, by its status code; one without an answer is neither
OUTCOMES = {"success": range(200, 400), "failure": range(400, 600)}


def _list(world: World, asked: Asked) -> Answer:
    """Newest first; a cursor names the delivery that its page begins with."""
    query, kept = asked.query, _kept(world, asked)[::-1]
    if "status" in query:
        if query["status"] not in OUTCOMES:
            raise HttpError(422, f"status: {query['status']} is not a member of {sorted(OUTCOMES)}")
        kept = [one for one in kept if one.status_code in OUTCOMES[query["status"]]]
    if "cursor" in query:
        first = _number(query["cursor"])
        kept = [one for one in kept if one.id <= first]
    page, rest = kept[: page_size(query)], kept[page_size(query) :]
    link = linked(asked.address, {**query, "cursor": f"v1_{rest[0].id}"}, "next") if rest else ""
    return Answer(body=[_shown(one) for one in page], headers={"Link": link} if link else {})


def _number(cursor: str) -> int:
    version, _, number = cursor.partition("_")
    if version != "v1" or not number.isdecimal():
        raise HttpError(422, "Invalid cursor")
    return int(number)


def _show(world: World, asked: Asked) -> Answer:
    one = _delivery(world, asked)
    more = {
        "url": one.url,
        "request": {"headers": one.headers, "payload": one.payload},
        "response": {"headers": one.response.headers, "payload": one.response.payload},
    }
    return Answer(body=_shown(one) | more)


def _attempt(world: World, asked: Asked) -> Answer:
    world.redeliver(_delivery(world, asked))
    return Answer(status=202, body={})


def _kept(world: World, asked: Asked) -> list[Delivery]:
    assert asked.app is not None
    since = world.now() - KEPT_SECONDS
    return [one for one in world.deliveries if one.app_id == asked.app.id and one.delivered_at > since]


def _delivery(world: World, asked: Asked) -> Delivery:
    for one in _kept(world, asked):
        if one.id == int(asked.parts["id"]):
            return one
    raise HttpError(404, "Not Found")


def _shown(one: Delivery) -> dict[str, Any]:
    payload = one.payload
    return {
        "id": one.id,
        "guid": one.guid,
        "delivered_at": timestamp(one.delivered_at),
        "redelivery": one.redelivery,
        "duration": round(one.response.duration, 2),
        "status": one.status,
        "status_code": one.status_code,
        "event": one.event,
        "action": payload.get("action"),
        "installation_id": payload.get("installation", {}).get("id"),
        "repository_id": payload.get("repository", {}).get("id"),
        "throttled_at": None,
    }


ROUTES: tuple[Route, ...] = (
    ("GET", "/app/hook/deliveries", True, _list),
    ("GET", r"/app/hook/deliveries/(?P<id>\d+)", True, _show),
    ("POST", r"/app/hook/deliveries/(?P<id>\d+)/attempts", True, _attempt),
)
