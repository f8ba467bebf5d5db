"""The receiver's server in a thread, and clients for it that speak real HTTP."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from checks.adapters.web.app import Door, application
from checks.adapters.web.server import WebServer
from tests.support.waits import HANG_SECONDS


@dataclass(frozen=True, kw_only=True)
class Heard:
    """An answer; `json` is None where there was no body."""

    status: int
    headers: Mapping[str, str]
    json: Any

    @classmethod
    def of(cls, response: HTTPResponse) -> Heard:
        body = response.read()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return cls(status=response.status, headers=headers, json=json.loads(body) if body else None)


class Client:
    """Speaks to the server at `url`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname
        assert parts.port
        self.address = parts.hostname, parts.port

    def ask(self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Heard:
        """One request, on a connection of its own."""
        connection = HTTPConnection(*self.address, timeout=HANG_SECONDS)
        try:
            connection.request(method, path, body, dict(headers or {}))
            return Heard.of(connection.getresponse())
        finally:
            connection.close()

    @contextmanager
    def sent(self, *pieces: bytes) -> Iterator[socket.socket]:
        """A connection on which these bytes were sent, whatever they are."""
        with socket.create_connection(self.address, timeout=HANG_SECONDS) as connection:
            for piece in pieces:
                connection.sendall(piece)
            yield connection

    def say(self, *pieces: bytes) -> Heard:
        """The answer to these bytes."""
        with self.sent(*pieces) as connection:
            return answer(connection)


def answer(connection: socket.socket) -> Heard:
    """What comes over the connection."""
    response = HTTPResponse(connection)
    try:
        response.begin()
        return Heard.of(response)
    finally:
        response.close()


@contextmanager
def served(door: Door, *, threads: int = 8, seconds: int = int(HANG_SECONDS)) -> Iterator[Client]:
    """A client of a server that serves the door's addresses as long as this lasts."""
    over = threading.Event()
    server = WebServer(application(door), ("127.0.0.1", 0), door=door, threads=threads, seconds=seconds)
    thread = threading.Thread(target=server.run, args=(over.is_set,))
    thread.start()
    client = Client(server.url)
    try:
        yield client
    finally:
        over.set()
        with client.sent():  # it looks sooner when somebody comes
            thread.join()
        server.close(seconds=5)
