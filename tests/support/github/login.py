"""Logins: Apps with their keys and JWTs, installations, and tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from tests.support.github.responses import HttpError

_JWT_SECONDS = 600


@lru_cache
def rsa_key(name: str) -> RSAPrivateKey:
    """Return the key pair of that name, generated once per test session."""
    del name
    return generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True, kw_only=True)
class App:
    """A GitHub App. `key_name` selects its key."""

    id: int = 4711
    client_id: str = "Iv23liPytestCheckRuns"
    slug: str = "pytest-checks"
    key_name: str = "the App's"

    @cached_property
    def private_key(self) -> str:
        """Return the key as downloaded from the App's page: PKCS#1 in PEM format."""
        key = rsa_key(self.key_name)
        pem = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
        return key.private_bytes(*pem, serialization.NoEncryption()).decode()

    @property
    def as_json(self) -> dict[str, str | int]:
        """Return the App as the API shows it."""
        return {"id": self.id, "client_id": self.client_id, "slug": self.slug}


#: https://api.github.com/apps/github-actions
ACTIONS = App(id=15368, client_id="Iv1.05c79e9ad1f6bdfa", slug="github-actions")


@dataclass(kw_only=True)
class Installation:
    """An App in the repositories of one owner. Tests change it while it is in use."""

    id: int
    app: App
    repositories: set[str]
    permissions: dict[str, str]
    is_suspended: bool = False


@dataclass(kw_only=True)
class Token:
    """An access token; without an installation, a job's GITHUB_TOKEN."""

    value: str
    app: App
    repositories: set[str]
    permissions: dict[str, str]
    expires_at: float
    installation: Installation | None = None

    @property
    def kind(self) -> str:
        return "installation" if self.installation else "actions"


@dataclass(frozen=True, kw_only=True)
class ApiRequest:
    """An authenticated request from an App itself or with a token. `address` is the URL without query."""

    address: str
    parts: Mapping[str, str]
    query: Mapping[str, str]
    body: dict[str, Any]
    app: App | None = None
    token: Token | None = None

    @property
    def repository(self) -> str:
        return f"{self.parts['owner']}/{self.parts['name']}"

    def may(self, permission: str, level: str) -> None:
        """Raise `HttpError` unless the token has the permission in the repository."""
        assert self.token is not None
        if self.repository not in self.token.repositories:
            raise HttpError(404, "Not Found")
        granted = self.token.permissions.get(permission)
        if granted not in ("write", level):
            raise HttpError(403, "Resource not accessible by integration")


def app_of(authorization: str, apps: Iterable[App], now: float) -> App:
    """Return the App by its JWT: https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app."""
    value = authorization.removeprefix("Bearer ")
    try:
        issuer = jwt.decode(value, options={"verify_signature": False}).get("iss")
        app = next((app for app in apps if issuer in (str(app.id), app.client_id)), None)
        if app is None:
            raise HttpError(404, "Integration not found")
        key = rsa_key(app.key_name).public_key()
        claims = jwt.decode(value, key, ["RS256"], options={"verify_exp": False, "verify_iat": False})
    except jwt.InvalidTokenError:
        raise HttpError(401, "A JSON web token could not be decoded") from None
    _check_times(claims.get("iat"), claims.get("exp"), now)
    return app


def _check_times(issued_at: object, expires_at: object, now: float) -> None:
    if not isinstance(issued_at, int) or issued_at > now:
        raise HttpError(401, "'Issued at' claim ('iat') must be an Integer representing the time of the assertion")
    if not isinstance(expires_at, int) or expires_at <= now:
        raise HttpError(401, "'Expiration time' claim ('exp') must be a numeric value in the future")
    if expires_at > now + _JWT_SECONDS:
        raise HttpError(401, "'Expiration time' claim ('exp') is too far in the future")
