"""Credentials and requests: an App in one of its installations, or a token. The only module that imports ``github``.

The import takes 0.4 s, so it happens before the tests' process starts or not at all.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from github import Auth, Github
from github.Requester import Requester

from ...core.github.error_kind import ApiCaller, ErrorKind, RequestFailure
from ...core.github.retry import server_time
from ...core.model.settings import Credentials
from . import certificates
from .retrying import ApiResponse, Login, RefusedError, Request, RetryingClient, RetryPolicy, WasApplied

#: The permissions for publishing a check run, and for starting workflows.
CHECK_PERMISSIONS = {"checks": "write", "metadata": "read"}
RERUN_PERMISSIONS = {**CHECK_PERMISSIONS, "actions": "write"}
_TOKEN_MARGIN_SECONDS = 60.0
_NO_CONTENT = 204
_JSON_TYPE_NAMES = {dict: "object", list: "array"}
# https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
_JWT_SECONDS_BACK, _JWT_SECONDS_AHEAD = 60, 300

# PyGithub's debug log contains whole responses, including tokens.
_DISABLED_LOGGER = logging.getLogger("pytest_check_runs.github")
_DISABLED_LOGGER.disabled = True
Requester.injectLogger(_DISABLED_LOGGER)


class GithubApi:
    """The API for one repository, as the App if its key is given, else with the token. Not thread-safe."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        repository: str,
        api_url: str,
        retry_policy: RetryPolicy,
        permissions: Mapping[str, str] = CHECK_PERMISSIONS,
    ) -> None:
        self.repository = repository
        self.retry_policy = retry_policy
        self.app_id = credentials.app_id if credentials.private_key else ""
        caller = ApiCaller(is_app=bool(self.app_id), repository=repository, api_url=api_url)
        self._client = RetryingClient(caller, retry_policy)
        connection = _connection(api_url, retry_policy)
        self._login: Login
        if self.app_id:
            app = _AppLogin(credentials, connection, retry_policy)
            self._login = _InstallationLogin(app, repository, credentials.installation_id, self._client, permissions)
        else:
            self._login = _FixedLogin(connection.withAuth(Auth.Token(credentials.github_token)), retry_policy)

    def ask(self, request: Request, *, until: float, was_applied: WasApplied | None = None) -> ApiResponse:
        """See `RetryingClient.ask`."""
        return self._client.ask(self._login, request, until=until, was_applied=was_applied)

    def may_start_workflows(self) -> bool:
        """Whether the App may start workflows, as far as GitHub tells. False for a token."""
        return isinstance(self._login, _InstallationLogin) and self._login.may_write(
            "actions", self.retry_policy.until()
        )

    @property
    def has_reduced_permissions(self) -> bool:
        """Whether the App has fewer permissions than it asked for, as the owner has not granted all."""
        return isinstance(self._login, _InstallationLogin) and self._login.has_reduced_permissions

    def seconds_until_ready(self, writes: int = 1) -> float:
        """See `RetryingClient.seconds_until_ready`."""
        return self._client.seconds_until_ready(writes)


class AppApi:
    """The API for the App itself, outside any installation. Not thread-safe."""

    def __init__(self, credentials: Credentials, *, api_url: str, retry_policy: RetryPolicy) -> None:
        self.retry_policy = retry_policy
        self._app = _AppLogin(credentials, _connection(api_url, retry_policy), retry_policy)
        self._client = RetryingClient(ApiCaller(is_app=True, repository="", api_url=api_url), retry_policy)

    def ask(self, request: Request, *, until: float) -> ApiResponse:
        """See `RetryingClient.ask`."""
        return self._client.ask(self._app, request, until=until)

    def can_sign(self) -> bool:
        """Whether the private key is usable. Sends no request."""
        return self._app.can_sign()


class _FixedLogin:
    """A `Login` with fixed credentials."""

    def __init__(self, requester: Requester, retry_policy: RetryPolicy) -> None:
        self.requester = requester
        self.retry_policy = retry_policy

    def send(self, request: Request, until: float) -> ApiResponse | RequestFailure:
        del until
        return _send_request(self._hurried_requester if self.retry_policy.is_hurried() else self.requester, request)

    @property
    def _hurried_requester(self) -> Requester:
        """A new connection for each request: the usual one may hang in another thread."""
        return Requester(**{**self.requester.kwargs, "timeout": self.retry_policy.hurried_seconds})

    def renew(self, failure: RequestFailure) -> bool:
        del failure
        return False


class _AppLogin(_FixedLogin):
    """The App itself, with a JWT for each request. Finds its installation and creates tokens for it."""

    def __init__(self, credentials: Credentials, connection: Requester, retry_policy: RetryPolicy) -> None:
        super().__init__(connection.withAuth(Auth.AppAuth(credentials.app_id, sign_func=self._sign)), retry_policy)
        self.clock = retry_policy.clock
        self._private_key = credentials.private_key
        self._skew_seconds = 0.0

    def renew(self, failure: RequestFailure) -> bool:
        """Use the server's time. With a clock that is minutes off, JWTs are expired or issued in the future."""
        server_seconds = server_time(failure.headers)
        if server_seconds is not None:
            self._skew_seconds = server_seconds - self.clock.now()
        return server_seconds is not None

    def can_sign(self) -> bool:
        try:
            return bool(self._key)
        except _UnusableKeyError:
            return False

    def _sign(self, payload: dict[str, Any]) -> str:
        now = int(self.clock.now() + self._skew_seconds)
        claims = {"iss": payload["iss"], "iat": now - _JWT_SECONDS_BACK, "exp": now + _JWT_SECONDS_AHEAD}
        return jwt.encode(claims, self._key, algorithm="RS256")

    @cached_property
    def _key(self) -> RSAPrivateKey:
        return _rsa_key(self._private_key)


class _InstallationLogin:
    """The App in one repository, with a token limited to it and to `permissions`, renewed before it expires."""

    def __init__(
        self,
        app: _AppLogin,
        repository: str,
        installation_id: int | None,
        client: RetryingClient,
        permissions: Mapping[str, str],
    ) -> None:
        self._app = app
        self._repository = repository
        self._installation_id = installation_id
        self._client = client
        self._permissions = permissions
        self._grants: Mapping[str, str] = {}
        self.has_reduced_permissions = False
        self._token_login: _FixedLogin | None = None
        self._renew_at = 0.0

    def send(self, request: Request, until: float) -> ApiResponse | RequestFailure:
        if self._token_login is None or self._app.clock.monotonic() >= self._renew_at:
            self._token_login = self._log_in(until)
        return self._token_login.send(request, until)

    def renew(self, failure: RequestFailure) -> bool:
        """Drop the token, which was revoked. The next request creates another."""
        del failure
        self._token_login = None
        return True

    def may_write(self, permission: str, until: float) -> bool:
        """Whether the owner granted write access. True if GitHub does not tell."""
        if not self._grants:
            with suppress(RefusedError):
                self._read_installation(f"/app/installations/{self._installation_id}", until)
        return not self._grants or self._grants.get(permission) == "write"

    def _read_installation(self, path: str, until: float) -> dict[str, Any]:
        """Return GitHub's data about the installation."""
        installation: dict[str, Any] = self._client.ask(self._app, Request(method="GET", path=path), until=until).data
        self._grants = installation.get("permissions") or {}
        return installation

    def _log_in(self, until: float) -> _FixedLogin:
        if self._installation_id is None:
            self._installation_id = int(self._read_installation(f"/repos/{self._repository}/installation", until)["id"])
        try:
            response = self._create_token(self._permissions, until)
        except RefusedError as error:
            if error.error_kind is not ErrorKind.PERMISSION or self._permissions == CHECK_PERMISSIONS:
                raise
            self.has_reduced_permissions = True  # at least a check run can show what is wrong
            response = self._create_token(CHECK_PERMISSIONS, until)
        # Both times are the server's, so the local clock may be off.
        granted_at = server_time(response.headers) or self._app.clock.now()
        lifetime_seconds = datetime.fromisoformat(response.data["expires_at"]).timestamp() - granted_at
        self._renew_at = self._app.clock.monotonic() + lifetime_seconds - _TOKEN_MARGIN_SECONDS
        return _FixedLogin(self._app.requester.withAuth(Auth.Token(response.data["token"])), self._app.retry_policy)

    def _create_token(self, permissions: Mapping[str, str], until: float) -> ApiResponse:
        path = f"/app/installations/{self._installation_id}/access_tokens"
        # PyGithub's `get_access_token` cannot limit the token to a repository.
        body = {"permissions": permissions, "repositories": [self._repository.rpartition("/")[2]]}
        return self._client.ask(self._app, Request(method="POST", path=path, body=body), until=until)


class _UnusableKeyError(Exception):
    """The private key cannot sign."""


def _rsa_key(pem: str) -> RSAPrivateKey:
    """Return the key without validating it again, which takes 50 ms: parsing the credentials did that."""
    try:
        key = load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise _UnusableKeyError("the private key is not an RSA key in PEM format without a passphrase")
    return key


def _connection(api_url: str, retry_policy: RetryPolicy) -> Requester:
    """Return PyGithub without its own retries and pauses, which would repeat a POST whose response was lost."""
    return Github(
        base_url=api_url,
        verify=certificates.bundle(),
        user_agent="pytest-check-runs",
        timeout=retry_policy.answer_seconds,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    ).requester


def _send_request(requester: Requester, request: Request) -> ApiResponse | RequestFailure:
    """Send one request. `requests` raises OSErrors. PyGithub raises RuntimeError for a redirect to another host."""
    try:
        status, headers, text = requester.requestJson(
            request.method, request.path, parameters=dict(request.query), input=request.body
        )
    except OSError as error:
        return RequestFailure(status=None, message=f"{type(error).__name__}: {error}")
    except RuntimeError as error:
        return RequestFailure(status=301, message=str(error))
    except _UnusableKeyError as error:
        return RequestFailure(status=401, message=str(error))
    try:
        data = json.loads(text)
    except ValueError:
        data = {} if status == _NO_CONTENT else None
    if status >= 300:
        message = data.get("message") if isinstance(data, dict) else text
        return RequestFailure(status=status, message=str(message), headers=headers)
    if not isinstance(data, request.shape) and status != _NO_CONTENT:
        return RequestFailure(
            status=None,
            message=f"{status} with a body that is not a JSON {_JSON_TYPE_NAMES[request.shape]}",
            headers=headers,
        )
    return ApiResponse(data=data, headers=headers)
