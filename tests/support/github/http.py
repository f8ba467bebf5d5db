"""The HTTP layer of the fake GitHub server."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.github.faults import RawResponse

#: (method, target, headers with lower-case names, body) -> the response, or None to drop the connection
Handle = Callable[[str, str, dict[str, str], bytes], RawResponse | None]


class HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128  # bursts of connections must not fail

    def __init__(self, port: int, handle: Handle, now: Callable[[], float]) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.handle_api = handle
        self.now = now


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # send a response as one packet
    disable_nagle_algorithm = True
    server: HttpServer

    def handle(self) -> None:
        with suppress(ConnectionError):  # clients may disconnect
            super().handle()

    def do_GET(self) -> None:
        self._respond()

    def do_POST(self) -> None:
        self._respond()

    def do_PATCH(self) -> None:
        self._respond()

    def do_DELETE(self) -> None:
        self._respond()

    def _respond(self) -> None:
        text = self.rfile.read(int(self.headers.get("content-length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        response = self.server.handle_api(self.command, self.path, headers, text)
        if response is None:
            self.close_connection = True
            return
        self.send_response(response.status)
        default_headers = {"Content-Type": "application/json; charset=utf-8", "Content-Length": str(len(response.body))}
        for name, value in (({} if response.status == 204 else default_headers) | dict(response.headers)).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response.body[: len(response.body) // 2] if response.is_half else response.body)
        self.close_connection = self.close_connection or response.is_half

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the ``Date`` header by the server's clock."""
        return formatdate(timestamp or self.server.now(), usegmt=True)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the standard library's name
        """Log nothing: `GithubServer.requests` has the requests."""
