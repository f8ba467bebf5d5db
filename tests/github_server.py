"""An HTTP server that behaves like GitHub's API for check runs, records every request and breaks by rule.

Inside tests the fixture `github` is one. For tests of another process::

    python -m tests.github_server --port 8123 --log requests.jsonl --fault '{"method": "PATCH", "nth": [2]}'

prints one line of JSON: the address, the repository, and credentials of an installed App and of a job. Every request
becomes a line in the log.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, urlsplit

from tests.github_rules import InvalidError
from tests.github_world import App, HttpError, Installation, World, error_body

REPOSITORY = "octo/demo"
_ENTERPRISE = "/api/v3"
_HTML = b"<html><body><h1>Unicorn!</h1></body></html>"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What goes wrong with the requests that match.

    Attributes:
        path: a regular expression that is searched for in the path.
        nth: which of the matching requests, counted from 1; none for all of them.
        how: ``answer`` with `status`, `headers` and `body`; ``html`` (with `status`); ``half`` of the true answer;
            ``drop`` the connection; ``none``, so that there is only the delay.
        done: whether the request is carried out all the same.
        delay_seconds: before anything else.
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

    @property
    def is_done(self) -> bool:
        return self.done or self.how == "none"

    def matches(self, method: str, path: str) -> bool:
        return bool(re.fullmatch(self.method, method) and re.search(self.path, path))


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A request, and the status it got; None where the connection was dropped. `kind` is that of its login."""

    method: str
    path: str
    query: dict[str, str]
    body: dict[str, Any]
    time: float
    kind: str
    status: int | None


@dataclass(frozen=True, kw_only=True)
class Reply:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    is_half: bool = False


class GithubServer:
    """The server; a context manager. `app` is installed in `REPOSITORY`.

    Attributes:
        delay_seconds: before every answer.
        clock: the true time, in seconds since the epoch.
        clock_ahead_seconds: of the server's clock against that.
        faulted: how many requests something went wrong with.
    """

    def __init__(self, *, port: int = 0, on_request: Callable[[Recorded], None] = lambda _: None) -> None:
        self.world = World(now=self.now)
        self.app = App()
        self.installation: Installation = self.world.install(self.app, REPOSITORY)
        self.requests: list[Recorded] = []
        self.delay_seconds = 0.0
        self.clock: Callable[[], float] = time.time
        self.clock_ahead_seconds = 0.0
        self.faulted = 0
        self._rules: list[_Rule] = []
        self._on_request = on_request
        self._lock = threading.Lock()
        self._answered = threading.Condition()
        self._http = _Http(("127.0.0.1", port), _Handler)
        self._http.github = self
        self.url = self.world.url = f"http://127.0.0.1:{self._http.server_port}"
        self.enterprise_url = self.url + _ENTERPRISE
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def now(self) -> float:
        """Its clock."""
        return self.clock() + self.clock_ahead_seconds

    def fault(self, fault: Fault) -> None:
        """From now on; where several match, the first that was given counts."""
        self._rules.append(_Rule(fault=fault))

    def mend(self) -> None:
        """From now on nothing goes wrong."""
        self._rules.clear()

    @property
    def writes(self) -> list[Recorded]:
        """The POSTs and PATCHes of check runs that came, whatever became of them."""
        return [one for one in self.requests if one.method != "GET" and one.path.startswith("/repos/")]

    @property
    def reads(self) -> list[Recorded]:
        return [one for one in self.requests if one.method == "GET"]

    @property
    def tokens_granted(self) -> list[Recorded]:
        return [one for one in self.requests if one.path.endswith("/access_tokens") and one.status == 201]

    @property
    def runs(self) -> list[dict[str, Any]]:
        """All check runs, oldest first."""
        return list(self.world.runs.values())

    @property
    def run(self) -> dict[str, Any]:
        """The only check run."""
        (run,) = self.runs
        return run

    def annotations(self, run_id: int | str | None = None) -> list[dict[str, Any]]:
        """A run's annotations in the order they came; without an id the only run's."""
        return self.world.annotations[self.run["id"] if run_id is None else int(run_id)]

    def wait_for(self, condition: Callable[[], bool], *, seconds: float = 30.0) -> None:
        """Wait until an answer makes the condition true."""
        with self._answered:
            assert self._answered.wait_for(condition, seconds), self.requests

    def handle(self, method: str, target: str, headers: dict[str, str], text: bytes) -> Reply | None:
        """The answer; None to drop the connection."""
        url = urlsplit(target)
        path, query = url.path.removeprefix(_ENTERPRISE), dict(parse_qsl(url.query))
        fault = self._matching(method, path)
        time.sleep(self.delay_seconds + (fault.delay_seconds if fault else 0.0))
        with self._lock:
            authorization, now, body = headers.get("authorization", ""), self.now(), _parsed(text)
            kind = self.world.kind(authorization)
            if fault and not fault.is_done:
                true = Reply(status=200, body=b'{"message": "never done"}')
            elif body is None:
                true = _json_reply(400, error_body(400, "Problems parsing JSON"))
            else:
                true = self._true_reply(method, path, query, body, authorization)
            reply = _broken(true, fault) if fault else true
            status = reply.status if reply else None
            one = Recorded(method=method, path=path, query=query, body=body or {}, time=now, kind=kind, status=status)
            self.requests.append(one)
            self._on_request(one)
        with self._answered:
            self._answered.notify_all()
        return reply

    def _true_reply(self, method: str, path: str, query: dict[str, str], body: Any, authorization: str) -> Reply:
        try:
            return _json_reply(*self.world.answer(method, path, query, body, authorization))
        except HttpError as error:
            return _json_reply(error.status, error_body(error.status, str(error)))
        except InvalidError as error:
            return _json_reply(422, error_body(422, str(error)))

    def _matching(self, method: str, path: str) -> Fault | None:
        with self._lock:
            matching = [rule for rule in self._rules if rule.fault.matches(method, path)]
            for rule in matching:
                rule.seen += 1
            hits = (rule.fault for rule in matching if not rule.fault.nth or rule.seen in rule.fault.nth)
            hit = next(hits, None)
            self.faulted += hit is not None
            return hit


@dataclass(kw_only=True)
class _Rule:
    fault: Fault
    seen: int = 0


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    github: GithubServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer is one packet
    disable_nagle_algorithm = True
    server: _Http

    def handle(self) -> None:
        with suppress(ConnectionError):  # a client that went away is no error of the server
            super().handle()

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def _answer(self) -> None:
        text = self.rfile.read(int(self.headers.get("content-length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.github.handle(self.command, self.path, headers, text)
        if reply is None:
            self.close_connection = True
            return
        self.send_response(reply.status)
        sent = {"Content-Type": "application/json; charset=utf-8", "Content-Length": str(len(reply.body))}
        for name, value in (sent | reply.headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) // 2] if reply.is_half else reply.body)
        self.close_connection = self.close_connection or reply.is_half

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The ``Date`` by the server's clock."""
        return formatdate(timestamp or self.server.github.now(), usegmt=True)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the standard library's name
        """Quiet: `GithubServer.requests` has it all."""


def _parsed(text: bytes) -> dict[str, Any] | None:
    with suppress(ValueError):
        body = json.loads(text or b"{}")
        return body if isinstance(body, dict) else None
    return None


def _json_reply(status: int, body: Any) -> Reply:
    return Reply(status=status, body=json.dumps(body).encode(), headers={"X-RateLimit-Remaining": "4999"})


def _broken(true: Reply, fault: Fault) -> Reply | None:
    match fault.how:
        case "none":
            return true
        case "drop":
            return None
        case "half":
            return replace(true, is_half=True)
        case "html":
            return Reply(status=fault.status, body=_HTML, headers={"Content-Type": "text/html"} | fault.headers)
        case "answer":
            body = error_body(fault.status, "Told to") if fault.body is None else fault.body
            return Reply(status=fault.status, body=json.dumps(body).encode(), headers=fault.headers)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.github_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, required=True, help="JSON lines: the requests")
    parser.add_argument("--fault", type=json.loads, action="append", default=[], help="a Fault as JSON")
    parser.add_argument("--delay-seconds", type=float, default=0.0)
    options = parser.parse_args(arguments)
    with options.log.open("a", encoding="utf-8") as log:

        def keep(request: Recorded) -> None:
            log.write(json.dumps(asdict(request)) + "\n")
            log.flush()

        with GithubServer(port=options.port, on_request=keep) as server:
            server.delay_seconds = options.delay_seconds
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
        "github_token": server.world.actions_token(REPOSITORY),
        "read_only_token": server.world.actions_token(REPOSITORY, checks="read"),
    }


if __name__ == "__main__":
    main(sys.argv[1:])
