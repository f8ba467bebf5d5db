"""HTTP: the receiver's three addresses, for any WSGI host. The only importer of the web framework."""

from __future__ import annotations

import time
import traceback
from http import HTTPStatus
from typing import Protocol
from wsgiref.types import WSGIApplication

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, UnsupportedMediaType

from ...core.events.signature import HEADER
from ...core.events.webhook import WebhookRequest, WebhookResponse, error_response, refused_response
from ...core.model.limits import DELIVERY_BYTES

JSON = "application/json"
#: In a request's WSGI environment: since when it is there, which our own server knows best.
SINCE = "checks.since"

_RETRY_AFTER_SECONDS = "60"
_REASONS = {
    HTTPStatus.NOT_FOUND: "there is nothing at this address: deliveries go to /webhook",
    HTTPStatus.METHOD_NOT_ALLOWED: "this address does not take that method",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "the content type is not application/json",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: f"the body is longer than {DELIVERY_BYTES:,} bytes",
}


class Door(Protocol):
    """What the addresses lead to; asked by several threads at once."""

    def take(self, request: WebhookRequest) -> WebhookResponse:
        """What becomes of a delivery; it raises nothing."""

    def trouble(self) -> str:
        """Why deliveries cannot be taken now; empty where they can."""

    def tell(self, response: WebhookResponse, seconds: float) -> None:
        """Write down an answer, which took so long."""

    def warn(self, sentence: str) -> None:
        """Write down what the server itself has to say."""


def application(door: Door) -> WSGIApplication:
    """The addresses: ``POST /webhook``, ``GET /healthz``, ``GET /readyz``."""
    app = Flask(__name__, static_folder=None, template_folder=None)
    # Whatever FLASK_DEBUG says: an answer shows no traceback.
    # One byte more is read, to see that a body of untold length is too long: Werkzeug just ends there.
    app.config.update(DEBUG=False, MAX_CONTENT_LENGTH=DELIVERY_BYTES + 1, PROVIDE_AUTOMATIC_OPTIONS=False)
    app.url_map.merge_slashes = False
    _add_addresses(app, door)
    _add_errors(app, door)

    @app.before_request
    def begin() -> None:
        request.environ.setdefault(SINCE, time.monotonic())

    return app


def _add_addresses(app: Flask, door: Door) -> None:
    @app.post("/webhook")
    def webhook() -> Response:
        return _answered(door, door.take(_posted(_body())))

    # Who asks for these asks every few seconds: where all is well the log says nothing of it.
    @app.get("/healthz")
    def healthz() -> Response:
        return _response(WebhookResponse(status=HTTPStatus.OK, result="alive", reason=""))

    @app.get("/readyz")
    def readyz() -> Response:
        if trouble := door.trouble():
            return _answered(
                door, WebhookResponse(status=HTTPStatus.SERVICE_UNAVAILABLE, result="not ready", reason=trouble)
            )
        return _response(WebhookResponse(status=HTTPStatus.OK, result="ready", reason=""))


def _add_errors(app: Flask, door: Door) -> None:
    @app.errorhandler(HTTPException)
    def not_taken(error: HTTPException) -> Response:
        status = HTTPStatus(error.code or HTTPStatus.BAD_REQUEST)
        reply = refused_response(status, _REASONS.get(status, "this is no proper request"), _posted(b""))
        response = _answered(door, reply)
        response.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
        return response

    @app.errorhandler(Exception)
    def ours(error: Exception) -> Response:
        return _answered(door, error_response("".join(traceback.format_exception(error))))


def _body() -> bytes:
    if request.mimetype != JSON:
        raise UnsupportedMediaType
    body = request.get_data(cache=False)
    if len(body) > DELIVERY_BYTES:
        raise RequestEntityTooLarge
    return body


def _posted(body: bytes) -> WebhookRequest:
    headers = request.headers
    return WebhookRequest(
        body=body,
        signature=headers.get(HEADER, ""),
        event=headers.get("X-GitHub-Event", ""),
        guid=headers.get("X-GitHub-Delivery", ""),
        received_at=request.environ[SINCE],
    )


def _answered(door: Door, reply: WebhookResponse) -> Response:
    door.tell(reply, time.monotonic() - request.environ[SINCE])
    return _response(reply)


def _response(reply: WebhookResponse) -> Response:
    response = Response(reply.text, status=reply.status, content_type=JSON)
    if reply.status is HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = _RETRY_AFTER_SECONDS
    return response
