"""The receiver's three addresses, as a WSGI application. The only module that imports the web framework."""

from __future__ import annotations

import time
import traceback
from http import HTTPStatus
from typing import Protocol
from wsgiref.types import WSGIApplication

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, UnsupportedMediaType

from ...core.events.signature import HEADER
from ...core.events.webhook import (
    CONTENT_TYPES,
    JSON,
    WebhookRequest,
    WebhookResponse,
    error_response,
    refused_response,
)
from ...core.model.limits import DELIVERY_BYTES

#: The key of the WSGI environment for the time of arrival, which `server` sets.
RECEIVED_AT_KEY = "checks.since"

_RETRY_AFTER_SECONDS = "60"
_REASONS = {
    HTTPStatus.NOT_FOUND: "there is nothing at this address; send deliveries to /webhook",
    HTTPStatus.METHOD_NOT_ALLOWED: "this address does not support that method",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "the content type is neither application/json nor a form",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: f"the body is longer than {DELIVERY_BYTES:,} bytes",
}


class RequestHandler(Protocol):
    """Handles the requests. Called from several threads at once."""

    def handle(self, request: WebhookRequest) -> WebhookResponse:
        """Return the response to a delivery. Raises nothing."""

    def unready_reason(self) -> str:
        """Return why deliveries cannot be accepted now; empty if they can."""

    def log_response(self, response: WebhookResponse, seconds: float) -> None:
        """Log a response that took `seconds`."""

    def warn(self, sentence: str) -> None:
        """Log a message of the server itself."""


def application(handler: RequestHandler) -> WSGIApplication:
    """Return the application for ``POST /webhook``, ``GET /healthz`` and ``GET /readyz``."""
    app = Flask(__name__, static_folder=None, template_folder=None)
    # DEBUG is off even if FLASK_DEBUG is set, as it would show tracebacks to clients.
    # Werkzeug truncates a chunked body at the limit: one more byte shows that it was too long.
    app.config.update(DEBUG=False, MAX_CONTENT_LENGTH=DELIVERY_BYTES + 1, PROVIDE_AUTOMATIC_OPTIONS=False)
    app.url_map.merge_slashes = False
    _add_addresses(app, handler)
    _add_errors(app, handler)

    @app.before_request
    def record_start() -> None:
        request.environ.setdefault(RECEIVED_AT_KEY, time.monotonic())

    return app


def _add_addresses(app: Flask, handler: RequestHandler) -> None:
    @app.post("/webhook")
    def webhook() -> Response:
        return _logged_response(handler, handler.handle(_webhook_request(_body())))

    # Health checks come every few seconds, so successful ones are not logged.
    @app.get("/healthz")
    def healthz() -> Response:
        return _response(WebhookResponse(status=HTTPStatus.OK, result="alive", reason=""))

    @app.get("/readyz")
    def readyz() -> Response:
        if unready_reason := handler.unready_reason():
            return _logged_response(
                handler,
                WebhookResponse(status=HTTPStatus.SERVICE_UNAVAILABLE, result="not ready", reason=unready_reason),
            )
        return _response(WebhookResponse(status=HTTPStatus.OK, result="ready", reason=""))


def _add_errors(app: Flask, handler: RequestHandler) -> None:
    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        status = HTTPStatus(error.code or HTTPStatus.BAD_REQUEST)
        webhook_response = refused_response(status, _REASONS.get(status, "malformed request"), _webhook_request(b""))
        response = _logged_response(handler, webhook_response)
        response.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
        return response

    @app.errorhandler(Exception)
    def unexpected_error(error: Exception) -> Response:
        return _logged_response(handler, error_response("".join(traceback.format_exception(error))))


def _body() -> bytes:
    if request.mimetype not in CONTENT_TYPES:
        raise UnsupportedMediaType
    body = request.get_data(cache=False)
    if len(body) > DELIVERY_BYTES:
        raise RequestEntityTooLarge
    return body


def _webhook_request(body: bytes) -> WebhookRequest:
    headers = request.headers
    return WebhookRequest(
        body=body,
        content_type=request.mimetype,
        signature=headers.get(HEADER, ""),
        event=headers.get("X-GitHub-Event", ""),
        guid=headers.get("X-GitHub-Delivery", ""),
        received_at=request.environ[RECEIVED_AT_KEY],
    )


def _logged_response(handler: RequestHandler, webhook_response: WebhookResponse) -> Response:
    handler.log_response(webhook_response, time.monotonic() - request.environ[RECEIVED_AT_KEY])
    return _response(webhook_response)


def _response(webhook_response: WebhookResponse) -> Response:
    response = Response(webhook_response.text, status=webhook_response.status, content_type=JSON)
    if webhook_response.status is HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = _RETRY_AFTER_SECONDS
    return response
