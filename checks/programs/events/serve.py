"""The webhook receiver: GitHub's deliveries over HTTP, each answered after its work is done or safely refused."""

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
from ...core.inputs.server_settings import ReceiverSettings, parse_receiver_settings
from ...core.model.errors import ExitStatus
from ...core.model.ports import Clock
from ...core.pytest_process.environment import network_variables
from ...core.redaction.redactor import Redactor
from ...core.redaction.values import secrets_of
from .receiver import AppReceiver
from .repositories import RepositoryPool
from .webhook_handler import AT_ONCE, WAITING, Receiver, Told, WebhookHandler

#: Beside those that deliveries may hold, some for what is answered at once.
_THREADS = AT_ONCE + WAITING + 8
#: `docker stop` kills after 10 s.
_STOP_SECONDS = 9.0
#: What has come in part may still come whole when we are to stop.
_ARRIVAL_SECONDS = 2.0

#: Sleeps for so many seconds, or until we are to stop; whether we are.
Wait = Callable[[float], bool]
Make = Callable[[ReceiverSettings, Clock, Wait], Receiver]


def _receiver(receiving: ReceiverSettings, clock: Clock, wait: Wait) -> Receiver:
    """What acts on deliveries, at GitHub."""
    hubs = RepositoryPool(receiving.credentials, receiving.api_url, clock, wait)
    return AppReceiver(app_id=receiving.credentials.app_id, hubs=hubs, clock=clock, awaits=receiving.queues_at_push)


def serve(
    environ: Mapping[str, str], stdout: BinaryIO, *, address: tuple[str, int], make: Make = _receiver
) -> ExitStatus:
    """Receive at `address` (host and port) until SIGINT or SIGTERM, and end what is under way.

    A second signal ends at once. Raises `CheckError` for wrong settings, and where it cannot listen there.
    """
    network.use(network_variables(environ))
    stop = Cancel()
    stop.install()
    clock = SystemClock()
    lines = Lines(stdout, clock)
    reception = _reception(environ, lines, clock, make, stop.wait)
    server = WebServer(app.application(reception), address, door=reception, threads=_THREADS)
    lines.say("started", url=server.url)
    server.run(stop.is_set)
    return _stop(server, reception, lines, clock)


def application(environ: Mapping[str, str], stdout: BinaryIO, make: Make = _receiver) -> WSGIApplication:
    """The receiver for another WSGI server, which then sees to limits of time and to the end. Raises `CheckError`."""
    clock, never = SystemClock(), Cancel()
    reception = _reception(environ, Lines(stdout, clock), clock, make, never.wait)
    return app.application(reception)


class Lines:
    """The log: a line of JSON each; in ASCII, so that no text can begin another line. For several threads."""

    def __init__(self, stdout: BinaryIO, clock: Clock) -> None:
        self._stdout = stdout
        self._clock = clock
        self._lock = threading.Lock()

    def write(self, told: Told) -> None:
        """Write a line with the time; a log that cannot be written is no reason to take no deliveries."""
        time = datetime.fromtimestamp(self._clock.now(), UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": time, **told}).encode("ascii") + b"\n"
        with self._lock, suppress(OSError, ValueError):
            self._stdout.write(line)
            self._stdout.flush()

    def say(self, message: str, **told: object) -> None:
        """Write a line that is of no request."""
        self.write({"message": message, **told})


def _reception(environ: Mapping[str, str], lines: Lines, clock: Clock, make: Make, wait: Wait) -> WebhookHandler:
    receiving = parse_receiver_settings(environ)
    return WebhookHandler(
        make(receiving, clock, wait),
        secret=receiving.secret,
        clock=clock,
        log=lines.write,
        redact=Redactor(secrets_of(receiving.credentials, environ)),
    )


def _stop(server: WebServer, reception: WebhookHandler, lines: Lines, clock: Clock) -> ExitStatus:
    again, began = Cancel(), clock.monotonic()
    again.install()
    reception.stop()
    lines.say("stopping", under_way=server.at_work())

    def is_over() -> bool:
        seconds = clock.monotonic() - began
        is_idle = not server.at_work() and (seconds >= _ARRIVAL_SECONDS or not server.arriving())
        return is_idle or seconds >= _STOP_SECONDS or again.is_set()

    server.run(is_over)
    cut = server.at_work()
    server.close(seconds=0 if cut else 1)
    lines.say("stopped", cut=cut)
    return ExitStatus.FAILED if cut else ExitStatus.PASSED
