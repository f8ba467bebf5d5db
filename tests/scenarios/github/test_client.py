"""Credentials, retries and errors of the API client; against a real HTTP server."""

from __future__ import annotations

import logging
from dataclasses import replace

import github as pygithub
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from checks.adapters.github.retrying import Request
from checks.core.github.error_kind import ErrorKind
from checks.core.model.settings import Credentials
from tests.support.github.job_client import LIST, SHA, JobClient, app, ask, refused, token
from tests.support.github.server import REPOSITORY, Fault, GithubServer
from tests.support.github.world import App, rsa_key
from tests.support.rules import rule

CREATE = Request(method="POST", path=f"/repos/{REPOSITORY}/check-runs", body={"name": "pytest", "head_sha": SHA})


def pem(key: ec.EllipticCurvePrivateKey | None = None, password: bytes = b"") -> str:
    protection = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    return (key or rsa_key("the App's")).private_bytes(serialization.Encoding.PEM, form, protection).decode()


def public_pem() -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return rsa_key("the App's").public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def test_one_installation_lookup_and_token_serve_all_requests(github: GithubServer) -> None:
    client = JobClient(github)
    for _ in range(3):
        ask(client)
    assert [(request.method, request.kind) for request in github.requests] == [
        ("GET", "app"),
        ("POST", "app"),
        *[("GET", "installation")] * 3,
    ]


def test_no_request_is_sent_before_it_is_needed(github: GithubServer) -> None:
    JobClient(github)
    assert github.requests == []


def test_known_installation_is_not_looked_up(github: GithubServer) -> None:
    ask(JobClient(github, replace(app(github), installation_id=github.installation.id)))
    assert github.requests[0].path.endswith("/access_tokens")


def test_app_can_log_in_with_client_id(github: GithubServer) -> None:
    ask(JobClient(github, app(github, app_id=github.app.client_id)))
    assert github.requests[-1].status == 200


def test_token_is_limited_to_checks_and_this_repository(github: GithubServer) -> None:
    github.installation.repositories.add("octo/other")
    github.installation.permissions["contents"] = "write"
    ask(JobClient(github))
    (granted,) = github.tokens_granted
    assert granted.body == {"permissions": {"checks": "write", "metadata": "read"}, "repositories": ["demo"]}


def test_token_is_renewed_before_it_expires(github: GithubServer) -> None:
    client = JobClient(github)
    for seconds, tokens in ((0, 1), (3500, 1), (50, 2), (3500, 2), (3600, 3)):
        client.clock.seconds += seconds
        github.clock_ahead_seconds += seconds
        ask(client)
        assert len(github.tokens_granted) == tokens
    assert {request.status for request in github.requests} == {200, 201}


def test_revoked_token_is_replaced_once(github: GithubServer) -> None:
    client = JobClient(github)
    ask(client)
    github.world.revoke_tokens()
    ask(client)
    assert [request.status for request in github.requests[2:]] == [200, 401, 201, 200]


def test_second_401_in_a_row_raises(github: GithubServer) -> None:
    client = JobClient(github)
    github.fault(Fault(path="/commits/", how="answer", status=401, body={"message": "Bad credentials"}))
    assert refused(client).error_kind is ErrorKind.CREDENTIALS
    assert len([request for request in github.requests if request.path == LIST.path]) == 2
    assert client.waits.seconds == []


@rule("GitHub's side: the machine's clock is wrong by minutes")
@pytest.mark.parametrize("seconds", [-7200, -400, 400, 7200])
def test_clock_skew_is_corrected_by_server_time(github: GithubServer, seconds: int) -> None:
    github.clock_ahead_seconds = seconds
    client = JobClient(github)
    for _ in range(2):
        ask(client)
    assert [request.status for request in github.requests] == [401, 200, 201, 200, 200]


def test_github_token_acts_as_github_actions(github: GithubServer) -> None:
    ask(JobClient(github, token(github.world.actions_token(REPOSITORY))), CREATE)
    assert github.run["app"]["id"] == 15368
    assert [request.kind for request in github.requests] == ["actions"]


def test_app_id_without_key_uses_github_token(github: GithubServer) -> None:
    value = github.world.actions_token(REPOSITORY)
    ask(JobClient(github, Credentials(app_id="4711", github_token=value)), CREATE)
    assert github.run["app"]["id"] == 15368


def test_enterprise_server_has_its_own_address(github: GithubServer) -> None:
    ask(JobClient(github, api_url=github.enterprise_url), CREATE)
    assert len(github.runs) == 1


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("no key", id="no-pem"),
        pytest.param("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", id="damaged"),
        pytest.param(public_pem(), id="public"),
        pytest.param(pem(ec.generate_private_key(ec.SECP256R1())), id="not-rsa"),
        pytest.param(pem(password=b"secret"), id="with-a-passphrase"),
    ],
)
def test_unusable_key_is_reported_without_a_request(github: GithubServer, key: str) -> None:
    error = refused(JobClient(github, app(github, private_key=key)))
    assert error.error_kind is ErrorKind.CREDENTIALS
    assert "not an RSA key in PEM format" in str(error)
    assert key not in str(error)
    assert github.requests == []


def test_key_of_other_app_is_reported(github: GithubServer) -> None:
    error = refused(JobClient(github, app(github, private_key=App(key_name="another").private_key)))
    assert str(error).startswith("GitHub does not accept the App's credentials (401: A JSON web token could not be")


def test_unknown_app_is_reported(github: GithubServer) -> None:
    assert "Compare `app-id`" in str(refused(JobClient(github, app(github, app_id="99"))))


def test_repository_without_app_is_reported(github: GithubServer) -> None:
    error = refused(JobClient(github, repository="octo/other"))
    assert str(error).startswith("The App is not installed in octo/other (404: Not Found). On the App's page, press")


def test_installation_without_repository_is_reported(github: GithubServer) -> None:
    credentials = replace(app(github), installation_id=github.installation.id)
    assert refused(JobClient(github, credentials, repository="octo/other")).error_kind is ErrorKind.NOT_FOUND


def test_suspended_app_is_reported_even_during_a_run(github: GithubServer) -> None:
    client = JobClient(github)
    ask(client)
    github.installation.is_suspended = True
    assert "press Unsuspend" in str(refused(client))
    assert "press Unsuspend" in str(refused(JobClient(github)))


def test_missing_permission_is_reported(github: GithubServer) -> None:
    github.installation.permissions["checks"] = "read"
    assert "set Checks to Read and write" in str(refused(JobClient(github)))


def test_read_only_token_is_reported(github: GithubServer) -> None:
    client = JobClient(github, token(github.world.actions_token(REPOSITORY, checks="read")))
    assert "`permissions: {checks: write" in str(refused(client, CREATE))
    assert len(github.requests) == 1


def test_invalid_token_is_reported(github: GithubServer) -> None:
    assert "`github-token`" in str(refused(JobClient(github, token("ghs_wrong"))))
    assert len(github.requests) == 1


BROKEN = [
    pytest.param(Fault(how="answer", status=500), id="500"),
    pytest.param(Fault(how="answer", status=502), id="502"),
    pytest.param(Fault(how="answer", status=503), id="503"),
    pytest.param(Fault(how="drop"), id="reset"),
    pytest.param(Fault(how="half"), id="half-an-answer"),
    pytest.param(Fault(how="html", status=502), id="html-with-502"),
]


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize("path", ["/installation$", "/access_tokens$", "/commits/"])
def test_every_request_survives_temporary_failures(github: GithubServer, fault: Fault, path: str) -> None:
    github.fault(replace(fault, path=path, nth=(1, 2)))
    client = JobClient(github)
    ask(client)
    assert client.waits.seconds == [0.5, 1.0]
    assert len(github.requests) == 5


def test_web_page_is_retried_once_github_answered(github: GithubServer) -> None:
    github.fault(Fault(path="/commits/", nth=(1, 2), how="html"))
    client = JobClient(github)
    ask(client)
    assert client.waits.seconds == [0.5, 1.0]


def test_outage_is_given_up_within_budget(github: GithubServer) -> None:
    github.fault(Fault(how="drop"))
    client = JobClient(github, budget_seconds=100.0)
    error = refused(client)
    assert error.error_kind is ErrorKind.UNREACHABLE
    assert str(error).startswith(
        f"GitHub is not available at {github.url} (the connection was closed without a response). "
    )
    assert client.waits.seconds == [0.5, 1, 2, 4, 8, 15, 15, 15, 15, 15]


def test_rate_limit_is_waited_for(github: GithubServer) -> None:
    github.fault(Fault(path="/commits/", nth=(1,), how="answer", status=429, headers={"Retry-After": "7"}))
    github.fault(Fault(path="/commits/", nth=(2,), how="answer", status=403, body={"message": "secondary rate limit"}))
    client = JobClient(github)
    ask(client)
    assert client.waits.seconds == [7.0, 120.0]


def test_outage_does_not_lengthen_rate_limit_wait(github: GithubServer) -> None:
    github.fault(Fault(path="/commits/", nth=(1, 2, 3, 5), how="answer", status=502))
    github.fault(
        Fault(path="/commits/", nth=(4, 6), how="answer", status=403, body={"message": "secondary rate limit"})
    )
    client = JobClient(github)
    ask(client)
    assert client.waits.seconds == [0.5, 1.0, 2.0, 60.0, 4.0, 120.0]


def test_rate_limit_beyond_budget_is_given_up_at_once(github: GithubServer) -> None:
    github.fault(Fault(path="/commits/", how="answer", status=429, headers={"Retry-After": "3600"}))
    client = JobClient(github)
    assert refused(client).error_kind is ErrorKind.RATE_LIMIT
    assert client.waits.seconds == []


def test_failed_request_is_retried_once_at_once_after_cancel(github: GithubServer) -> None:
    client = JobClient(github)
    ask(client)
    client.waits.is_cancelled = True
    github.fault(Fault(path="/commits/", nth=(1, 3, 4), how="answer", status=502))
    ask(client)
    before = len(github.requests)
    refused(client)
    assert len(github.requests) == before + 2


def test_only_writes_count_towards_pacing(github: GithubServer) -> None:
    client = JobClient(github)
    for _ in range(20):
        ask(client)
    assert client.api.seconds_until_ready() == 0.0
    for _ in range(10):
        ask(client, CREATE)
    assert client.api.seconds_until_ready() == pytest.approx(1.0)


@pytest.mark.parametrize(("status", "message"), [(403, "secondary rate limit"), (429, "")])
def test_rate_limit_halves_the_write_rate(github: GithubServer, status: int, message: str) -> None:
    fault = Fault(method="POST", path="/check-runs", nth=(1,), how="answer", status=status, body={"message": message})
    github.fault(replace(fault, headers={"Retry-After": "1"}))
    client = JobClient(github)
    ask(client, CREATE)
    ask(client, CREATE)
    assert client.api.seconds_until_ready() == pytest.approx(4.0, abs=1.01)


def test_missing_permission_does_not_slow_writes(github: GithubServer) -> None:
    client = JobClient(github, token(github.world.actions_token(REPOSITORY, checks="read")))
    refused(client, CREATE)
    assert client.api.seconds_until_ready() == 0.0


def test_debug_lines_have_requests_but_no_credentials(
    github: GithubServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    pygithub.enable_console_debug_logging()
    try:
        client = JobClient(github)
        ask(client)
        github.world.revoke_tokens()
        ask(client)
        github.fault(Fault(path="/commits/", how="answer", status=404))
        refused(client)
    finally:
        pygithub.set_log_level(logging.INFO)
    assert [line.partition(" in ")[0] for line in client.debug[:3]] == [
        f"GET /repos/{REPOSITORY}/installation",
        f"POST /app/installations/{github.installation.id}/access_tokens",
        f"GET {LIST.path}",
    ]
    assert all(" ms: " in line for line in client.debug)
    captured = capfd.readouterr()
    everything = "\n".join([*client.debug, caplog.text, captured.out, captured.err])
    for secret in ("ghs_", "Bearer", "PRIVATE KEY", "eyJ"):
        assert secret not in everything
