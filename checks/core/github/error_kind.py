"""Classifies failed requests, and explains to users what to change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

_MESSAGE_CHARACTERS = 200


class ErrorKind(Enum):
    """Why a request failed. Each kind has its own remedy. Only the first two are worth retrying."""

    UNREACHABLE = auto()
    RATE_LIMIT = auto()
    CREDENTIALS = auto()
    PERMISSION = auto()
    SUSPENDED = auto()
    NOT_FOUND = auto()
    INVALID = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFailure:
    """A request without a usable response.

    Attributes:
        status: None if no complete, parsable response came: a timeout, a reset, a truncated body, HTML.
        message: GitHub's message, or what happened to the connection.
        headers: names are in lower case.
    """

    status: int | None
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def may_have_been_applied(self) -> bool:
        """Whether GitHub may have carried out the request although its response was lost."""
        return self.status is None or self.status >= 500

    def __str__(self) -> str:
        message = " ".join(self.message.split())[:_MESSAGE_CHARACTERS]
        return message if self.status is None else f"{self.status}: {message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCaller:
    """Who sends a request and where: an App or the job's token, for one repository, at the API's URL."""

    is_app: bool
    repository: str
    api_url: str


# GitHub has no error codes for these: only the message tells them apart.
_BY_MESSAGE = (
    (403, "suspended", ErrorKind.SUSPENDED),
    (404, "integration not found", ErrorKind.CREDENTIALS),  # the JWT's issuer is not an App
    (422, "permissions requested", ErrorKind.PERMISSION),  # token request for more than the installation grants
    (422, "parent installation", ErrorKind.NOT_FOUND),  # token request for a repository outside the installation
)
_BY_STATUS = {
    401: ErrorKind.CREDENTIALS,
    403: ErrorKind.PERMISSION,
    404: ErrorKind.NOT_FOUND,
    408: ErrorKind.UNREACHABLE,
    429: ErrorKind.RATE_LIMIT,
}

_COMMON_REMEDIES = {
    ErrorKind.UNREACHABLE: (
        "GitHub is not available at {api_url} ({failure}). Check whether it has an incident, then re-run the job."
    ),
    ErrorKind.RATE_LIMIT: (
        "GitHub's rate limit requires a longer wait than this job allows ({failure}). Re-run the job later, or run "
        "fewer jobs at the same time."
    ),
    ErrorKind.INVALID: "GitHub rejected the check run ({failure}). Report this bug with the job log.",
}
_APP_REMEDIES = {
    **_COMMON_REMEDIES,
    ErrorKind.CREDENTIALS: (
        "GitHub does not accept the App's credentials ({failure}). Compare `app-id` with the App's page (Settings, "
        "Developer settings, GitHub Apps, Edit), and set `private-key` to a key generated there under Private keys."
    ),
    ErrorKind.PERMISSION: (
        "The App cannot write checks in {repository} ({failure}). On the App's page, under Permissions & events, "
        "Repository permissions, set Checks to Read and write. Then accept the new permission in the repository "
        "owner's Settings, GitHub Apps, Configure."
    ),
    ErrorKind.SUSPENDED: (
        "The App is suspended in {repository} ({failure}). In the repository owner's Settings, GitHub Apps, Configure, "
        "press Unsuspend."
    ),
    ErrorKind.NOT_FOUND: (
        "The App is not installed in {repository} ({failure}). On the App's page, press Install App and select this "
        "repository. If `installation-id` is set, remove it."
    ),
}
_READ_ONLY_TOKEN_REMEDY = (
    "`github-token` cannot write checks in {repository} ({failure}). Give the job `permissions: {{checks: write, "  # noqa: S105 -- a sentence
    "contents: read}}`. Where tokens are always read-only (forks, Dependabot), publish from a `workflow_run` job."
)
_TOKEN_REMEDIES = {
    **_COMMON_REMEDIES,
    ErrorKind.CREDENTIALS: (
        "GitHub does not accept `github-token` ({failure}). Remove this input, or set it to a valid token."
    ),
    ErrorKind.PERMISSION: _READ_ONLY_TOKEN_REMEDY,
    ErrorKind.SUSPENDED: _READ_ONLY_TOKEN_REMEDY,
    ErrorKind.NOT_FOUND: (
        "`github-token` has no access to {repository} ({failure}). Set this input to a token with access to it."
    ),
}


def classify(failure: RequestFailure) -> ErrorKind:
    """Return the kind of a failure."""
    if failure.may_have_been_applied:
        return ErrorKind.UNREACHABLE
    if failure.status == 403 and _is_rate_limit(failure):
        return ErrorKind.RATE_LIMIT
    message = failure.message.lower()
    for status, phrase, kind in _BY_MESSAGE:
        if failure.status == status and phrase in message:
            return kind
    return _BY_STATUS.get(failure.status or 0, ErrorKind.INVALID)


def sentence(kind: ErrorKind, failure: RequestFailure, caller: ApiCaller) -> str:
    """Return one line of text for users: what failed and how to fix it."""
    templates = _APP_REMEDIES if caller.is_app else _TOKEN_REMEDIES
    return templates[kind].format(failure=failure, repository=caller.repository, api_url=caller.api_url)


def _is_rate_limit(failure: RequestFailure) -> bool:
    """Whether a 403 is a rate limit rather than a missing permission.

    https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
    """
    is_spent = failure.headers.get("x-ratelimit-remaining") == "0"
    return is_spent or "retry-after" in failure.headers or "rate limit" in failure.message.lower()
