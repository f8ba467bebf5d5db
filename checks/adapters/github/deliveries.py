"""The delivery log of the App's webhook, in which GitHub keeps deliveries for three days."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.events.delivery_log import next_cursor, parse_delivery, parse_logged
from ...core.model.delivery import Delivery, LoggedDelivery
from ...core.model.ports import PublishError
from .client import AppApi
from .retrying import Request

_PATH = "/app/hook/deliveries"
_PER_PAGE = 100


class GithubDeliveries:
    """The `DeliveryLog` of an App."""

    def __init__(self, api: AppApi) -> None:
        self._api = api

    def since(self, time: float) -> Iterator[LoggedDelivery]:
        """See `DeliveryLog.since`. Reads a page at a time."""
        cursor = ""
        while True:
            query: dict[str, str | int] = {"per_page": _PER_PAGE} | ({"cursor": cursor} if cursor else {})
            request = Request(method="GET", path=_PATH, query=query, shape=list)
            response = self._api.ask(request, until=self._api.retry_policy.until())
            for entry in response.data:
                logged = parse_logged(entry)
                if logged.delivered_at < time:
                    return
                yield logged
            cursor = next_cursor(response.headers)
            if not cursor:
                return

    def delivery(self, logged: LoggedDelivery) -> Delivery:
        """See `DeliveryLog.delivery`."""
        request = Request(method="GET", path=f"{_PATH}/{logged.id}")
        delivery = parse_delivery(self._api.ask(request, until=self._api.retry_policy.until()).data)
        if delivery is None:
            raise PublishError("GitHub's log has no payload of this delivery.")
        return delivery
