"""A WSGI server of our own. The only importer of ``waitress``.

What keeps slow and heavy clients from holding it up:

- A request is read whole before a thread works on it: who sends slowly holds a connection, of which there are many.
- A connection has `READ_SECONDS` for its one request, from when it was opened: bytes that trickle in make it no longer.
- Of a body no more is kept than `DELIVERY_BYTES`, in memory; of headers, `_HEADER_BYTES`. What is longer is answered at
  once; what the client still sends is read and dropped for a while, since it would see no answer otherwise.
- Each answer ends its connection: a proxy that kept it could send the next delivery just as we close it.
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

from ...core.events.webhook import error_response, refused_response
from ...core.model.errors import CheckError, Problem
from ...core.model.limits import DELIVERY_BYTES
from .app import JSON, RECEIVED_AT_KEY, RequestHandler

#: GitHub itself gives up after 10 s: https://docs.github.com/webhooks/using-webhooks/handling-failed-webhook-deliveries
READ_SECONDS = 10
_MAX_CONNECTIONS = 250
_HEADER_BYTES = 16 * 1024
#: As much as GitHub sends at most.
_MAX_DROPPED_BYTES = 25 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
#: The application refuses what is longer than `DELIVERY_BYTES`; of a body in chunks these have their own lines.
_MAX_READ_BYTES = DELIVERY_BYTES + _CHUNK_BYTES
#: How soon the end of a wait is seen.
_POLL_SECONDS = 0.1


#: Its stubs know neither the settings' types nor of what it makes a server.
_create: Any = create_server


class WebServer:
    """Serves `app` at an address, `threads` requests at once, each given `seconds` to come in.

    The handler is told of what `app` never sees: the answers to what is no proper HTTP, and the server's own troubles.
    Port 0 is any that is free; `url` says which. Raises `CheckError` where it cannot listen there.
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
            inbuf_overflow=2 * DELIVERY_BYTES,  # is not reached: no body is put on a disk
            log_socket_errors=False,
            ident=None,
        )
        self._server.channel_class = _Channel
        self._server.handler = handler
        self._warnings = _Warnings(handler.warn)
        _LOG.addHandler(self._warnings)

    def run(self, is_over: Callable[[], bool]) -> None:
        """Serve until `is_over`, which is asked several times a second; what is under way then stays so."""
        while not is_over():
            # `select` knows no descriptor above 1,023.
            self._server.asyncore.loop(timeout=_POLL_SECONDS, use_poll=True, map=self._map, count=1)

    def active_request_count(self) -> int:
        """How many requests are there whole, and not answered to the last byte."""
        return sum(channel.is_active for channel in self._server.active_channels.values())

    def partial_request_count(self) -> int:
        """How many requests have come in part."""
        return sum(channel.request is not None for channel in self._server.active_channels.values())

    def close(self, *, seconds: int) -> None:
        """Close everything; the threads have so long to come to their end."""
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
#: It tells of every request that has to wait for a thread.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)


class _Warnings(logging.Handler):
    """Passes the server's own warnings on."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._warn = warn

    def emit(self, record: logging.LogRecord) -> None:
        self._warn(self.format(record))


class _Task(WSGITask):
    """A request that is there whole: the last of its connection."""

    channel: Any

    def execute(self) -> None:
        self.set_close_on_finish()
        super().execute()

    def get_environment(self) -> WSGIEnvironment:
        return {**super().get_environment(), RECEIVED_AT_KEY: self.channel.since}


class _RefusalTask(_Task):
    """What the server has not read to its end."""

    request: Any

    def get_environment(self) -> WSGIEnvironment:
        return {**super().get_environment(), "CONTENT_LENGTH": str(_MAX_READ_BYTES)}  # in chunks it came without one

    def execute(self) -> None:
        self.channel.discards_rest = True
        if isinstance(self.request.error, RequestEntityTooLarge):
            # The application answers: to it, the address and the content type come first.
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
    """A connection: for one request, and not for long."""

    task_class = _Task
    error_task_class: Any = _RefusalTask

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        self.since = time.monotonic()
        self.discards_rest = False
        self._discarded_bytes: int | None = None
        super().__init__(*arguments, **keywords)

    @property
    def is_active(self) -> bool:
        """Whether there is a whole request, or a part of its answer."""
        return bool(self.requests or self.total_outbufs_len or self.close_when_flushed)

    def handle_read(self) -> None:
        """Read; what trickles in gives no more time."""
        if self._discarded_bytes is not None:
            self._discard()
            return
        super().handle_read()
        self.last_activity = self.creation_time

    def handle_close(self) -> None:
        """Close; after a refusal not before the client has closed, who else would see a reset and no answer."""
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
