"""Faults: what goes wrong with a request to GitHub and its response."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from tests.support.github.responses import error_body

_HTML = b"<html><body><h1>Unicorn!</h1></body></html>"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What goes wrong with matching requests.

    Attributes:
        path: a regular expression to search in the path.
        nth: which of the matching requests, counted from 1; empty for all.
        how: ``answer`` with `status`, `headers` and `body`; ``html`` with `status`; ``half`` of the real response;
            ``drop`` the connection; ``none`` for a delay only.
        done: whether the request is carried out nevertheless.
        delay_seconds: a delay before the request is handled.
        before: called before that, such as the `wait` of an event that delays the response.
    """

    method: str = ".*"
    path: str = ""
    nth: Sequence[int] = ()
    how: Literal["answer", "html", "half", "drop", "none"] = "drop"
    done: bool = False
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    delay_seconds: float = 0.0
    before: Callable[[], object] = lambda: None

    @property
    def is_done(self) -> bool:
        return self.done or self.how == "none"

    def matches(self, method: str, path: str) -> bool:
        return bool(re.fullmatch(self.method, method) and re.search(self.path, path))


@dataclass(frozen=True, kw_only=True)
class RawResponse:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    is_half: bool = False


def apply_fault(real_response: RawResponse, fault: Fault) -> RawResponse | None:
    """Return the response with the fault, or None to drop the connection."""
    match fault.how:
        case "none":
            return real_response
        case "drop":
            return None
        case "half":
            return replace(real_response, is_half=True)
        case "html":
            return RawResponse(status=fault.status, body=_HTML, headers={"Content-Type": "text/html"} | fault.headers)
        case "answer":
            body = error_body(fault.status, "Told to") if fault.body is None else fault.body
            return RawResponse(status=fault.status, body=json.dumps(body).encode(), headers=fault.headers)


class Faults:
    """The faults in the order they were added. Not thread-safe."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []

    def add(self, fault: Fault) -> None:
        self._rules.append(_Rule(fault=fault))

    def clear(self) -> None:
        self._rules.clear()

    def of(self, method: str, path: str) -> Fault | None:
        """Return the first fault that applies to this request. Counts the request for all that match."""
        matching = [rule for rule in self._rules if rule.fault.matches(method, path)]
        for rule in matching:
            rule.seen += 1
        return next((rule.fault for rule in matching if not rule.fault.nth or rule.seen in rule.fault.nth), None)


@dataclass(kw_only=True)
class _Rule:
    fault: Fault
    seen: int = 0
