"""Parses responses: the data of GitHub's API, or the failure that they stand for."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from .error_kind import ErrorKind, RequestFailure, classify

_NO_CONTENT = 204
_TOO_LARGE = 413
_JSON_TYPE_NAMES = {dict: "object", list: "array"}
#: Kinds for which an answer in another format than the API's is nothing unusual.
_ANY_FORMAT = frozenset({ErrorKind.UNREACHABLE, ErrorKind.RATE_LIMIT})


def parse_response(
    status: int,
    headers: Mapping[str, str],
    text: str,
    *,
    shape: type[dict[str, Any] | list[Any]] = dict,
    keys: Collection[str] = (),
) -> Any | RequestFailure:
    """Return the JSON data, which has the `shape` and the `keys`, or an empty object for a response without content."""
    data = _json(text)
    if status == _NO_CONTENT:
        return {}
    if status < 300:
        missing = f"not a JSON {_JSON_TYPE_NAMES[shape]}" if not isinstance(data, shape) else _missing(data, keys)
        if not missing:
            return data
        message = f"{status} with a body that is {missing}"
        return RequestFailure(status=None, message=message, headers=headers, kind=ErrorKind.NOT_API)
    if status < 400 and (location := headers.get("location", "")):
        message = f"redirect to {location.partition('?')[0]}"
        return RequestFailure(status=status, message=message, headers=headers, kind=ErrorKind.NOT_API)
    if isinstance(data, dict) and "message" in data:
        return RequestFailure(status=status, message=str(data["message"]), headers=headers)
    return _other_format(RequestFailure(status=status, message=text, headers=headers))


def _other_format(failure: RequestFailure) -> RequestFailure:
    """Return the failure of a response that only a proxy or another server sends, unless GitHub may send it, too."""
    is_page = "html" in failure.headers.get("content-type", "") or failure.message.lstrip().startswith("<")
    message = "a web page" if is_page else failure.message or "no content"
    is_usual = classify(failure) in _ANY_FORMAT or failure.status == _TOO_LARGE
    kind = None if is_usual else ErrorKind.NOT_API
    return RequestFailure(status=failure.status, message=message, headers=failure.headers, kind=kind)


def _missing(data: Any, keys: Collection[str]) -> str:
    missing = ", ".join(f"`{key}`" for key in keys if key not in data)
    return missing and f"JSON without {missing}"


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
