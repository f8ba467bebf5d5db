"""Credentials and requests: an App in one of its installations, or a token."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from copy import copy
from datetime import datetime
from functools import cached_property
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from ...core.github.error_kind import ApiCaller, ErrorKind, RequestFailure
from ...core.github.retry import server_time
from ...core.model.ports import Urgency
from ...core.model.settings import Credentials
from .connection import Connection, connect
from .retrying import ApiResponse, Login, RefusedError, Request, RetryingClient, RetryPolicy, WasApplied
from .signing_key import UnusableKeyError, rsa_key

Permissions = Mapping[str, str]
#: The permissions for publishing a check run, reading one, claiming one, starting workflows, statuses and comments.
CHECK_PERMISSIONS = {"checks": "write", "metadata": "read"}
READ_PERMISSIONS = {"checks": "read", "metadata": "read"}
CLAIM_PERMISSIONS = {**CHECK_PERMISSIONS, "actions": "read"}
RERUN_PERMISSIONS = {**CHECK_PERMISSIONS, "actions": "write"}
STATUS_PERMISSIONS = {"statuses": "write", "metadata": "read"}
COMMENT_PERMISSIONS = {**READ_PERMISSIONS, "pull_requests": "write"}
_TOKEN_MARGIN_SECONDS = 60.0
# https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
_JWT_SECONDS_BACK, _JWT_SECONDS_AHEAD = 60, 300


class GithubApi:
    """The API for one repository, as the App if its key is given, else with the token. Not thread-safe."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        repository: str,
        api_url: str,
        retry_policy: RetryPolicy,
        permissions: Permissions = CHECK_PERMISSIONS,
    ) -> None:
        self.repository, self.api_url, self.retry_policy = repository, api_url, retry_policy
        self.app_id = credentials.app_id if credentials.private_key else ""
        caller = ApiCaller(is_app=bool(self.app_id), repository=repository, api_url=api_url)
        self._client = RetryingClient(caller, retry_policy)
        #: See `RetryingClient.now`.
        self.now = self._client.now
        self._connection = connection = connect(api_url, seconds=retry_policy.answer_seconds)
        self._login: Login
        if self.app_id:
            app = _AppLogin(credentials, connection, retry_policy)
            self._login = _InstallationLogin(app, repository, credentials.installation_id, self._client, permissions)
        else:
            self._login = _FixedLogin(connection.with_token(credentials.github_token), retry_policy)

    def with_permissions(self, permissions: Permissions) -> Self:
        """Return the API with another token of the App; a token stays the same. Both share the pacing."""
        other = copy(self)
        if isinstance(self._login, _InstallationLogin):
            other._login = self._login.with_permissions(permissions)  # noqa: SLF001 - of this class
        return other

    def ask(self, request: Request, *, until: float, was_applied: WasApplied | None = None) -> ApiResponse:
        """See `RetryingClient.ask`."""
        return self._client.ask(self._login, request, until=until, was_applied=was_applied)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def is_own(self, app: tuple[str, str]) -> bool:
        """Whether the App with these ids, the numeric one and the client id, sends the requests.

        Some Enterprise Servers do not return the client id.
        """
        number, client_id = app
        if self.app_id in app or client_id or self.app_id.isdecimal():
            return self.app_id in app
        return isinstance(self._login, _InstallationLogin) and number == self._login.app_number(
            self.retry_policy.until()
        )

    def may_start_workflows(self) -> bool:
        """Whether the App may start workflows, as far as GitHub says at the first attempt. False for a token."""
        now = self.retry_policy.clock.monotonic()  # no retries: the completion of a check run waits for this
        return isinstance(self._login, _InstallationLogin) and self._login.may_write("actions", now)

    @property
    def has_reduced_permissions(self) -> bool:
        """Whether the App has fewer permissions than it asked for, as the owner has not granted all."""
        return isinstance(self._login, _InstallationLogin) and self._login.has_reduced_permissions

    def seconds_until_ready(self, writes: int = 1, urgency: Urgency = Urgency.URGENT) -> float:
        """See `RetryingClient.seconds_until_ready`."""
        return self._client.seconds_until_ready(writes, urgency)


class AppApi:
    """The API for the App itself, outside any installation. Not thread-safe."""

    def __init__(self, credentials: Credentials, *, api_url: str, retry_policy: RetryPolicy) -> None:
        self.retry_policy = retry_policy
        connection = connect(api_url, seconds=retry_policy.answer_seconds)
        self._app = _AppLogin(credentials, connection, retry_policy)
        self._client = RetryingClient(ApiCaller(is_app=True, repository="", api_url=api_url), retry_policy)

    def ask(self, request: Request, *, until: float) -> ApiResponse:
        """See `RetryingClient.ask`."""
        return self._client.ask(self._app, request, until=until)

    def number(self) -> str:
        """Return the App's numeric id. Raises `RefusedError`."""
        return _app_number(self._client, self._app, self.retry_policy.until())

    def can_sign(self) -> bool:
        """Whether the private key is usable. Sends no request."""
        return self._app.can_sign()


class _FixedLogin:
    """A `Login` with fixed credentials."""

    def __init__(self, connection: Connection, retry_policy: RetryPolicy) -> None:
        self.connection = connection
        self.retry_policy = retry_policy

    def send(self, request: Request, until: float) -> ApiResponse | RequestFailure:
        del until
        is_hurried = request.is_hurried or self.retry_policy.is_hurried()
        hurried_seconds = self.retry_policy.hurried_seconds if is_hurried else None
        return self.connection.send(request, hurried_seconds=hurried_seconds)

    def renew(self, failure: RequestFailure) -> bool:
        del failure
        return False

    def relocate(self, until: float) -> bool:
        del until
        return False


class _AppLogin(_FixedLogin):
    """The App itself, with a JWT for each request. Finds its installation and creates tokens for it."""

    def __init__(self, credentials: Credentials, connection: Connection, retry_policy: RetryPolicy) -> None:
        super().__init__(connection.as_app(credentials.app_id, self._sign), retry_policy)
        self.clock = retry_policy.clock
        self._private_key = credentials.private_key
        self._skew_seconds = 0.0

    def send(self, request: Request, until: float) -> ApiResponse | RequestFailure:
        """See `Login.send`."""
        try:
            return super().send(request, until)
        except UnusableKeyError as error:
            return RequestFailure(status=401, message=str(error))

    def renew(self, failure: RequestFailure) -> bool:
        """Use the server's time. With a clock that is minutes off, JWTs are expired or issued in the future."""
        server_seconds = server_time(failure.headers)
        if server_seconds is not None:
            self._skew_seconds = server_seconds - self.clock.now()
        return server_seconds is not None

    def can_sign(self) -> bool:
        try:
            return bool(self._key)
        except UnusableKeyError:
            return False

    def _sign(self, payload: dict[str, Any]) -> str:
        now = int(self.clock.now() + self._skew_seconds)
        claims = {"iss": payload["iss"], "iat": now - _JWT_SECONDS_BACK, "exp": now + _JWT_SECONDS_AHEAD}
        return jwt.encode(claims, self._key, algorithm="RS256")

    @cached_property
    def _key(self) -> RSAPrivateKey:
        return rsa_key(self._private_key)


class _InstallationLogin:
    """The App in one repository, with a token limited to it and to `allowed`, renewed before it expires."""

    def __init__(
        self, app: _AppLogin, repository: str, installation_id: int | None, client: RetryingClient, allowed: Permissions
    ) -> None:
        self._app = app
        self._repository = repository
        self._installation_id = installation_id
        self._client = client
        self._permissions = allowed
        self._grants: Mapping[str, str] = {}
        self._app_number = ""
        self.has_reduced_permissions = False
        self._token_login: _FixedLogin | None = None
        self._renew_at = 0.0

    def with_permissions(self, permissions: Permissions) -> _InstallationLogin:
        """Return the App in this repository with another token."""
        return _InstallationLogin(self._app, self._repository, self._installation_id, self._client, permissions)

    def send(self, request: Request, until: float) -> ApiResponse | RequestFailure:
        if self._token_login is None or self._app.clock.monotonic() >= self._renew_at:
            self._token_login = self._log_in(until)
        return self._token_login.send(request, until)

    def renew(self, failure: RequestFailure) -> bool:
        """Drop the token, which was revoked. The next request creates another."""
        del failure
        self._token_login = None
        return True

    def relocate(self, until: float) -> bool:
        """Find the installation of another owner, for whose private repository this one's token gets a 404."""
        if self._token_login is None:  # it was just looked up
            return False
        known_id = self._installation_id
        with suppress(RefusedError):
            self._find_installation(until)
        if self._installation_id == known_id:
            return False
        self._token_login = None
        return True

    def app_number(self, until: float) -> str:
        """Return the App's numeric id."""
        self._app_number = self._app_number or _app_number(self._client, self._app, until)
        return self._app_number

    def may_write(self, permission: str, until: float) -> bool:
        """Whether the owner granted write access. True if GitHub does not say."""
        if not self._grants:
            with suppress(RefusedError):
                self._read_installation(f"/app/installations/{self._installation_id}", until)
        return not self._grants or self._grants.get(permission) == "write"

    def _read_installation(self, path: str, until: float) -> dict[str, Any]:
        """Return GitHub's data about the installation."""
        request = Request(method="GET", path=path, keys=("id",))
        installation: dict[str, Any] = self._client.ask(self._app, request, until=until).data
        self._grants = installation.get("permissions") or {}
        return installation

    def _log_in(self, until: float) -> _FixedLogin:
        if self._installation_id is None:
            self._find_installation(until)
            response = self._create_token(until)
        else:
            try:
                response = self._create_token(until)
            except RefusedError as error:
                if error.error_kind is not ErrorKind.NOT_FOUND:
                    raise
                # Another App's, or that of a previous owner, or the repository has another name now.
                self._find_installation(until)
                response = self._create_token(until)
        # Both times are the server's, so the local clock may be off.
        granted_at = server_time(response.headers) or self._app.clock.now()
        lifetime_seconds = datetime.fromisoformat(response.data["expires_at"]).timestamp() - granted_at
        self._renew_at = self._app.clock.monotonic() + lifetime_seconds - _TOKEN_MARGIN_SECONDS
        return _FixedLogin(self._app.connection.with_token(response.data["token"]), self._app.retry_policy)

    def _find_installation(self, until: float) -> None:
        self._installation_id = int(self._read_installation(f"/repos/{self._repository}/installation", until)["id"])

    def _create_token(self, until: float) -> ApiResponse:
        """Create a token, with the permission for check runs alone if the owner has not granted all."""
        try:
            return self._create_limited_token(self._permissions, until)
        except RefusedError as error:
            reduced = {name: level for name, level in self._permissions.items() if name in CHECK_PERMISSIONS}
            may_ask_for_less = "checks" in reduced and self._permissions not in (reduced, COMMENT_PERMISSIONS)
            if error.error_kind is not ErrorKind.PERMISSION or not may_ask_for_less:
                raise
            self.has_reduced_permissions = True  # at least a check run can show what is wrong
            return self._create_limited_token(reduced, until)

    def _create_limited_token(self, permissions: Permissions, until: float) -> ApiResponse:
        path = f"/app/installations/{self._installation_id}/access_tokens"
        # PyGithub's `get_access_token` cannot limit the token to a repository.
        body = {"permissions": permissions, **_limit(self._client.current_path(f"/repos/{self._repository}"))}
        keys, is_hurried = ("token", "expires_at"), "statuses" in permissions  # the check run's updates wait for it
        request = Request(method="POST", path=path, body=body, keys=keys, is_hurried=is_hurried)
        return self._client.ask(self._app, request, until=until)


def _limit(repository_path: str) -> dict[str, Any]:
    """Return what limits a token to the repository at this path."""
    kind, _, name = repository_path.removeprefix("/").partition("/")
    return {"repository_ids": [int(name)]} if kind == "repositories" else {"repositories": [name.rpartition("/")[2]]}


def _app_number(client: RetryingClient, app: _AppLogin, until: float) -> str:
    return str(client.ask(app, Request(method="GET", path="/app", keys=("id",)), until=until).data["id"])
