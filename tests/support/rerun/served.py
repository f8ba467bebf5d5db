"""The receiver's server in a thread, and HTTP clients for it."""

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

from checks.adapters.web.app import RequestHandler, application
from checks.adapters.web.server import WebServer
from tests.support.waits import HANG_SECONDS


@dataclass(frozen=True, kw_only=True)
class ReceivedResponse:
    """A response. `json` is None without a body."""

    status: int
    headers: Mapping[str, str]
    json: Any

    @classmethod
    def read(cls, response: HTTPResponse) -> ReceivedResponse:
        body = response.read()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return cls(status=response.status, headers=headers, json=json.loads(body) if body else None)


class ReceiverClient:
    """A client of the server at `url`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname
        assert parts.port
        self.address = parts.hostname, parts.port

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> ReceivedResponse:
        """Send one request on a new connection."""
        connection = HTTPConnection(*self.address, timeout=HANG_SECONDS)
        try:
            connection.request(method, path, body, dict(headers or {}))
            return ReceivedResponse.read(connection.getresponse())
        finally:
            connection.close()

    @contextmanager
    def connected(self, *pieces: bytes) -> Iterator[socket.socket]:
        """Open a connection and send raw bytes."""
        with socket.create_connection(self.address, timeout=HANG_SECONDS) as connection:
            for piece in pieces:
                connection.sendall(piece)
            yield connection

    def send(self, *pieces: bytes) -> ReceivedResponse:
        """Return the response to raw bytes."""
        with self.connected(*pieces) as connection:
            return read_response(connection)


def read_response(connection: socket.socket) -> ReceivedResponse:
    """Return the response on the connection."""
    response = HTTPResponse(connection)
    try:
        response.begin()
        return ReceivedResponse.read(response)
    finally:
        response.close()


@contextmanager
def served(handler: RequestHandler, *, threads: int = 8, seconds: int = int(HANG_SECONDS)) -> Iterator[ReceiverClient]:
    """Run a server with the handler, and yield a client of it."""
    stopped = threading.Event()
    server = WebServer(application(handler), ("127.0.0.1", 0), handler=handler, threads=threads, seconds=seconds)
    thread = threading.Thread(target=server.run, args=(stopped.is_set,))
    thread.start()
    client = ReceiverClient(server.url)
    try:
        yield client
    finally:
        stopped.set()
        with client.connected():  # a connection wakes the server up
            thread.join()
        server.close(seconds=5)
