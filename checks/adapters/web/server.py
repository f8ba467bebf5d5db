"""The WSGI server. The only module that imports ``waitress``.

How it keeps slow or malicious clients from blocking it:

- A request is read completely before it gets a thread. A slow sender only occupies a connection.
- A connection has `READ_SECONDS` from its opening to send its request, even if bytes keep trickling in.
- At most `DELIVERY_BYTES` of a body and `_HEADER_BYTES` of headers are kept, in memory. Longer requests are answered at
  once, and their rest is read and dropped for a while: otherwise the client would see a reset and no response.
- Each response closes its connection. A proxy that kept it open could send a delivery just as the server closes it.
"""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import WSGITask
from waitress.utilities import InternalServerError, RequestEntityTooLarge

from ...core.events.webhook import JSON, error_response, refused_response
from ...core.model.errors import CheckError, Problem
from ...core.model.limits import DELIVERY_BYTES
from .app import RECEIVED_AT_KEY, RequestHandler

#: GitHub itself gives up after 10 s: https://docs.github.com/webhooks/using-webhooks/handling-failed-webhook-deliveries
READ_SECONDS = 10
_MAX_CONNECTIONS = 250
_HEADER_BYTES = 16 * 1024
#: The most that GitHub sends.
_MAX_DROPPED_BYTES = 25 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
#: `app` refuses bodies over `DELIVERY_BYTES`. The encoding of chunked bodies takes extra bytes.
_MAX_READ_BYTES = DELIVERY_BYTES + _CHUNK_BYTES
#: How often `is_over` is checked.
_POLL_SECONDS = 0.1


#: Untyped: the stubs lack the types of the settings and of the server.
_create: Any = create_server


class WebServer:
    """Serves `app` at `address` with `threads`. Each request has to arrive within `seconds`.

    `handler` logs what `app` never sees: responses to malformed HTTP, and the server's own warnings. Port 0 picks any
    free port, which `url` contains. Raises `CheckError` if it cannot listen on the address.
    """

    def __init__(
        self,
        app: WSGIApplication,
        address: tuple[str, int],
        *,
        handler: RequestHandler,
        threads: int,
        seconds: int = READ_SECONDS,
    ) -> None:
        listening_socket = _listening_socket(address)
        host, port = listening_socket.getsockname()[:2]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        self._map: dict[int, Any] = {}
        self._server = _create(
            application=app,
            map=self._map,
            sockets=[listening_socket],
            threads=threads,
            connection_limit=_MAX_CONNECTIONS,
            channel_timeout=seconds,
            cleanup_interval=1,
            max_request_header_size=_HEADER_BYTES,
            max_request_body_size=_MAX_READ_BYTES,
            inbuf_overflow=2 * DELIVERY_BYTES,  # never reached, so no body is written to disk
            log_socket_errors=False,
            ident=None,
        )
        self._server.channel_class = _Channel
        self._server.handler = handler
        self._warnings = _Warnings(handler.warn)
        _LOG.addHandler(self._warnings)

    def run(self, is_over: Callable[[], bool]) -> None:
        """Serve until `is_over`, which is called several times a second. Active requests are not interrupted."""
        while not is_over():
            # `select` does not support file descriptors above 1,023.
            self._server.asyncore.loop(timeout=_POLL_SECONDS, use_poll=True, map=self._map, count=1)

    def active_request_count(self) -> int:
        """Return how many requests have arrived completely and are not fully answered."""
        return sum(channel.is_active for channel in self._server.active_channels.values())

    def partial_request_count(self) -> int:
        """Return how many requests have arrived in part."""
        return sum(channel.request is not None for channel in self._server.active_channels.values())

    def close(self, *, seconds: int) -> None:
        """Close all connections. The threads have `seconds` to finish."""
        _LOG.removeHandler(self._warnings)
        self._server.task_dispatcher.shutdown(timeout=seconds)
        self._server.asyncore.close_all(self._map)


def _listening_socket(address: tuple[str, int]) -> socket.socket:
    host, port = address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, dualstack_ipv6=host == "::")
    except OSError as error:
        raise CheckError(
            Problem(
                what=f"Address {host}, port {port}",
                why=f"cannot listen on this address: {error.strerror or error}.",
                remedy="Choose another one with --host and --port. In a container, use --host 0.0.0.0.",
            )
        ) from error


_LOG = logging.getLogger("waitress")
_LOG.propagate = False
_LOG.addHandler(logging.NullHandler())
#: It warns about every request that has to wait for a thread.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)


class _Warnings(logging.Handler):
    """Passes waitress's warnings to the handler."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._warn = warn

    def emit(self, record: logging.LogRecord) -> None:
        self._warn(self.format(record))


class _Task(WSGITask):
    """A complete request, the last of its connection."""

    channel: Any

    def execute(self) -> None:
        self.set_close_on_finish()
        super().execute()

    def get_environment(self) -> WSGIEnvironment:
        return {**super().get_environment(), RECEIVED_AT_KEY: self.channel.since}


class _RefusalTask(_Task):
    """A request that was refused before it was read completely."""

    request: Any

    def get_environment(self) -> WSGIEnvironment:
        return {**super().get_environment(), "CONTENT_LENGTH": str(_MAX_READ_BYTES)}  # a chunked body has none

    def execute(self) -> None:
        self.channel.discards_rest = True
        if isinstance(self.request.error, RequestEntityTooLarge):
            # `app` responds, as it checks the address and the content type first.
            super().execute()
            return
        self.set_close_on_finish()
        error = self.request.error
        is_server_error = isinstance(error, InternalServerError)
        webhook_response = (
            error_response("")
            if is_server_error
            else refused_response(HTTPStatus(error.code), "malformed HTTP request")
        )
        self.channel.server.handler.log_response(webhook_response, time.monotonic() - self.channel.since)
        body = webhook_response.text.encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers = [*self.response_headers, ("Content-Type", JSON)]
        self.content_length = len(body)
        self.complete = True
        self.write(body)


class _Channel(HTTPChannel):
    """A connection that serves one request within a time limit."""

    task_class = _Task
    error_task_class: Any = _RefusalTask

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        self.since = time.monotonic()
        self.discards_rest = False
        self._discarded_bytes: int | None = None
        super().__init__(*arguments, **keywords)

    @property
    def is_active(self) -> bool:
        """Whether there is a complete request or an unfinished response."""
        return bool(self.requests or self.total_outbufs_len or self.close_when_flushed)

    def handle_read(self) -> None:
        """Read. Unlike in waitress, further bytes do not extend the timeout."""
        if self._discarded_bytes is not None:
            self._discard()
            return
        super().handle_read()
        self.last_activity = self.creation_time

    def handle_close(self) -> None:
        """Close. After a refusal, wait for the client to close first, so that it sees the response and no reset."""
        if self.discards_rest and self.will_close and self._discarded_bytes is None and self.connected and self.socket:
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except OSError:
                super().handle_close()
            else:
                self.will_close, self._discarded_bytes = False, 0
            return
        super().handle_close()

    def _discard(self) -> None:
        try:
            self._discarded_bytes = (self._discarded_bytes or 0) + len(self.recv(_CHUNK_BYTES))
        except OSError:
            self.will_close = True
        if (self._discarded_bytes or 0) > _MAX_DROPPED_BYTES:
            self.will_close = True
