"""Responses of the fake GitHub server: status, JSON, pages and errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

_DOCUMENTATION = "https://docs.github.com/rest"
_MOST_A_PAGE = 100


class HttpError(Exception):
    """An error response."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, kw_only=True)
class JsonResponse:
    """A response with a JSON body; None for no body."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def error_body(status: int, message: str) -> dict[str, Any]:
    """Return an error body in GitHub's format."""
    return {"message": message, "documentation_url": _DOCUMENTATION, "status": str(status)}


def page_size(query: Mapping[str, str]) -> int:
    return max(1, min(int(query.get("per_page", "30")), _MOST_A_PAGE))


def paged(address: str, query: Mapping[str, str], items: list[Any], key: str | None = None) -> JsonResponse:
    """Return one page: under `key` with ``total_count``, or as a bare list.

    See https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api.
    """
    size, number = page_size(query), max(1, int(query.get("page", "1")))
    part, last = items[(number - 1) * size : number * size], -(-len(items) // size)
    links = {"next": number + 1, "last": last} if number < last else {}
    link = ", ".join(linked(address, {**query, "page": str(page)}, name) for name, page in links.items())
    body = part if key is None else {"total_count": len(items), key: part}
    return JsonResponse(body=body, headers={"Link": link} if link else {})


def linked(address: str, query: Mapping[str, str], relation: str) -> str:
    """Return an entry of a ``Link`` header."""
    return f'<{address}?{urlencode(query)}>; rel="{relation}"'


def timestamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def without_client_ids(body: Any) -> Any:
    """Return the body as servers show it that do not know client ids."""
    match body:
        case dict():
            return {key: without_client_ids(value) for key, value in body.items() if key != "client_id"}
        case list():
            return [without_client_ids(value) for value in body]
        case _:
            return body
