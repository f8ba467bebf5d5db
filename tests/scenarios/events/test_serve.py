"""The webhook receiver: authentication, responses, log lines, and shutdown."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from checks.adapters.system.clock import SystemClock
from checks.core.events.webhook import WebhookRequest
from checks.core.model.delivery import Delivery, DeliveryResult, DeliveryStatus
from checks.core.model.ports import Clock
from checks.core.redaction.redactor import Redactor
from checks.programs.events.serve import JsonLog, application
from checks.programs.events.webhook_handler import (
    ANSWER_SECONDS,
    MAX_ACTIVE,
    MAX_WAITING,
    STOPPING,
    LogFields,
    Receiver,
    WebhookHandler,
)
from tests.support import needs
from tests.support.fakes import FakeClock
from tests.support.github.world import App
from tests.support.rerun.served import ReceivedResponse, ReceiverClient, read_response, served
from tests.support.rules import rule
from tests.support.waits import HANG_SECONDS

ROOT = Path(__file__).parents[3]
SECRET = "It's a Secret to Everybody"
PAYLOAD = {"action": "rerequested", "repository": {"full_name": "octo/demo"}, "check_run": {"output": {"text": "mine"}}}
BODY = json.dumps(PAYLOAD).encode()
DONE = DeliveryResult(status=DeliveryStatus.DONE, reason="a re-run was started")


class RecordingReceiver:
    """Returns given results. Each delivery waits for `holds`."""

    def __init__(self, result: DeliveryResult = DONE) -> None:
        self.result = result
        self.error: Exception | None = None
        self.unready = ""
        self.calls: list[tuple[Delivery, float]] = []
        self.kept: list[Delivery] = []
        self.holds = threading.Event()
        self.holds.set()
        self._changed = threading.Condition()

    def __call__(self, delivery: Delivery, until: float, /) -> DeliveryResult:
        with self._changed:
            self.calls.append((delivery, until))
            self._changed.notify_all()
        self.holds.wait()
        if self.error:
            raise self.error
        return self.result

    def retry_later(self, delivery: Delivery, /) -> None:
        self.kept.append(delivery)

    def is_ready(self) -> str:
        return self.unready

    def wait_for(self, deliveries: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.calls) >= deliveries, timeout=HANG_SECONDS)


class ReceiverSetup:
    """A receiver behind HTTP, and its log."""

    def __init__(
        self, client: ReceiverClient, receiver: RecordingReceiver, handler: WebhookHandler, log: list[LogFields]
    ) -> None:
        self.client = client
        self.receiver = receiver
        self.handler = handler
        self.log = log

    def post(self, body: bytes = BODY, **headers: str) -> ReceivedResponse:
        return self.client.ask("POST", "/webhook", body, signed(body, **headers))


def signed(body: bytes, **headers: str) -> dict[str, str]:
    """Return the headers of a delivery. Override them by name with underscores; an empty value removes one."""
    usual = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "check_run",
        "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "X-Hub-Signature-256": f"sha256={hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}",
    }
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return {name: value for name, value in {**usual, **given}.items() if value}


def handler_for(receiver: Receiver, log: Callable[[LogFields], None], clock: Clock | None = None) -> WebhookHandler:
    redact = Redactor([SECRET])
    return WebhookHandler(receiver, secret=SECRET.encode(), clock=clock or SystemClock(), log=log, redact=redact)


@pytest.fixture
def receiver_setup() -> Iterator[ReceiverSetup]:
    receiver, log = RecordingReceiver(), list[LogFields]()
    clock = FakeClock(time.monotonic())  # a clock on which no deadline passes
    handler = handler_for(receiver, log.append, clock)
    with served(handler, threads=MAX_ACTIVE + MAX_WAITING + 8) as client:
        yield ReceiverSetup(client, receiver, handler, log)
        receiver.holds.set()


ANSWERS = {
    DeliveryStatus.DONE: (200, None),
    DeliveryStatus.IGNORED: (200, None),
    DeliveryStatus.REFUSED: (200, None),
    DeliveryStatus.UNREADABLE: (422, None),
    DeliveryStatus.LATER: (503, "60"),
}


@rule("The receiver and the poll: the response to an event")
@pytest.mark.parametrize("result", DeliveryStatus)
def test_response_has_result_and_reason(receiver_setup: ReceiverSetup, result: DeliveryStatus) -> None:
    receiver_setup.receiver.result = DeliveryResult(status=result, reason="because")
    response = receiver_setup.post()
    assert (response.status, response.headers.get("retry-after")) == ANSWERS[result]
    assert response.json == {
        "result": result.value,
        "reason": "because",
        "delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    }


def test_receiver_gets_delivery_and_eight_second_deadline(receiver_setup: ReceiverSetup) -> None:
    before = time.monotonic()
    receiver_setup.post()
    ((delivery, until),) = receiver_setup.receiver.calls
    assert (delivery.guid, delivery.event, delivery.payload) == (
        "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "check_run",
        PAYLOAD,
    )
    assert before <= until - ANSWER_SECONDS <= time.monotonic()


OTHER = f"sha256={'0' * 64}"
NESTED = b'{"a":' * 50_000 + b"1" + b"}" * 50_000
REFUSED = {
    "no signature": (BODY, {"X_Hub_Signature_256": ""}, 401, "is missing"),
    "SHA-1 alone": (BODY, {"X_Hub_Signature_256": "", "X_Hub_Signature": "sha1=00"}, 401, "is missing"),
    "a malformed signature": (BODY, {"X_Hub_Signature_256": "sha256=zz"}, 401, "64 hexadecimal digits"),
    "another signature": (BODY, {"X_Hub_Signature_256": OTHER}, 401, "the signature does not match"),
    "another signature, no JSON": (b"{", {"X_Hub_Signature_256": OTHER}, 401, "the signature does not match"),
    "empty": (b"", {}, 400, "not valid JSON"),
    "no JSON": (b"{", {}, 400, "not valid JSON"),
    "two objects": (b"{}{}", {}, 400, "not valid JSON"),
    "a form": (b"payload=%7B%7D", {}, 400, "not valid JSON"),
    "NaN": (b'{"a": NaN}', {}, 400, "not valid JSON"),
    "a number of 5,000 digits": (b'{"a": ' + b"7" * 5000 + b"}", {}, 400, "not valid JSON"),
    "no UTF-8": (b'{"a": "\xff"}', {}, 400, "not UTF-8"),
    "UTF-16": ("{}".encode("utf-16"), {}, 400, "not UTF-8"),
    "a byte order mark": ("\ufeff{}".encode(), {}, 400, "not valid JSON"),
    "a list": (b"[]", {}, 400, "not a JSON object"),
    "a text": (b'"{}"', {}, 400, "not a JSON object"),
    "null": (b"null", {}, 400, "not a JSON object"),
    "nested": (NESTED, {}, 400, "nested too deeply"),
    "nested, no JSON": (b"[" * 100_000, {}, 400, "nested too deeply"),
    "no JSON, no event": (b"{", {"X_GitHub_Event": ""}, 400, "not valid JSON"),
    "no event": (BODY, {"X_GitHub_Event": ""}, 400, "X-GitHub-Event is missing"),
    "no GUID": (BODY, {"X_GitHub_Delivery": ""}, 400, "X-GitHub-Delivery is missing"),
    "an event with a blank": (BODY, {"X_GitHub_Event": "check run"}, 400, "X-GitHub-Event must be 1 to 100"),
    "an event with a slash": (BODY, {"X_GitHub_Event": "../check_run"}, 400, "X-GitHub-Event must be 1 to 100"),
    "two events": (BODY, {"X_GitHub_Event": "push, check_run"}, 400, "X-GitHub-Event must be 1 to 100"),
    "a long GUID": (BODY, {"X_GitHub_Delivery": "a" * 101}, 400, "X-GitHub-Delivery must be 1 to 100"),
    "a GUID in quotes": (BODY, {"X_GitHub_Delivery": '"a"'}, 400, "X-GitHub-Delivery must be 1 to 100"),
    "a GUID of other letters": (BODY, {"X_GitHub_Delivery": "\xe4"}, 400, "X-GitHub-Delivery must be 1 to 100"),
}


FORM = "application/x-www-form-urlencoded"
FORMS = {
    "no field": (b"", 400, "field payload"),
    "an empty field": (b"payload=", 400, "field payload"),
    "another field": (b"body=%7B%7D", 400, "field payload"),
    "two fields": (b"payload=%7B%7D&payload=%7B%7D", 400, "field payload"),
    "no ASCII": ("payload=ä".encode(), 400, "field payload"),
    "no UTF-8": (b"payload=%ff", 400, "field payload"),
    "no JSON": (b"payload=%7B", 400, "not valid JSON"),
    "a list": (b"payload=%5B%5D", 400, "not a JSON object"),
}


@rule("The receiver and the poll: a form, which is what a new webhook sends")
def test_form_has_the_payload_in_a_field(receiver_setup: ReceiverSetup) -> None:
    payload = {**PAYLOAD, "text": "a+b & ü%20😀"}
    for is_ascii in (True, False):
        form = urlencode({"payload": json.dumps(payload, ensure_ascii=is_ascii)})
        assert receiver_setup.post(form.encode(), Content_Type=FORM).status == 200
    assert [delivery.payload for delivery, _ in receiver_setup.receiver.calls] == [payload, payload]


def test_signature_covers_the_raw_form(receiver_setup: ReceiverSetup) -> None:
    signature = signed(BODY)["X-Hub-Signature-256"]
    form = urlencode({"payload": BODY}).encode()
    assert receiver_setup.post(form, Content_Type=FORM, X_Hub_Signature_256=signature).status == 401
    assert receiver_setup.post(form, Content_Type=f"{FORM}; charset=utf-8").status == 200


@pytest.mark.parametrize(("body", "status", "reason"), FORMS.values(), ids=FORMS)
def test_malformed_form_is_refused(receiver_setup: ReceiverSetup, body: bytes, status: int, reason: str) -> None:
    response = receiver_setup.post(body, Content_Type=FORM)
    assert (response.status, response.json["result"]) == (status, "refused")
    assert reason in response.json["reason"]
    assert receiver_setup.receiver.calls == []


@rule("The receiver and the poll: no signature, another signature, or a body that is not a delivery")
@pytest.mark.parametrize(("body", "headers", "status", "reason"), REFUSED.values(), ids=REFUSED)
def test_refused_request_never_reaches_the_receiver(
    receiver_setup: ReceiverSetup, body: bytes, headers: Mapping[str, str], status: int, reason: str
) -> None:
    response = receiver_setup.post(body, **headers)
    assert (response.status, response.json["result"]) == (status, "refused")
    assert reason in response.json["reason"]
    assert receiver_setup.receiver.calls == []
    assert [line["status"] for line in receiver_setup.log] == [status]


def test_internal_error_is_logged_redacted_and_not_returned(receiver_setup: ReceiverSetup) -> None:
    receiver_setup.receiver.error = LookupError(f"{SECRET}\nforged")
    response = receiver_setup.post()
    assert (response.status, response.json["result"]) == (500, "failed")
    assert "LookupError" not in str(response)
    assert "LookupError: ***" in str(receiver_setup.log[0]["traceback"])
    assert (receiver_setup.log[0]["repository"], receiver_setup.log[0]["result"]) == ("octo/demo", "failed")
    receiver_setup.receiver.error = None
    assert receiver_setup.post().status == 200


def test_readiness_comes_from_the_receiver(receiver_setup: ReceiverSetup) -> None:
    assert receiver_setup.client.ask("GET", "/readyz").json["result"] == "ready"
    receiver_setup.receiver.unready = "the App's key does not sign"
    response = receiver_setup.client.ask("GET", "/readyz")
    assert (response.status, response.json["reason"]) == (503, "the App's key does not sign")


@rule("The receiver and the poll: more deliveries at once than it can hold")
def test_excess_deliveries_wait_or_get_503(receiver_setup: ReceiverSetup) -> None:
    receiver_setup.receiver.holds.clear()
    with ThreadPoolExecutor(MAX_ACTIVE + MAX_WAITING + 1) as pool:
        futures = [pool.submit(receiver_setup.post) for _ in range(MAX_ACTIVE + MAX_WAITING + 1)]
        response = next(as_completed(futures)).result()
        assert (response.status, response.json["result"], response.json["reason"]) == (
            503,
            "later",
            "too many deliveries at once",
        )
        receiver_setup.receiver.wait_for(MAX_ACTIVE)
        assert len(receiver_setup.receiver.calls) == MAX_ACTIVE
        assert [delivery.payload for delivery in receiver_setup.receiver.kept] == [PAYLOAD]
        assert receiver_setup.client.ask("GET", "/healthz").status == 200
        receiver_setup.receiver.holds.set()
        assert sorted(future.result().status for future in futures) == [*[200] * (MAX_ACTIVE + MAX_WAITING), 503]


@pytest.mark.parametrize(("waited_seconds", "result"), [(4.9, "done"), (5.0, "later"), (9.0, "later")])
def test_delivery_received_too_long_ago_gets_503(waited_seconds: float, result: str) -> None:
    receiver, clock = RecordingReceiver(), FakeClock()
    handler = handler_for(receiver, print, clock)
    request = WebhookRequest(
        body=BODY,
        signature=signed(BODY)["X-Hub-Signature-256"],
        event="a",
        guid="b",
        received_at=1000.0 - waited_seconds,
    )
    assert handler.handle(request).result == result
    assert len(receiver.calls) == (result == "done")


def test_stopping_rejects_new_deliveries_and_finishes_active(receiver_setup: ReceiverSetup) -> None:
    receiver_setup.receiver.holds.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(receiver_setup.post)
        receiver_setup.receiver.wait_for(1)
        receiver_setup.handler.stop()
        response = receiver_setup.post()
        assert (response.status, response.json["result"], response.json["reason"]) == (503, "later", STOPPING)
        response = receiver_setup.client.ask("GET", "/readyz")
        assert (response.status, response.json["reason"]) == (503, STOPPING)
        receiver_setup.receiver.holds.set()
        assert first.result().status == 200


@rule("The receiver and the poll: the log")
def test_log_has_only_delivery_metadata_and_result(receiver_setup: ReceiverSetup) -> None:
    receiver_setup.post()
    (line,) = receiver_setup.log
    assert 0.0 <= float(str(line["seconds"])) < HANG_SECONDS
    assert {name: value for name, value in line.items() if name != "seconds"} == {
        "delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "event": "check_run",
        "action": "rerequested",
        "repository": "octo/demo",
        "status": 200,
        "result": "done",
        "reason": "a re-run was started",
    }


ODD = {
    "newlines": {"action": "a\n{}\r\n\u2028\x85", "repository": {"full_name": "a\x1b[2J\x00"}},
    "no texts": {"action": 7, "repository": {"full_name": ["a"]}},
    "other kinds": {"action": None, "repository": "octo/demo"},
    "a half letter": {"action": "\ud800", "repository": {}},
    "long": {"action": "a" * 5000, "repository": {"full_name": "a" * 5000}},
}


@pytest.mark.parametrize("payload", ODD.values(), ids=ODD)
def test_payload_cannot_forge_log_line(payload: Mapping[str, Any]) -> None:
    out = io.BytesIO()
    lines = JsonLog(out, SystemClock())
    with served(handler_for(RecordingReceiver(), lines.write)) as client:
        body = json.dumps(payload).encode()
        assert client.ask("POST", "/webhook", body, signed(body)).status == 200
    (line,) = out.getvalue().splitlines(keepends=True)
    assert line.endswith(b"}\n")
    assert all(0x20 <= byte < 0x7F for byte in line[:-1])
    assert len(line) < 1000
    assert datetime.fromisoformat(json.loads(line)["time"]).utcoffset() is not None


def test_deliveries_are_accepted_when_log_is_unwritable() -> None:
    class Full(io.BytesIO):
        def write(self, _: object, /) -> int:
            raise OSError(28, "No space left on device")

    with served(handler_for(RecordingReceiver(), JsonLog(Full(), SystemClock()).write)) as client:
        assert client.ask("POST", "/webhook", BODY, signed(BODY)).status == 200


#: A receiver that answers the event `held` once a line arrives on stdin.
HOLDING = """
import os
import sys

from checks.programs.events.serve import serve
from checks.core.model.delivery import DeliveryResult, DeliveryStatus


class Holding:
    def __call__(self, delivery, until, /):
        if delivery.event == "held":
            os.write(1, b'{"message": "holds"}\\n')
            sys.stdin.readline()
        return DeliveryResult(status=DeliveryStatus.DONE, reason="seen")

    def is_ready(self):
        return ""


sys.exit(serve(os.environ, sys.stdout.buffer, address=("127.0.0.1", 0), create_receiver=lambda *_: Holding()))
"""
SETTINGS = {
    "CHECKS_APP_ID": "12345",
    "CHECKS_PRIVATE_KEY": App().private_key,
    "CHECKS_WEBHOOK_SECRET": SECRET,
}


class Process:
    """A receiver in its own process."""

    def __init__(self, process: subprocess.Popen[bytes], pid: int) -> None:
        self.process = process
        self.pid = pid
        self.client = ReceiverClient(self.line()["url"])

    def line(self) -> Any:
        """Return the next line of the log."""
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def post(self, event: str = "check_run") -> ReceivedResponse:
        return self.client.ask("POST", "/webhook", BODY, signed(BODY, X_GitHub_Event=event))

    def release(self) -> None:
        assert self.process.stdin
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()


@contextmanager
def process(*before: str) -> Iterator[Process]:
    command = [*before, sys.executable, "-c", HOLDING]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env={**os.environ, **SETTINGS}, cwd=ROOT, stdin=pipe, stdout=pipe) as started:
        try:
            first = Path(f"/proc/{started.pid}/task/{started.pid}/children")
            made = Process(started, started.pid)
            if before:
                made.pid = int(first.read_text().split()[0])
            yield made
        finally:
            started.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_stops_server_cleanly(number: signal.Signals) -> None:
    with process() as receiver:
        assert receiver.post().status == 200
        receiver.signal(number)
        assert receiver.process.wait(timeout=HANG_SECONDS) == 0
        assert receiver.line()["result"] == "done"
        assert [receiver.line()["message"], receiver.line()["message"]] == ["stopping", "stopped"]


def test_signal_stops_server_cleanly_as_pid_1() -> None:
    needs.root()
    with process(needs.program("unshare"), "--pid", "--fork", "--kill-child") as receiver:
        receiver.signal(signal.SIGTERM)
        assert receiver.process.wait(timeout=HANG_SECONDS) == 0


@rule("The receiver and the poll: SIGTERM, SIGINT")
def test_active_delivery_is_finished_on_stop() -> None:
    with process() as receiver, ThreadPoolExecutor(1) as pool:
        held = pool.submit(receiver.post, "held")
        assert receiver.line()["message"] == "holds"
        receiver.signal(signal.SIGTERM)
        assert (stopping := receiver.line())["message"] == "stopping"
        assert stopping["active_requests"] == 1
        response = receiver.post()
        assert (response.status, response.json["result"], response.json["reason"]) == (503, "later", "stopping")
        statuses = {path: receiver.client.ask("GET", path).status for path in ("/readyz", "/healthz")}
        assert statuses == {"/readyz": 503, "/healthz": 200}
        receiver.release()
        assert held.result().status == 200
        assert receiver.process.wait(timeout=HANG_SECONDS) == 0


def test_partially_received_delivery_is_answered_on_stop() -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in signed(BODY).items())
    with process() as receiver:
        receiver.post()
        with receiver.client.connected(
            f"POST /webhook HTTP/1.1\r\n{head}Content-Length: {len(BODY)}\r\n\r\n".encode(), BODY[:5]
        ) as connection:
            receiver.post()
            receiver.signal(signal.SIGTERM)
            assert [receiver.line().get("message") for _ in range(3)][2] == "stopping"
            connection.sendall(BODY[5:])
            assert read_response(connection).json["reason"] == "stopping"
        assert receiver.process.wait(timeout=HANG_SECONDS) == 0


@pytest.mark.slow
def test_second_signal_stops_server_at_once() -> None:
    with process() as receiver, ThreadPoolExecutor(1) as pool:
        held = pool.submit(receiver.post, "held")
        assert receiver.line()["message"] == "holds"
        receiver.signal(signal.SIGTERM)
        stopping = receiver.line()
        assert stopping["message"] == "stopping"
        receiver.signal(signal.SIGTERM)
        assert receiver.process.wait(timeout=HANG_SECONDS) == 1
        stopped = receiver.line()
        assert stopped["aborted_requests"] == 1
        took = datetime.fromisoformat(stopped["time"]) - datetime.fromisoformat(stopping["time"])
        assert took.total_seconds() < 9  # then it ends without a second signal
        with pytest.raises(OSError, match=r"reset|closed"):
            held.result()


@rule("The receiver and the poll: invalid settings")
def test_invalid_settings_are_all_reported_and_prevent_start() -> None:
    wrong = {"CHECKS_WEBHOOK_SECRET": "too short", "CHECKS_PRIVATE_KEY": "no key", "GITHUB_API_URL": "api.github.com"}
    ran = subprocess.run(
        [sys.executable, ROOT / "entrypoint.py", "serve"], env=wrong, capture_output=True, text=True, check=False
    )
    missing = [line.split(": ")[1] for line in ran.stdout.splitlines()]
    assert sorted(missing) == ["CHECKS_APP_ID", "CHECKS_PRIVATE_KEY", "CHECKS_WEBHOOK_SECRET", "GITHUB_API_URL"]
    assert (ran.returncode, ran.stderr) == (2, "")
    assert "too short" not in ran.stdout


@pytest.mark.parametrize("port", ["-1", "65536", "http", "8080.0", ""])
def test_invalid_port_is_refused(port: str) -> None:
    ran = subprocess.run(
        [sys.executable, ROOT / "entrypoint.py", "serve", f"--port={port}"], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, "must be a number from 0 to 65535" in ran.stderr) == (2, True)


def test_other_wsgi_server_gets_same_application() -> None:
    out = io.BytesIO()
    app = application(SETTINGS, out, lambda *_: RecordingReceiver())
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/webhook",
        "SERVER_NAME": "receiver",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(BODY),
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(BODY)),
    }
    environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in signed(BODY).items()}
    statuses: list[str] = []
    body = b"".join(app(environ, lambda status, *_: statuses.append(status)))  # type: ignore[arg-type]
    assert (statuses, json.loads(body)["result"]) == (["200 OK"], "done")
    assert json.loads(out.getvalue())["repository"] == "octo/demo"


def test_unknown_variable_is_a_warning_in_the_log() -> None:
    out = io.BytesIO()
    application({**SETTINGS, "CHECKS_QUEUE_AT_PUHS": "true"}, out, lambda *_: RecordingReceiver())
    logged = json.loads(out.getvalue())
    assert (logged["message"], "Did you mean CHECKS_QUEUE_AT_PUSH?" in logged["reason"]) == ("warning", True)


def test_log_of_the_receiver_has_no_secrets() -> None:
    out = io.BytesIO()

    def create_receiver(*given: Any) -> RecordingReceiver:
        log = given[-1]
        log({"message": "handled after its response", "traceback": f"LookupError: {SECRET}", "number": 1})
        return RecordingReceiver()

    application(SETTINGS, out, create_receiver)
    logged = json.loads(out.getvalue())
    assert (logged["traceback"], logged["number"]) == ("LookupError: ***", 1)


def test_only_serve_loads_the_web_framework() -> None:
    code = (
        "import sys, checks.programs.cli, checks.programs.action, checks.programs.preview, entrypoint\n"
        "print(sorted({'flask', 'werkzeug', 'waitress'} & sys.modules.keys()))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
