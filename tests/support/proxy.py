"""An HTTP proxy that records requests."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import urlsplit

from tests.support.waits import HANG_SECONDS

#: Variables that name a proxy for plain HTTP.
PROXIES = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")


class Proxy:
    """An HTTP proxy that records what passes through it."""

    def __init__(self) -> None:
        self.requested: list[str] = []
        requested = self.requested

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
                """Do not log."""

            def pass_on(self) -> None:
                requested.append(f"{self.command} {self.path}")
                address = urlsplit(self.path)
                target = http.client.HTTPConnection(address.netloc, timeout=HANG_SECONDS)
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                target.request(self.command, f"{address.path}?{address.query}", body, dict(self.headers))
                answer = target.getresponse()
                data = answer.read()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                        self.send_header(name, value)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
                target.close()

        for method in ("GET", "POST", "PATCH"):
            setattr(Handler, f"do_{method}", Handler.pass_on)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
