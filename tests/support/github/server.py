"""A fake GitHub server: an HTTP server with the API for check runs and re-runs. Records requests and injects faults.

In tests, use the fixture `github`. For tests of another process::

    python -m tests.support.github.server --port 8123 --log requests.jsonl --fault '{"method": "PATCH", "nth": [2]}'

prints one line of JSON with the URL, the repository, and the credentials of an installed App and of a job. Requests are
logged as JSON lines.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

from tests.support.github.deliveries import UNREACHED, HookDelivery, post_delivery, prepare_delivery
from tests.support.github.events import Events
from tests.support.github.faults import Fault, Faults, RawResponse, apply_fault
from tests.support.github.http import HttpServer
from tests.support.github.limits import MESSAGE, Limits
from tests.support.github.login import App, Installation
from tests.support.github.responses import error_body, without_client_ids
from tests.support.github.routes import respond
from tests.support.github.world import REPOSITORY, World
from tests.support.tls import with_tls
from tests.support.waits import HANG_SECONDS

__all__ = ["REPOSITORY", "Fault", "GithubServer", "HookDelivery", "Limits", "RawResponse", "RecordedRequest"]

_ENTERPRISE = "/api/v3"
_ENTERPRISE_PATH = re.compile(r"^/api(/v3(?!/graphql)|(?=/graphql$))")


@dataclass(frozen=True, kw_only=True)
class RecordedRequest:
    """A request and the status of its response (None for a dropped connection). `kind` is that of its login."""

    method: str
    path: str
    query: dict[str, str]
    body: dict[str, Any]
    time: float
    kind: str
    status: int | None


class GithubServer(Events):
    """The server, as a context manager. `app` is installed in `REPOSITORY`. With a `certificate`, it speaks HTTPS.

    Attributes:
        delay_seconds: a delay before each response.
        clock: the real time, in seconds since the epoch.
        clock_ahead_seconds: how far the server's clock is ahead of it.
        faulted: how many requests met a fault.
        limits: the rate limits; none by default.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        certificate: Path | None = None,
        on_request: Callable[[RecordedRequest], None] = lambda _: None,
    ) -> None:
        self.world = World(now=self.now, redeliver=self._redeliver)
        self.app = App()
        self.installation: Installation = self.world.install(self.app, REPOSITORY)
        self.requests: list[RecordedRequest] = []
        self.delay_seconds = 0.0
        self.clock: Callable[[], float] = time.time
        self.clock_ahead_seconds = 0.0
        self.faulted = 0
        self.limits: Limits | None = None
        self._active_requests = 0
        self._faults = Faults()
        self._on_request = on_request
        self._lock = threading.Lock()
        self._changed = threading.Condition()
        self._http = HttpServer(port, self.handle, self.now)
        scheme = "http" if certificate is None else "https"
        self.url = self.world.url = f"{scheme}://127.0.0.1:{self._http.server_port}"
        if certificate is not None:
            self._http.socket = with_tls(self._http.socket, certificate)
        self.enterprise_url = self.url + _ENTERPRISE
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._redelivering: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        for thread in self._redelivering:
            thread.join()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def now(self) -> float:
        """Return the time by the server's clock."""
        return self.clock() + self.clock_ahead_seconds

    def fault(self, fault: Fault) -> None:
        """Add a fault. If several match a request, the first one applies."""
        self._faults.add(fault)

    def mend(self) -> None:
        """Remove all faults."""
        self._faults.clear()

    @property
    def writes(self) -> list[RecordedRequest]:
        """Return the POST, PATCH and DELETE requests for repositories, with any status."""
        return [
            recorded
            for recorded in self.requests
            if recorded.method != "GET" and recorded.path.startswith(("/repos/", "/repositories/"))
        ]

    @property
    def reads(self) -> list[RecordedRequest]:
        return [recorded for recorded in self.requests if recorded.method == "GET"]

    @property
    def tokens_granted(self) -> list[RecordedRequest]:
        return [
            recorded
            for recorded in self.requests
            if recorded.path.endswith("/access_tokens") and recorded.status == 201
        ]

    @property
    def runs(self) -> list[dict[str, Any]]:
        """Return all check runs, oldest first."""
        return list(self.world.runs.values())

    @property
    def run(self) -> dict[str, Any]:
        """Return the only check run."""
        (run,) = self.runs
        return run

    def annotations(self, run_id: int | str | None = None) -> list[dict[str, Any]]:
        """Return a check run's annotations in order of arrival; without an id, those of the only run."""
        return self.world.annotations[self.run["id"] if run_id is None else int(run_id)]

    def wait_for(self, condition: Callable[[], bool], *, seconds: float = HANG_SECONDS) -> None:
        """Wait until a response, a delivery, or a request with a fault makes the condition true."""
        with self._changed:
            assert self._changed.wait_for(condition, seconds), self.requests

    def deliver(
        self, event: str, payload: dict[str, Any], *, guid: str | None = None, send: bool = True
    ) -> HookDelivery:
        """Deliver an event to the App's webhook and log it.

        If `send` is false or the webhook has no URL, the delivery is complete, but logged as failed to connect. If the
        webhook is switched off, nothing is logged.
        """
        return self._deliver(event, payload, guid or str(uuid4()), send=send)

    def _deliver(
        self, event: str, payload: dict[str, Any], guid: str, *, send: bool = True, is_again: bool = False
    ) -> HookDelivery:
        hook, started_at = self.world.hook, self.now()
        delivery = prepare_delivery(hook, self.app.id, event, self.known(payload), guid)
        if hook is None:
            return delivery
        response = post_delivery(delivery, hook.seconds) if send and hook.url else UNREACHED
        with self._lock:
            number = self.world.new_id()
            delivery = replace(delivery, id=number, delivered_at=started_at, redelivery=is_again, response=response)
            self.world.deliveries.append(delivery)
        self._notify()
        return delivery

    def _redeliver(self, delivery: HookDelivery) -> None:
        """Redeliver in the background, as GitHub does after its response."""
        arguments = delivery.event, delivery.payload, delivery.guid
        thread = threading.Thread(target=self._deliver, args=arguments, kwargs={"is_again": True})
        self._redelivering.append(thread)
        thread.start()

    def handle(self, method: str, target: str, headers: Mapping[str, str], text: bytes) -> RawResponse | None:
        """Return the response, or None to drop the connection."""
        url = urlsplit(target)
        path, query = _ENTERPRISE_PATH.sub("", url.path), dict(parse_qsl(url.query))
        with self._count_request() as at_once:
            fault = self._find_fault(method, path)
            if fault:
                self._notify()
                fault.before()
            time.sleep(self.delay_seconds + (fault.delay_seconds if fault else 0.0))
            with self._lock:
                authorization, now, body = headers.get("authorization", ""), self.now(), _parsed(text)
                kind = self.world.kind(authorization)
                if fault and not fault.is_done:
                    real_response = RawResponse(status=200, body=b'{"message": "never done"}')
                else:
                    rate_limited = self._rate_limited(method, path, at_once)
                    real_response = rate_limited or self._real_response(method, path, query, body, authorization)
                response = apply_fault(real_response, fault) if fault else real_response
                status, body = response.status if response else None, body or {}
                self._record(
                    RecordedRequest(
                        method=method, path=path, query=query, body=body, time=now, kind=kind, status=status
                    )
                )
        self._notify()
        return response

    def _real_response(
        self, method: str, path: str, query: dict[str, str], body: Any, authorization: str
    ) -> RawResponse:
        if body is None:
            return _json_response(400, error_body(400, "Problems parsing JSON"))
        response = respond(self.world, method, path, query, body, authorization)
        return _json_response(response.status, self.known(response.body), response.headers)

    def known(self, body: Any) -> Any:
        """Return the body without client ids if this server does not know them."""
        return body if self.world.knows_client_ids else without_client_ids(body)

    def _record(self, recorded: RecordedRequest) -> None:
        self.requests.append(recorded)
        self._on_request(recorded)

    def _find_fault(self, method: str, path: str) -> Fault | None:
        with self._lock:
            fault = self._faults.of(method, path)
            self.faulted += fault is not None
            return fault

    @contextmanager
    def _count_request(self) -> Iterator[int]:
        """Count an active request. Yields how many there are."""
        with self._lock:
            self._active_requests += 1
            at_once = self._active_requests
        try:
            yield at_once
        finally:
            with self._lock:
                self._active_requests -= 1

    def _rate_limited(self, method: str, path: str, at_once: int) -> RawResponse | None:
        if self.limits is None:
            return None
        seconds = self.limits.retry_after(method, path, now=self.now(), at_once=at_once)
        return None if seconds is None else _json_response(403, error_body(403, MESSAGE), {"Retry-After": str(seconds)})

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()


def _parsed(text: bytes) -> dict[str, Any] | None:
    with suppress(ValueError):
        body = json.loads(text or b"{}")
        return body if isinstance(body, dict) else None
    return None


def _json_response(status: int, body: Any, headers: Mapping[str, str] | None = None) -> RawResponse:
    text = b"" if body is None else json.dumps(body).encode()
    return RawResponse(status=status, body=text, headers={"X-RateLimit-Remaining": "4999", **(headers or {})})


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.support.github.server", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, required=True, help="JSON lines: the requests")
    parser.add_argument("--fault", type=json.loads, action="append", default=[], help="a Fault as JSON")
    parser.add_argument("--delay-seconds", type=float, default=0.0)
    parser.add_argument("--lenient", action="store_true", help="allow an empty summary, line 0 and column 0")
    options = parser.parse_args(arguments)
    with options.log.open("a", encoding="utf-8") as log:

        def write_line(request: RecordedRequest) -> None:
            log.write(json.dumps(asdict(request)) + "\n")
            log.flush()

        with GithubServer(port=options.port, on_request=write_line) as server:
            server.delay_seconds = options.delay_seconds
            server.world.is_lenient = options.lenient
            for rule in options.fault:
                server.fault(Fault(**rule))
            sys.stdout.write(json.dumps(_credentials(server)) + "\n")
            sys.stdout.flush()
            with suppress(KeyboardInterrupt):
                threading.Event().wait()


def _credentials(server: GithubServer) -> dict[str, Any]:
    return {
        "url": server.url,
        "repository": REPOSITORY,
        "app_id": server.app.id,
        "client_id": server.app.client_id,
        "installation_id": server.installation.id,
        "private_key": server.app.private_key,
        "github_token": server.world.actions_token(REPOSITORY, pull_requests="read"),
        "read_only_token": server.world.actions_token(REPOSITORY, checks="read"),
    }


if __name__ == "__main__":
    main(sys.argv[1:])
