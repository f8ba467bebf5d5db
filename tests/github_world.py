"""GitHub's state and answers, as far as check runs need them; `tests.github_server` speaks HTTP for it.

What it knows: Apps and their installations, tokens, check runs and their annotations. What it enforces: who may do
what, what a JWT must say, and the limits of `tests.github_rules`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from itertools import count
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from tests.github_rules import InvalidError, check_create, check_update

_DOCUMENTATION = "https://docs.github.com/rest"
_JWT_SECONDS = 600


class HttpError(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@lru_cache
def rsa_key(name: str) -> RSAPrivateKey:
    """The key pair of that name, generated once a test session."""
    del name
    return generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True, kw_only=True)
class App:
    """A GitHub App; `key_name` chooses its key."""

    id: int = 4711
    client_id: str = "Iv23liPytestCheckRuns"
    slug: str = "pytest-checks"
    key_name: str = "the App's"

    @cached_property
    def private_key(self) -> str:
        """As the App's page gives it for download: PKCS#1 in PEM form."""
        key = rsa_key(self.key_name)
        pem = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
        return key.private_bytes(*pem, serialization.NoEncryption()).decode()


#: https://api.github.com/apps/github-actions
ACTIONS = App(id=15368, client_id="Iv1.05c79e9ad1f6bdfa", slug="github-actions")


@dataclass(kw_only=True)
class Installation:
    """An App in one owner's repositories; tests change it while it is in use."""

    id: int
    app: App
    repositories: set[str]
    permissions: dict[str, str]
    is_suspended: bool = False


@dataclass(kw_only=True)
class Token:
    """An access token; without an installation it is a job's GITHUB_TOKEN."""

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
class Asked:
    """A request after its login was looked at: by an App itself, or with a token."""

    method: str
    parts: Mapping[str, str]
    query: Mapping[str, str]
    body: dict[str, Any]
    app: App | None = None
    token: Token | None = None

    @property
    def repository(self) -> str:
        return f"{self.parts['owner']}/{self.parts['name']}"

    def may(self, permission: str, level: str) -> None:
        """Raises unless the token reaches the repository and has the permission there."""
        assert self.token is not None
        if self.repository not in self.token.repositories:
            raise HttpError(404, "Not Found")
        granted = self.token.permissions.get(permission)
        if granted not in ("write", level):
            raise HttpError(403, "Resource not accessible by integration")


@dataclass(kw_only=True)
class World:
    """The state.

    Attributes:
        now: the server's clock, in seconds since the epoch.
        token_seconds: how long a new token lives.
        refuses: annotations that get a 422 although they keep every limit.
        most_bytes: of a request's body.
    """

    now: Callable[[], float]
    url: str = ""
    token_seconds: float = 3600.0
    refuses: Callable[[dict[str, Any]], bool] = lambda _: False
    most_bytes: int = 25 * 1024 * 1024
    apps: list[App] = field(default_factory=list)
    installations: list[Installation] = field(default_factory=list)
    tokens: dict[str, Token] = field(default_factory=dict)
    runs: dict[int, dict[str, Any]] = field(default_factory=dict)
    annotations: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    _ids: count[int] = field(default_factory=lambda: count(1001))

    def install(self, app: App, *repositories: str, permissions: Mapping[str, str] | None = None) -> Installation:
        granted = dict(permissions or {"checks": "write", "metadata": "read"})
        new = Installation(id=next(self._ids), app=app, repositories=set(repositories), permissions=granted)
        self.apps.append(app)
        self.installations.append(new)
        return new

    def actions_token(self, *repositories: str, checks: str = "write") -> str:
        """A job's GITHUB_TOKEN; with ``checks="read"`` such as a fork's pull request gets."""
        permissions = {"checks": checks, "contents": "read", "metadata": "read"}
        return self._grant(ACTIONS, set(repositories), permissions, None).value

    def revoke_tokens(self) -> None:
        self.tokens.clear()

    def copy_run(self, run: dict[str, Any], **changes: Any) -> None:
        """Another run like this one, without annotations; for a commit with many."""
        number = next(self._ids)
        url = run["url"].replace(str(run["id"]), str(number))
        self.runs[number] = {**run, "id": number, "url": url, **changes}
        self.annotations[number] = []

    def answer(
        self, method: str, path: str, query: Mapping[str, str], body: dict[str, Any], authorization: str
    ) -> tuple[int, Any]:
        """Status and JSON. Raises `HttpError` and `InvalidError`."""
        for verb, pattern, by_app, handle in _ROUTES:
            if verb == method and (match := re.fullmatch(pattern, path)):
                login = {"app": self._app(authorization)} if by_app else {"token": self._token(authorization)}
                return handle(self, Asked(method=method, parts=match.groupdict(), query=query, body=body, **login))
        raise HttpError(404, "Not Found")

    def kind(self, authorization: str) -> str:
        """Of a login: ``app`` (a JWT), ``installation``, ``actions``, or ``none`` for what is not known."""
        value = authorization.partition(" ")[2]
        if value in self.tokens:
            return self.tokens[value].kind
        return "app" if value.count(".") == 2 else "none"

    def _token(self, authorization: str) -> Token:
        token = self.tokens.get(authorization.partition(" ")[2])
        if token is None or token.expires_at <= self.now():
            raise HttpError(401, "Bad credentials")
        if token.installation and token.installation.is_suspended:
            raise HttpError(403, "This installation has been suspended")
        return token

    def _app(self, authorization: str) -> App:
        """By its JWT: https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app."""
        value = authorization.removeprefix("Bearer ")
        try:
            issuer = jwt.decode(value, options={"verify_signature": False}).get("iss")
            app = next((app for app in self.apps if issuer in (str(app.id), app.client_id)), None)
            if app is None:
                raise HttpError(404, "Integration not found")
            key = rsa_key(app.key_name).public_key()
            claims = jwt.decode(value, key, ["RS256"], options={"verify_exp": False, "verify_iat": False})
        except jwt.InvalidTokenError:
            raise HttpError(401, "A JSON web token could not be decoded") from None
        self._check_times(claims.get("iat"), claims.get("exp"))
        return app

    def _check_times(self, issued_at: object, expires_at: object) -> None:
        now = self.now()
        if not isinstance(issued_at, int) or issued_at > now:
            raise HttpError(401, "'Issued at' claim ('iat') must be an Integer representing the time of the assertion")
        if not isinstance(expires_at, int) or expires_at <= now:
            raise HttpError(401, "'Expiration time' claim ('exp') must be a numeric value in the future")
        if expires_at > now + _JWT_SECONDS:
            raise HttpError(401, "'Expiration time' claim ('exp') is too far in the future")

    def _find_installation(self, asked: Asked) -> tuple[int, Any]:
        for one in self.installations:
            if one.app == asked.app and asked.repository in one.repositories:
                return 200, {"id": one.id, "app_id": one.app.id, "app_slug": one.app.slug}
        raise HttpError(404, "Not Found")

    def _create_token(self, asked: Asked) -> tuple[int, Any]:
        wanted = int(asked.parts["id"])
        one = next((one for one in self.installations if one.id == wanted and one.app == asked.app), None)
        if one is None:
            raise HttpError(404, "Not Found")
        if one.is_suspended:
            raise HttpError(403, "This installation has been suspended")
        permissions = asked.body.get("permissions") or one.permissions
        if any(one.permissions.get(name) not in ("write", level) for name, level in permissions.items()):
            raise HttpError(422, "The permissions requested are not granted to this installation.")
        names = asked.body.get("repositories")
        repositories = {known for known in one.repositories if names is None or known.partition("/")[2] in names}
        if names is not None and len(repositories) < len(names):
            message = "There is at least one repository that does not exist or is not accessible to the parent "
            raise HttpError(422, message + "installation.")
        token = self._grant(one.app, repositories, permissions, one)
        return 201, {
            "token": token.value,
            "expires_at": _timestamp(token.expires_at),
            "permissions": permissions,
            "repository_selection": "selected",
        }

    def _grant(
        self, app: App, repositories: set[str], permissions: dict[str, str], installation: Installation | None
    ) -> Token:
        token = Token(
            value=f"ghs_{app.slug}_{next(self._ids)}",
            app=app,
            repositories=repositories,
            permissions=permissions,
            expires_at=self.now() + self.token_seconds,
            installation=installation,
        )
        self.tokens[token.value] = token
        return token

    def _list_runs(self, asked: Asked) -> tuple[int, Any]:
        asked.may("checks", "read")
        query = asked.query
        found = [run for run in self._runs_of(asked) if run["head_sha"] == asked.parts["sha"]]
        if "check_name" in query:
            found = [run for run in found if run["name"] == query["check_name"]]
        if "app_id" in query:
            found = [run for run in found if str(run["app"]["id"]) == query["app_id"]]
        if query.get("filter", "latest") == "latest":
            found = list({(run["app"]["id"], run["name"]): run for run in found}.values())
        return 200, {"total_count": len(found), "check_runs": _page(found[::-1], query)}

    def _runs_of(self, asked: Asked) -> list[dict[str, Any]]:
        prefix = f"{self.url}/repos/{asked.repository}/"
        return [run for run in self.runs.values() if run["url"].startswith(prefix)]

    def _run(self, asked: Asked) -> dict[str, Any]:
        run = self.runs.get(int(asked.parts["id"]))
        if run is None or run not in self._runs_of(asked):
            raise HttpError(404, "Not Found")
        return run

    def _show_run(self, asked: Asked) -> tuple[int, Any]:
        asked.may("checks", "read")
        return 200, self._run(asked)

    def _list_annotations(self, asked: Asked) -> tuple[int, Any]:
        asked.may("checks", "read")
        return 200, _page(self.annotations[self._run(asked)["id"]], asked.query)

    def _create_run(self, asked: Asked) -> tuple[int, Any]:
        asked.may("checks", "write")
        assert asked.token is not None
        check_create(asked.body)
        number, app = next(self._ids), asked.token.app
        url = f"{self.url}/repos/{asked.repository}/check-runs/{number}"
        run = {
            "id": number,
            "url": url,
            "html_url": f"{self.url}/{asked.repository}/runs/{number}",
            "details_url": f"{self.url}/apps/{app.slug}",
            "external_id": "",
            "status": "queued",
            "conclusion": None,
            "started_at": _timestamp(self.now()),
            "completed_at": None,
            "output": {"title": None, "summary": None, "text": None, "annotations_count": 0},
            "actions": [],
            "app": {"id": app.id, "client_id": app.client_id, "slug": app.slug},
        }
        self.runs[number] = run
        self.annotations[number] = []
        self._apply(run, asked.body)
        return 201, run

    def _update_run(self, asked: Asked) -> tuple[int, Any]:
        asked.may("checks", "write")
        assert asked.token is not None
        run = self._run(asked)
        if run["app"]["id"] != asked.token.app.id:
            message = "check run can only be modified by the GitHub App that created it."
            raise HttpError(403, f"Invalid app_id `{asked.token.app.id}` - {message}")
        check_update(asked.body)
        if len(json.dumps(asked.body)) > self.most_bytes:
            raise HttpError(413, "Payload Too Large")
        if any(map(self.refuses, asked.body.get("output", {}).get("annotations", []))):
            raise InvalidError("An annotation is not to our liking.")
        self._apply(run, asked.body)
        return 200, run

    def _apply(self, run: dict[str, Any], body: dict[str, Any]) -> None:
        """Output is replaced, annotations are appended, a conclusion completes."""
        run.update({key: value for key, value in body.items() if key != "output"})
        if "conclusion" in body:
            run["status"] = "completed"
            run["completed_at"] = body.get("completed_at") or _timestamp(self.now())
        if "output" in body:
            output = body["output"]
            kept = self.annotations[run["id"]]
            kept.extend(output.get("annotations", []))
            run["output"] = {
                "title": output["title"],
                "summary": output["summary"],
                "text": output.get("text"),
                "annotations_count": len(kept),
                "annotations_url": f"{run['url']}/annotations",
            }


_REPOSITORY = r"/repos/(?P<owner>[^/]+)/(?P<name>[^/]+)"
_ROUTES: tuple[tuple[str, str, bool, Callable[[World, Asked], tuple[int, Any]]], ...] = (
    ("GET", f"{_REPOSITORY}/installation", True, World._find_installation),
    ("POST", r"/app/installations/(?P<id>\d+)/access_tokens", True, World._create_token),
    ("GET", f"{_REPOSITORY}/commits/(?P<sha>[^/]+)/check-runs", False, World._list_runs),
    ("POST", f"{_REPOSITORY}/check-runs", False, World._create_run),
    ("GET", rf"{_REPOSITORY}/check-runs/(?P<id>\d+)", False, World._show_run),
    ("PATCH", rf"{_REPOSITORY}/check-runs/(?P<id>\d+)", False, World._update_run),
    ("GET", rf"{_REPOSITORY}/check-runs/(?P<id>\d+)/annotations", False, World._list_annotations),
)


def error_body(status: int, message: str) -> dict[str, Any]:
    """As GitHub words its refusals."""
    return {"message": message, "documentation_url": _DOCUMENTATION, "status": str(status)}


def _page(items: list[Any], query: Mapping[str, str]) -> list[Any]:
    """https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api."""
    size, number = min(int(query.get("per_page", "30")), 100), int(query.get("page", "1"))
    return items[(number - 1) * size : number * size]


def _timestamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
