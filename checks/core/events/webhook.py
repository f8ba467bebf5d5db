"""What comes to the webhook's address -> a `Delivery`, or the answer that refuses it; and the answers' JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NoReturn, assert_never

from ..model.delivery import Delivery, DeliveryResult, DeliveryStatus

#: What `Reply.result` is where an error of ours is the answer, beside the values of `DeliveryStatus`.
FAILED = "failed"

_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
_MAX_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRequest:
    """A request to the webhook's address, with its headers' values as they came; empty for those that are missing.

    Attributes:
        body: the raw bytes.
        signature: of ``X-Hub-Signature-256``; `event` of ``X-GitHub-Event``; `guid` of ``X-GitHub-Delivery``.
        since: when it came in, in seconds of the monotonic clock.
    """

    body: bytes = field(repr=False)
    signature: str = field(repr=False)
    event: str
    guid: str
    received_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookResponse:
    """The answer to a request, and what the log says of it.

    Attributes:
        status: of HTTP.
        result, reason, guid: what the answer's JSON holds.
        event, action, repository: of the delivery, as far as it was read; for the log alone.
        trace: the traceback of an error of ours; for the log alone.
    """

    status: HTTPStatus
    result: str
    reason: str
    guid: str = ""
    event: str = ""
    action: str = ""
    repository: str = ""
    trace: str = field(default="", repr=False)

    @property
    def text(self) -> str:
        """The answer's body: JSON in ASCII."""
        return json.dumps({"result": self.result, "reason": self.reason, "delivery": self.guid}) + "\n"

    def record(self, seconds: float) -> dict[str, object]:
        """The log's fields, when the answer took so long; of the payload's, just the few that name what it is about."""
        fields: dict[str, object] = {
            "delivery": self.guid,
            "event": self.event,
            "action": self.action,
            "repository": self.repository,
            "status": int(self.status),
            "result": self.result,
            "reason": self.reason,
            "seconds": round(seconds, 3),
        }
        return fields | ({"traceback": self.trace} if self.trace else {})


class MalformedError(Exception):
    """What was sent is no delivery of GitHub's; one sentence of why, which holds nothing of it."""


def parse_delivery(request: WebhookRequest) -> Delivery:
    """The delivery; its signature is not looked at. Raises `MalformedError`."""
    payload = _payload(request.body)
    for name, value in (("X-GitHub-Event", request.event), ("X-GitHub-Delivery", request.guid)):
        if not value:
            raise MalformedError(f"header {name} is missing")
        if not _NAME.fullmatch(value):
            raise MalformedError(f"header {name} must be 1 to 100 letters, digits, _ or -")
    return Delivery(guid=request.guid, event=request.event, payload=payload)


def refused_response(status: HTTPStatus, reason: str, request: WebhookRequest | None = None) -> WebhookResponse:
    """The answer to what is not taken; of `posted`, the names that are none are left out."""
    guid, event = (request.guid, request.event) if request else ("", "")
    return WebhookResponse(
        status=status,
        result=DeliveryStatus.REFUSED,
        reason=reason,
        guid=_valid_name(guid),
        event=_valid_name(event),
    )


def retry_response(reason: str, delivery: Delivery) -> WebhookResponse:
    """The answer to what is to be delivered again."""
    return result_response(delivery, DeliveryResult(status=DeliveryStatus.LATER, reason=reason))


def error_response(trace: str, delivery: Delivery | None = None) -> WebhookResponse:
    """The answer where an error of ours came between."""
    reason = "internal error; the receiver's log has the traceback"
    return _build_response(HTTPStatus.INTERNAL_SERVER_ERROR, FAILED, reason, delivery, trace=trace)


def result_response(delivery: Delivery, delivery_result: DeliveryResult) -> WebhookResponse:
    """The answer that tells what became of the delivery."""
    return _build_response(_status(delivery_result.status), delivery_result.status, delivery_result.reason, delivery)


def _status(result: DeliveryStatus) -> HTTPStatus:
    match result:
        case DeliveryStatus.DONE | DeliveryStatus.IGNORED | DeliveryStatus.REFUSED:
            return HTTPStatus.OK
        case DeliveryStatus.LATER:
            # GitHub's log marks it as failed, so that it can be seen and delivered again.
            return HTTPStatus.SERVICE_UNAVAILABLE
        case _:
            assert_never(result)


def _build_response(
    status: HTTPStatus, result: str, reason: str, delivery: Delivery | None, *, trace: str = ""
) -> WebhookResponse:
    if delivery is None:
        return WebhookResponse(status=status, result=result, reason=reason, trace=trace)
    repository = delivery.payload.get("repository")
    return WebhookResponse(
        status=status,
        result=result,
        reason=reason,
        guid=delivery.guid,
        event=delivery.event,
        action=_truncate(delivery.payload.get("action")),
        repository=_truncate(repository.get("full_name") if isinstance(repository, Mapping) else ""),
        trace=trace,
    )


def _payload(body: bytes) -> dict[str, Any]:
    try:
        # `json` would also take UTF-16 and UTF-32.
        payload = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise MalformedError("the body is not UTF-8") from None
    except RecursionError:
        raise MalformedError("the body is nested too deeply") from None
    except ValueError:
        raise MalformedError("the body is not valid JSON") from None
    if not isinstance(payload, dict):
        raise MalformedError("the body is not a JSON object")
    return payload


def _refuse_constant(name: str) -> NoReturn:
    """Python's own additions to JSON: NaN and the infinities."""
    raise ValueError(name)


def _valid_name(text: str) -> str:
    return text if _NAME.fullmatch(text) else ""


def _truncate(value: object) -> str:
    return value[:_MAX_CHARACTERS] if isinstance(value, str) else ""
