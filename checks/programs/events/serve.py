"""The webhook receiver: an HTTP server that handles each delivery before it responds."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import BinaryIO
from wsgiref.types import WSGIApplication

from ...adapters.github import network
from ...adapters.system.clock import SystemClock
from ...adapters.system.signals import Cancel
from ...adapters.web import app
from ...adapters.web.server import WebServer
from ...core.inputs.names import unknown_variables
from ...core.inputs.server_settings import ServerSettings, parse_server_settings
from ...core.model.errors import ExitStatus
from ...core.model.ports import Clock
from ...core.pytest_process.environment import network_variables
from ...core.redaction.redactor import Redactor
from ...core.redaction.values import secrets_of
from .receiver import AppReceiver
from .repositories import RepositoryPool
from .retries import RetryingReceiver
from .webhook_handler import MAX_ACTIVE, MAX_WAITING, LogFields, Receiver, WebhookHandler

#: Threads for active and waiting deliveries, and some for requests that are answered at once.
_THREADS = MAX_ACTIVE + MAX_WAITING + 8
#: `docker stop` kills after 10 s.
_STOP_SECONDS = 9.0
#: How long to wait on shutdown for requests that have arrived in part.
_ARRIVAL_SECONDS = 2.0

#: Sleeps for some seconds or until the process is stopped; returns whether it is.
Wait = Callable[[float], bool]
Log = Callable[[LogFields], None]
CreateReceiver = Callable[[ServerSettings, Clock, Wait, Log], Receiver]


def _create_receiver(settings: ServerSettings, clock: Clock, wait: Wait, log: Log) -> Receiver:
    """Return the receiver that handles deliveries at GitHub."""
    repositories = RepositoryPool(settings.credentials, settings.api_url, clock, wait)
    receiver = AppReceiver(
        app_id=settings.credentials.app_id,
        repositories=repositories,
        clock=clock,
        queues_at_push=settings.queues_at_push,
    )
    return RetryingReceiver(receiver, clock, wait, log)


def serve(
    environ: Mapping[str, str],
    stdout: BinaryIO,
    *,
    address: tuple[str, int],
    create_receiver: CreateReceiver = _create_receiver,
) -> ExitStatus:
    """Serve at `address` (host and port) until SIGINT or SIGTERM, then finish the active deliveries.

    A second signal stops at once. Raises `CheckError` for invalid settings or if it cannot listen on the address.
    """
    network.use(network_variables(environ))
    stop = Cancel()
    stop.install()
    clock = SystemClock()
    log = JsonLog(stdout, clock)
    handler = _create_handler(environ, log, clock, create_receiver, stop.wait)
    server = WebServer(app.application(handler), address, handler=handler, threads=_THREADS)
    log.write_message("started", url=server.url)
    server.run(stop.is_set)
    return _stop(server, handler, log, clock)


def application(
    environ: Mapping[str, str], stdout: BinaryIO, create_receiver: CreateReceiver = _create_receiver
) -> WSGIApplication:
    """Return the receiver for another WSGI server, which then handles timeouts and shutdown. Raises `CheckError`."""
    clock, never_cancelled = SystemClock(), Cancel()
    handler = _create_handler(environ, JsonLog(stdout, clock), clock, create_receiver, never_cancelled.wait)
    return app.application(handler)


class JsonLog:
    """A thread-safe log of JSON lines. They are ASCII, so no text can start another line."""

    def __init__(self, stdout: BinaryIO, clock: Clock) -> None:
        self._stdout = stdout
        self._clock = clock
        self._lock = threading.Lock()

    def write(self, fields: LogFields) -> None:
        """Write a line with the time. Errors are ignored: deliveries are handled even without a log."""
        time = datetime.fromtimestamp(self._clock.now(), UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": time, **fields}).encode("ascii") + b"\n"
        with self._lock, suppress(OSError, ValueError):
            self._stdout.write(line)
            self._stdout.flush()

    def write_message(self, message: str, **fields: object) -> None:
        """Write a line that does not belong to a request."""
        self.write({"message": message, **fields})


def _create_handler(
    environ: Mapping[str, str], log: JsonLog, clock: Clock, create_receiver: CreateReceiver, wait: Wait
) -> WebhookHandler:
    for sentence in unknown_variables(environ):
        log.write_message("warning", reason=sentence)
    settings = parse_server_settings(environ)
    redact = Redactor(secrets_of(settings.credentials, environ))

    def write_redacted(fields: LogFields) -> None:
        log.write({name: redact(value) if isinstance(value, str) else value for name, value in fields.items()})

    return WebhookHandler(
        create_receiver(settings, clock, wait, write_redacted),
        secret=settings.secret,
        clock=clock,
        log=log.write,
        redact=redact,
    )


def _stop(server: WebServer, handler: WebhookHandler, log: JsonLog, clock: Clock) -> ExitStatus:
    second_signal, started_at = Cancel(), clock.monotonic()
    second_signal.install()
    handler.stop()
    log.write_message("stopping", active_requests=server.active_request_count())

    def is_over() -> bool:
        seconds = clock.monotonic() - started_at
        is_idle = not server.active_request_count() and (
            seconds >= _ARRIVAL_SECONDS or not server.partial_request_count()
        )
        return is_idle or seconds >= _STOP_SECONDS or second_signal.is_set()

    server.run(is_over)
    cut = server.active_request_count()
    server.close(seconds=0 if cut else 1)
    log.write_message("stopped", aborted_requests=cut)
    return ExitStatus.FAILED if cut else ExitStatus.PASSED
