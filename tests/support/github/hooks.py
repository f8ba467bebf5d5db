"""The delivery log of an App's webhook: https://docs.github.com/rest/apps/webhooks."""

from __future__ import annotations

from typing import Any

from tests.support.github.deliveries import HookDelivery
from tests.support.github.login import ApiRequest
from tests.support.github.responses import HttpError, JsonResponse, linked, page_size, timestamp
from tests.support.github.world import Route, World

KEPT_SECONDS = 3 * 24 * 3600
#: the filter `status` -> status codes; a delivery without a response matches neither
OUTCOMES = {"success": range(200, 400), "failure": range(400, 600)}


def _list(world: World, request: ApiRequest) -> JsonResponse:
    """Return a page, newest first. A cursor names the first delivery of its page."""
    query, deliveries = request.query, _recent_deliveries(world, request)[::-1]
    if "status" in query:
        if query["status"] not in OUTCOMES:
            raise HttpError(422, f"status: {query['status']} is not a member of {sorted(OUTCOMES)}")
        deliveries = [delivery for delivery in deliveries if delivery.status_code in OUTCOMES[query["status"]]]
    if "cursor" in query:
        first = _number(query["cursor"])
        deliveries = [delivery for delivery in deliveries if delivery.id <= first]
    page, rest = deliveries[: page_size(query)], deliveries[page_size(query) :]
    link = linked(request.address, {**query, "cursor": f"v1_{rest[0].id}"}, "next") if rest else ""
    return JsonResponse(body=[_shown(delivery) for delivery in page], headers={"Link": link} if link else {})


def _number(cursor: str) -> int:
    version, _, number = cursor.partition("_")
    if version != "v1" or not number.isdecimal():
        raise HttpError(422, "Invalid cursor")
    return int(number)


def _show(world: World, request: ApiRequest) -> JsonResponse:
    delivery = _delivery(world, request)
    details = {
        "url": delivery.url,
        "request": {"headers": delivery.headers, "payload": delivery.payload},
        "response": {"headers": delivery.response.headers, "payload": delivery.response.payload},
    }
    return JsonResponse(body=_shown(delivery) | details)


def _attempt(world: World, request: ApiRequest) -> JsonResponse:
    world.redeliver(_delivery(world, request))
    return JsonResponse(status=202, body={})


def _recent_deliveries(world: World, request: ApiRequest) -> list[HookDelivery]:
    assert request.app is not None
    since = world.now() - KEPT_SECONDS
    return [
        delivery for delivery in world.deliveries if delivery.app_id == request.app.id and delivery.delivered_at > since
    ]


def _delivery(world: World, request: ApiRequest) -> HookDelivery:
    for delivery in _recent_deliveries(world, request):
        if delivery.id == int(request.parts["id"]):
            return delivery
    raise HttpError(404, "Not Found")


def _shown(delivery: HookDelivery) -> dict[str, Any]:
    payload = delivery.payload
    return {
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": timestamp(delivery.delivered_at),
        "redelivery": delivery.redelivery,
        "duration": round(delivery.response.duration, 2),
        "status": delivery.status,
        "status_code": delivery.status_code,
        "event": delivery.event,
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
