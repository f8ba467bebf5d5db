"""The receiver's addresses over HTTP: what is accepted, what is refused, and which clients cannot block it."""

from __future__ import annotations

import io
import logging
import socket
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http import HTTPStatus
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

from checks.adapters.web.app import application
from checks.adapters.web.server import WebServer
from checks.core.events.webhook import WebhookRequest, WebhookResponse
from checks.core.model.errors import CheckError
from checks.core.model.limits import DELIVERY_BYTES
from tests.support.rerun.served import ReceiverClient, read_response, served
from tests.support.rules import rule
from tests.support.waits import HANG_SECONDS

JSON = {"Content-Type": "application/json"}
HEAD = b"POST /webhook HTTP/1.1\r\nHost: receiver\r\nContent-Type: application/json\r\n"


class RecordingHandler:
    """Accepts everything. Each delivery waits for `holds`."""

    def __init__(self) -> None:
        self.requests: list[WebhookRequest] = []
        self.responses: list[WebhookResponse] = []
        self.warnings: list[str] = []
        self.reason_not_ready = ""
        self.error: Exception | None = None
        self.holds = threading.Event()
        self.holds.set()

    def handle(self, request: WebhookRequest) -> WebhookResponse:
        self.requests.append(request)
        self.holds.wait()
        if self.error:
            raise self.error
        return WebhookResponse(status=HTTPStatus.OK, result="done", reason="seen", guid=request.guid)

    def unready_reason(self) -> str:
        return self.reason_not_ready

    def log_response(self, response: WebhookResponse, seconds: float) -> None:
        assert 0.0 <= seconds < HANG_SECONDS
        self.responses.append(response)

    def warn(self, sentence: str) -> None:
        self.warnings.append(sentence)


@pytest.fixture
def handler() -> RecordingHandler:
    return RecordingHandler()


@pytest.fixture
def client(handler: RecordingHandler) -> Iterator[ReceiverClient]:
    with served(handler) as made:
        yield made


def test_delivery_arrives_byte_for_byte_with_headers(handler: RecordingHandler, client: ReceiverClient) -> None:
    body = bytes(range(256)) * 80
    headers = {**JSON, "X-Hub-Signature-256": "sha256=0", "X-GitHub-Event": "check_run", "x-github-delivery": "a-1"}
    response = client.ask("POST", "/webhook", body, headers)
    assert (response.status, response.json) == (200, {"result": "done", "reason": "seen", "delivery": "a-1"})
    (request,) = handler.requests
    assert (request.body, request.signature, request.event, request.guid) == (body, "sha256=0", "check_run", "a-1")
    assert [response.guid for response in handler.responses] == ["a-1"]


def test_response_is_json_closes_connection_and_hides_server(client: ReceiverClient) -> None:
    for path in ("/healthz", "/nowhere"):
        headers = client.ask("GET", path).headers
        assert (headers["content-type"], headers["connection"]) == ("application/json", "close")
        assert "server" not in headers
        assert "via" not in headers


TAKEN = {
    "plain": ("/webhook", "application/json"),
    "with a character set": ("/webhook", "application/json; charset=utf-8"),
    "in capitals": ("/webhook", "Application/JSON"),
    "a form": ("/webhook", "application/x-www-form-urlencoded"),
    "with a query": ("/webhook?from=github", "application/json"),
}


@pytest.mark.parametrize(("path", "kind"), TAKEN.values(), ids=TAKEN)
def test_webhook_accepts_json_and_forms(client: ReceiverClient, path: str, kind: str) -> None:
    assert client.ask("POST", path, b"{}", {"Content-Type": kind}).status == 200


#: For a request with several errors, the first check decides.
LONG = b"a" * (DELIVERY_BYTES + 1)
REFUSED = {
    "no such address": ("POST", "/", b"{}", JSON, 404, "nothing at this address"),
    "a slash more": ("POST", "/webhook/", b"{}", JSON, 404, "nothing at this address"),
    "an address below": ("POST", "/webhook/x", b"{}", JSON, 404, "nothing at this address"),
    "Flask's own address": ("GET", "/static/x", None, {}, 404, "nothing at this address"),
    "no such address, too long": ("POST", "/", LONG, {}, 404, "nothing at this address"),
    "GET": ("GET", "/webhook", None, {}, 405, "that method"),
    "PUT": ("PUT", "/webhook", b"{}", JSON, 405, "that method"),
    "OPTIONS": ("OPTIONS", "/webhook", None, {}, 405, "that method"),
    "PUT, too long": ("PUT", "/webhook", LONG, JSON, 405, "that method"),
    "POST for health": ("POST", "/healthz", b"{}", JSON, 405, "that method"),
    "no content type": ("POST", "/webhook", b"{}", {}, 415, "neither"),
    "a form with files": ("POST", "/webhook", b"", {"Content-Type": "multipart/form-data; boundary=a"}, 415, "neither"),
    "text": ("POST", "/webhook", b"{}", {"Content-Type": "text/json"}, 415, "neither"),
    "text, too long": (
        "POST",
        "/webhook",
        LONG,
        {"Content-Type": "text/plain"},
        415,
        "neither application/json nor a form",
    ),
    "too long": ("POST", "/webhook", LONG, JSON, 413, "longer than 1,048,576 bytes"),
    "much too long": ("POST", "/webhook", LONG * 24, JSON, 413, "longer than 1,048,576 bytes"),
}


@rule("The receiver and the poll: another address, method or content type, or more than 1 MiB")
@pytest.mark.parametrize(("method", "path", "body", "headers", "status", "reason"), REFUSED.values(), ids=REFUSED)
def test_wrong_path_method_type_or_length_is_refused(
    handler: RecordingHandler,
    client: ReceiverClient,
    method: str,
    path: str,
    body: bytes | None,
    headers: Mapping[str, str],
    status: int,
    reason: str,
) -> None:
    response = client.ask(method, path, body, {**headers, "X-GitHub-Delivery": "a-1", "X-GitHub-Event": "a\tb"})
    assert (response.status, response.json["result"], response.json["delivery"]) == (status, "refused", "a-1")
    assert reason in response.json["reason"]
    assert [(response.status, response.guid, response.event) for response in handler.responses] == [(status, "a-1", "")]
    assert handler.requests == []


def test_method_not_allowed_lists_allowed_methods(client: ReceiverClient) -> None:
    assert client.ask("GET", "/webhook").headers["allow"] == "POST"
    assert set(client.ask("POST", "/readyz").headers["allow"].split(", ")) == {"GET", "HEAD"}


@pytest.mark.parametrize(("length", "status"), [(DELIVERY_BYTES, 200), (DELIVERY_BYTES + 1, 413)])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_body_of_maximum_length_is_accepted(
    handler: RecordingHandler, client: ReceiverClient, length: int, status: int, *, is_chunked: bool
) -> None:
    body = b"a" * length
    if is_chunked:
        response = client.send(HEAD, b"Transfer-Encoding: chunked\r\n\r\n", b"%x\r\n%s\r\n0\r\n\r\n" % (length, body))
    else:
        response = client.ask("POST", "/webhook", body, JSON)
    assert response.status == status
    assert [len(request.body) for request in handler.requests] == ([length] if status == 200 else [])


def test_excessive_content_length_is_refused_before_the_body(client: ReceiverClient) -> None:
    assert client.send(HEAD, b"Content-Length: 26214400\r\n\r\n").status == 413


def test_expect_100_continue_is_answered(client: ReceiverClient) -> None:
    with client.connected(HEAD, b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n") as connection:
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"{}")
        assert read_response(connection).status == 200


BROKEN = {
    "no HTTP": (b"hello\r\n\r\n", 400),
    "TLS": (b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n", 400),
    "a length that is none": (HEAD + b"Content-Length: -1\r\n\r\n", 400),
    "two lengths": (HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
    "a header of two lines": (HEAD + b"X-A: b\rX-C: d\r\n\r\n", 400),
    "a broken chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
    "another encoding": (HEAD + b"Transfer-Encoding: gzip\r\n\r\n", 501),
    "headers without end": (HEAD + b"X-A: " + b"b" * 20_000, 431),
}


@pytest.mark.parametrize(("text", "status"), BROKEN.values(), ids=BROKEN)
def test_malformed_http_is_refused_and_logged(
    handler: RecordingHandler, client: ReceiverClient, text: bytes, status: int
) -> None:
    response = client.send(text)
    assert (response.status, response.json["result"]) == (status, "refused")
    assert "server" not in response.headers
    assert [response.status for response in handler.responses] == [status]
    assert handler.requests == []


def test_internal_error_is_logged_but_not_returned(handler: RecordingHandler, client: ReceiverClient) -> None:
    handler.error = LookupError("no such secret")
    response = client.ask("POST", "/webhook", b"{}", JSON)
    assert (response.status, response.json["result"]) == (500, "failed")
    assert "secret" not in str(response)
    assert "LookupError: no such secret" in handler.responses[0].trace


def test_healthz_is_always_200_and_readyz_has_the_reason(handler: RecordingHandler, client: ReceiverClient) -> None:
    assert (client.ask("GET", "/healthz").status, client.ask("GET", "/readyz").status) == (200, 200)
    handler.reason_not_ready = "the key does not sign"
    assert client.ask("GET", "/healthz").status == 200
    response = client.ask("GET", "/readyz")
    assert (response.status, response.json["reason"], response.headers["retry-after"]) == (
        503,
        "the key does not sign",
        "60",
    )


def test_successful_health_checks_are_not_logged(handler: RecordingHandler, client: ReceiverClient) -> None:
    client.ask("GET", "/healthz")
    client.ask("HEAD", "/readyz")
    assert handler.responses == []


def test_fifty_concurrent_requests_are_all_accepted(handler: RecordingHandler, client: ReceiverClient) -> None:
    def post(number: int) -> int:
        return client.ask("POST", "/webhook", b"a" * 20_000, {**JSON, "X-GitHub-Delivery": f"{number}"}).status

    with ThreadPoolExecutor(50) as pool:
        assert set(pool.map(post, range(50))) == {200}
    assert {request.guid for request in handler.requests} == {f"{number}" for number in range(50)}


SLOW = {
    "nothing": [],
    "half a line": [b"POST /webh"],
    "half of the headers": [HEAD],
    "half a body": [HEAD, b"Content-Length: 20\r\n\r\n{"],
    "half a chunk": [HEAD, b"Transfer-Encoding: chunked\r\n\r\n14\r\n{"],
}


@rule("The receiver and the poll: clients that send slowly")
@pytest.mark.parametrize("pieces", SLOW.values(), ids=SLOW)
def test_slow_clients_hold_no_thread(client: ReceiverClient, pieces: list[bytes]) -> None:
    with ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(client.connected(*pieces))
        assert client.ask("POST", "/webhook", b"{}", JSON).status == 200


@pytest.mark.slow
@pytest.mark.parametrize("piece", [b"a", b"\r\n"], ids=["more and more", "empty lines"])
def test_trickling_bytes_do_not_extend_the_timeout(handler: RecordingHandler, piece: bytes) -> None:
    never = threading.Event()

    def trickle(connection: socket.socket) -> int:
        for sent in range(100):
            try:
                connection.sendall(piece)
            except OSError:
                return sent
            never.wait(0.1)
        return 100

    with served(handler, seconds=1) as client, client.connected() as connection:
        assert 0 < trickle(connection) < 60


def test_disconnected_client_leaves_nothing_behind(handler: RecordingHandler, client: ReceiverClient) -> None:
    with client.connected(HEAD, b"Content-Length: 20\r\n\r\n{"):
        pass
    handler.holds.clear()
    with client.connected(HEAD, b"Content-Length: 2\r\n\r\n{}"):
        pass
    handler.holds.set()
    assert client.ask("POST", "/webhook", b"{}", JSON).status == 200


def test_server_warnings_are_logged(handler: RecordingHandler, capfd: pytest.CaptureFixture[str]) -> None:
    with served(handler):
        logging.getLogger("waitress").warning("too many")
        logging.getLogger("waitress.queue").warning("they wait")
    logging.getLogger("waitress").warning("later")
    assert handler.warnings == ["too many"]
    assert capfd.readouterr() == ("", "")


def test_unavailable_address_is_reported(handler: RecordingHandler) -> None:
    with served(handler) as client, pytest.raises(CheckError, match=r"in use.*--port"):
        WebServer(application(handler), client.address, handler=handler, threads=1)
    with pytest.raises(CheckError, match="--host"):
        WebServer(application(handler), ("192.0.2.1", 0), handler=handler, threads=1)


@pytest.mark.parametrize(("path", "status"), [("/healthz", "200 OK"), ("/", "404 NOT FOUND")])
def test_any_wsgi_server_can_host_the_application(handler: RecordingHandler, path: str, status: str) -> None:
    environ: dict[str, object] = {"SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": ""}
    setup_testing_defaults(environ)
    statuses: list[str] = []
    result = validator(application(handler))(environ, lambda status, *_: statuses.append(status))  # type: ignore[arg-type]
    assert b"".join(result).endswith(b"}\n")
    result.close()  # type: ignore[attr-defined]
    assert statuses == [status]


@pytest.mark.parametrize(
    ("length", "status"), [(DELIVERY_BYTES, "200"), (DELIVERY_BYTES + 1, "413"), (3_000_000, "413")]
)
def test_any_wsgi_server_limits_body_of_unknown_length(handler: RecordingHandler, length: int, status: str) -> None:
    environ: dict[str, object] = {"REQUEST_METHOD": "POST", "PATH_INFO": "/webhook", "CONTENT_TYPE": "application/json"}
    setup_testing_defaults(environ)
    body = io.BytesIO(b"a" * length)
    statuses: list[str] = []
    request = {**environ, "wsgi.input": body, "wsgi.input_terminated": True}
    application(handler)(request, lambda status, *_: statuses.append(status[:3]))  # type: ignore[arg-type]
    assert statuses == [status]
    assert body.tell() <= DELIVERY_BYTES + 1
