"""Addresses, proxies and certificates that cannot work are reported at once; whatever may pass is retried."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import requests

from checks.adapters.github import network
from checks.adapters.github.connection import failure_of
from checks.adapters.github.retrying import ApiResponse, RefusedError, Request, RetryingClient
from checks.core.github.error_kind import ApiCaller, ErrorKind, RequestFailure
from tests.support.github.job_client import LIST, SHA, JobClient, ask, refused
from tests.support.github.server import REPOSITORY, Fault, GithubServer
from tests.support.rules import rule
from tests.support.tls import certificate, served


class RefusingProxy(BaseHTTPRequestHandler):
    def do_CONNECT(self) -> None:
        self.send_response(407)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the standard library's name
        """Quiet."""


@pytest.fixture
def proxy_url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), RefusingProxy) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@rule("GitHub's side: a name that does not resolve")
@pytest.mark.parametrize("api_url", ["http://127.0.0.1:9", "https://127.0.0.1:9/api/v3", "http://-.invalid"])
def test_unreachable_address_is_reported_at_once(github: GithubServer, api_url: str) -> None:
    client = JobClient(github, api_url=api_url)
    error = refused(client)
    assert str(error).startswith(f"No connection to {api_url} is possible (")
    assert "`HTTPS_PROXY`" in str(error)
    assert "`GITHUB_API_URL`" in str(error)
    assert client.waits.seconds == []
    assert not error.may_have_been_applied


class LoginWithoutDns:
    """A `Login` whose first requests fail because no DNS server answers."""

    def __init__(self, failures: int) -> None:
        self.failures = failures

    def send(self, request: Request, until: float) -> ApiResponse | RequestFailure:
        del request, until
        if not self.failures:
            return ApiResponse(data={})
        self.failures -= 1
        error = requests.ConnectionError("Max retries exceeded")
        error.__context__ = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return failure_of(error)

    def renew(self, failure: RequestFailure) -> bool:
        raise NotImplementedError

    def relocate(self, until: float) -> bool:
        raise NotImplementedError


@rule("GitHub's side: no DNS server answers")
def test_temporary_failure_in_name_resolution_is_retried_twice(github: GithubServer) -> None:
    job = JobClient(github)
    client = RetryingClient(ApiCaller(is_app=True, repository=REPOSITORY, api_url=github.url), job.api.retry_policy)
    until = job.api.retry_policy.until()
    with pytest.raises(RefusedError) as caught:
        client.ask(LoginWithoutDns(failures=3), LIST, until=until)
    assert str(caught.value).startswith(
        f"No connection to {github.url} is possible (Temporary failure in name resolution). Check `GITHUB_API_URL`"
    )
    assert not caught.value.may_have_been_applied
    assert job.waits.seconds == [0.5, 1.0]
    assert client.ask(LoginWithoutDns(failures=2), LIST, until=until).data == {}


WITHOUT_RESPONSE = [
    pytest.param(Fault(how="drop"), "the connection was closed without a response", id="dropped"),
    pytest.param(Fault(how="half"), "the response is incomplete", id="half"),
    pytest.param(Fault(delay_seconds=1.5), "no response in time (read timeout=1)", id="late"),
]


@pytest.mark.parametrize(("fault", "words"), WITHOUT_RESPONSE)
def test_error_says_in_words_what_happened_to_the_connection(github: GithubServer, fault: Fault, words: str) -> None:
    github.fault(fault)
    client = JobClient(github, budget_seconds=0.4)
    client.waits.is_cancelled = True  # so that a request times out soon
    assert str(refused(client)).startswith(f"GitHub is not available at {github.url} ({words}). ")


def test_https_address_of_an_http_server_is_reported(github: GithubServer) -> None:
    client = JobClient(github, api_url=github.url.replace("http:", "https:"))
    error = refused(client)
    assert error.error_kind is ErrorKind.NO_CONNECTION
    assert " is possible (wrong version number). " in str(error)
    assert client.waits.seconds == []


@rule("GitHub's side: a certificate that is not trusted")
def test_untrusted_certificate_is_reported_at_once(github: GithubServer, tmp_path: Path) -> None:
    with served(certificate(tmp_path, "private")) as url:
        client = JobClient(github, api_url=url.rstrip("/"))
        error = refused(client)
    assert str(error).startswith(f"The certificate of {url.rstrip('/')} is not trusted (")
    assert "(certificate verify failed: self-signed certificate)" in str(error)
    assert "`REQUESTS_CA_BUNDLE`" in str(error)
    assert client.waits.seconds == []


def test_missing_certificate_file_is_reported_at_once(github: GithubServer, tmp_path: Path) -> None:
    network.use({"REQUESTS_CA_BUNDLE": str(tmp_path / "missing.pem")})
    try:
        client = JobClient(github, api_url="https://127.0.0.1:9")
        error = refused(client)
    finally:
        network.use({})
    assert error.error_kind is ErrorKind.CERTIFICATE
    assert "missing.pem" in str(error)
    assert client.waits.seconds == []


def test_proxy_that_refuses_is_reported_at_once(github: GithubServer, proxy_url: str) -> None:
    network.use({"HTTPS_PROXY": proxy_url})
    try:
        client = JobClient(github, api_url="https://api.github.test")
        error = refused(client)
    finally:
        network.use({})
    assert error.error_kind is ErrorKind.NO_CONNECTION
    assert "407 Proxy Authentication Required" in str(error)
    assert client.waits.seconds == []


@rule("GitHub's side: the connection is refused after GitHub has answered")
def test_refused_connection_is_retried_once_github_answered() -> None:
    with GithubServer() as server:
        headers, body = {"Connection": "close"}, {"total_count": 0, "check_runs": []}
        server.fault(Fault(path="/commits/", how="answer", headers=headers, body=body))
        client = JobClient(server, budget_seconds=5.0)
        ask(client)
    error = refused(client)
    assert client.waits.seconds == [0.5, 1.0, 2.0]
    assert error.is_temporary


def test_post_step_retries_a_refused_connection(github: GithubServer) -> None:
    client = JobClient(github, api_url="http://127.0.0.1:9", budget_seconds=2.0, has_answered=True)
    assert refused(client).error_kind is ErrorKind.NO_CONNECTION
    assert client.waits.seconds == [0.5, 1.0]


OTHER_ANSWERS = [
    pytest.param(Fault(how="html", status=200), id="a captive portal"),
    pytest.param(Fault(how="html", status=404), id="another server"),
    pytest.param(Fault(how="html", status=407), id="a proxy that asks for a login"),
    pytest.param(Fault(how="html", status=406), id="another server's 406"),
    pytest.param(Fault(how="html", status=302, headers={"Location": "https://login.test/"}), id="a login page"),
    pytest.param(Fault(how="answer", status=404, body={"error": "no"}), id="another API"),
    pytest.param(Fault(how="html", status=403), id="a firewall"),
    pytest.param(Fault(how="answer", body={"status": "ok"}), id="another API that finds everything"),
]


@rule("GitHub's side: what answers is not GitHub's API")
@pytest.mark.parametrize("fault", OTHER_ANSWERS)
def test_answer_of_another_server_is_reported_after_two_retries(github: GithubServer, fault: Fault) -> None:
    github.fault(fault)
    client = JobClient(github)
    error = refused(client)
    assert str(error).startswith(f"What answers at {github.url} is not GitHub's API (")
    assert "Check `GITHUB_API_URL`, and the variables of the proxy" in str(error)
    assert client.waits.seconds == [0.5, 1.0]
    assert len(github.requests) == 3


@pytest.mark.parametrize("fault", OTHER_ANSWERS)
def test_one_answer_of_another_server_is_retried(github: GithubServer, fault: Fault) -> None:
    github.fault(replace(fault, nth=(1,)))
    client = JobClient(github)
    ask(client)
    assert client.waits.seconds == [0.5]


def test_redirect_from_http_to_https_is_reported(github: GithubServer) -> None:
    location = f"{github.url.replace('http:', 'https:')}/repositories/7"
    github.fault(Fault(how="answer", status=301, headers={"Location": location}))
    assert f": redirect to {location})" in str(refused(JobClient(github)))


@rule("GitHub's side: 403 or 451 for another reason than a permission")
@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        ("Although you appear to have …, the `octo` organization has an IP allow list enabled, …", "IP allow list"),
        ("Repository was archived so is read-only.", "Unarchive it"),
        ("Resource protected by organization SAML enforcement.", "Configure SSO"),
        ("Repository access blocked", "GitHub blocks access to octo/demo"),
    ],
)
def test_forbidden_request_names_its_own_remedy(github: GithubServer, message: str, remedy: str) -> None:
    github.fault(Fault(path="/commits/", how="answer", status=403, body={"message": message}))
    client = JobClient(github)
    assert remedy in str(refused(client))
    assert client.waits.seconds == []


def test_abuse_detection_is_waited_for(github: GithubServer) -> None:
    body = {"message": "You have triggered an abuse detection mechanism. Please wait a few minutes."}
    github.fault(Fault(path="/commits/", nth=(1,), how="answer", status=403, body=body))
    client = JobClient(github)
    ask(client)
    assert client.waits.seconds == [60.0]


def test_error_says_that_an_earlier_attempt_may_have_arrived(github: GithubServer) -> None:
    create = Request(method="POST", path=f"/repos/{REPOSITORY}/check-runs", body={"name": "pytest", "head_sha": SHA})
    github.fault(Fault(method="POST", path="/check-runs$", nth=(1,), how="drop", done=True))
    github.fault(Fault(method="POST", path="/check-runs$", nth=(2,), how="answer", status=403))
    client = JobClient(github)
    with pytest.raises(RefusedError) as caught:
        ask(client, create)
    assert caught.value.error_kind is ErrorKind.PERMISSION
    assert caught.value.may_have_been_applied


@pytest.mark.parametrize("path", ["/installation$", "/access_tokens$", "/commits/"])
def test_failed_read_or_login_has_not_been_applied(github: GithubServer, path: str) -> None:
    github.fault(Fault(path=path, how="answer", status=502))
    error = refused(JobClient(github, budget_seconds=2.0))
    assert error.error_kind is ErrorKind.UNREACHABLE
    assert not error.may_have_been_applied
