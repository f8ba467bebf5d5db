"""Webhook requests as `Delivery` objects, and the responses to them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NoReturn, assert_never
from urllib.parse import parse_qs

from ..model.delivery import Delivery, DeliveryResult, DeliveryStatus

#: The `WebhookResponse.result` of an internal error. All others are values of `DeliveryStatus`.
FAILED = "failed"
INTERNAL_ERROR = "internal error; the receiver's log has the traceback"

JSON = "application/json"
#: The content type that a new webhook has by default: the JSON is the field ``payload``.
FORM = "application/x-www-form-urlencoded"
CONTENT_TYPES = frozenset({JSON, FORM})

_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
_MAX_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRequest:
    """A request to the webhook's address. Header values are as received, empty if missing.

    Attributes:
        body: the raw bytes.
        content_type: one of `CONTENT_TYPES`.
        signature: header ``X-Hub-Signature-256``.
        event: header ``X-GitHub-Event``.
        guid: header ``X-GitHub-Delivery``.
        received_at: time of arrival, in seconds of the monotonic clock.
    """

    body: bytes = field(repr=False)
    content_type: str = JSON
    signature: str = field(repr=False)
    event: str
    guid: str
    received_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookResponse:
    """The response to a request, and what the log records about it.

    Attributes:
        status: the HTTP status.
        result, reason, guid: the fields of the JSON body.
        event, action, repository: of the delivery, as far as it could be read; only logged.
        trace: the traceback of an internal error; only logged.
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
        """Return the body: JSON in ASCII."""
        return json.dumps({"result": self.result, "reason": self.reason, "delivery": self.guid}) + "\n"

    def record(self, seconds: float) -> dict[str, object]:
        """Return the log fields of a response that took `seconds`. No other parts of the payload are logged."""
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
    """The request is not a delivery from GitHub. The message says why, and quotes nothing from the request."""


def parse_delivery(request: WebhookRequest) -> Delivery:
    """Return the delivery in a request. Does not verify the signature. Raises `MalformedError`."""
    payload = _payload(_form_field(request.body) if request.content_type == FORM else request.body)
    for name, value in (("X-GitHub-Event", request.event), ("X-GitHub-Delivery", request.guid)):
        if not value:
            raise MalformedError(f"header {name} is missing")
        if not _NAME.fullmatch(value):
            raise MalformedError(f"header {name} must be 1 to 100 letters, digits, _ or -")
    return Delivery(guid=request.guid, event=request.event, payload=payload)


def refused_response(status: HTTPStatus, reason: str, request: WebhookRequest | None = None) -> WebhookResponse:
    """Return the response that refuses `request`. Malformed header values are left out of it."""
    guid, event = (request.guid, request.event) if request else ("", "")
    return WebhookResponse(
        status=status,
        result=DeliveryStatus.REFUSED,
        reason=reason,
        guid=_valid_name(guid),
        event=_valid_name(event),
    )


def retry_response(reason: str, delivery: Delivery) -> WebhookResponse:
    """Return the response that asks for the delivery to be sent again."""
    return result_response(delivery, DeliveryResult(status=DeliveryStatus.LATER, reason=reason))


def error_response(trace: str, delivery: Delivery | None = None) -> WebhookResponse:
    """Return the response to a delivery that caused an internal error."""
    return _build_response(HTTPStatus.INTERNAL_SERVER_ERROR, FAILED, INTERNAL_ERROR, delivery, trace=trace)


def result_response(delivery: Delivery, delivery_result: DeliveryResult) -> WebhookResponse:
    """Return the response that reports the result of a delivery."""
    return _build_response(_status(delivery_result.status), delivery_result.status, delivery_result.reason, delivery)


def _status(result: DeliveryStatus) -> HTTPStatus:
    match result:
        case DeliveryStatus.DONE | DeliveryStatus.IGNORED | DeliveryStatus.REFUSED:
            return HTTPStatus.OK
        case DeliveryStatus.UNREADABLE:
            return HTTPStatus.UNPROCESSABLE_ENTITY
        case DeliveryStatus.LATER:
            # GitHub's delivery log then shows it as failed, and it can be redelivered.
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


def _form_field(body: bytes) -> bytes:
    try:
        values = parse_qs(body.decode("ascii"), errors="strict", max_num_fields=1).get("payload", [])
    except ValueError:
        values = []
    if not values:
        raise MalformedError("the body is not a form with the field payload alone")
    return values[0].encode()


def _payload(body: bytes) -> dict[str, Any]:
    try:
        # `json.loads` would also accept UTF-16 and UTF-32 bytes.
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
    """Refuse NaN and the infinities, which are Python extensions of JSON."""
    raise ValueError(name)


def _valid_name(text: str) -> str:
    return text if _NAME.fullmatch(text) else ""


def _truncate(value: object) -> str:
    return value[:_MAX_CHARACTERS] if isinstance(value, str) else ""
