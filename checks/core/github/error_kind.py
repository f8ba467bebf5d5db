"""Classifies failed requests, and explains to users what to change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

_MESSAGE_CHARACTERS = 200


class ErrorKind(Enum):
    """Why a request failed. Each kind has its own remedy. Only the first two are always worth retrying."""

    UNREACHABLE = auto()
    RATE_LIMIT = auto()
    #: The certificate is not trusted.
    CERTIFICATE = auto()
    #: No connection is possible: the name does not resolve, or nothing listens.
    NO_CONNECTION = auto()
    #: The name may exist, but it cannot be resolved now: no DNS server answered.
    NAME_RESOLUTION = auto()
    #: The answer is not from GitHub's API.
    NOT_API = auto()
    CREDENTIALS = auto()
    PERMISSION = auto()
    #: Forbidden for another reason than a missing permission, which GitHub's message names.
    FORBIDDEN = auto()
    SUSPENDED = auto()
    NOT_FOUND = auto()
    INVALID = auto()


#: What a wrong address, proxy or certificate causes. Where GitHub has answered before, these are outages.
SETUP_KINDS = frozenset({ErrorKind.CERTIFICATE, ErrorKind.NO_CONNECTION, ErrorKind.NAME_RESOLUTION, ErrorKind.NOT_API})
_NEVER_SENT = SETUP_KINDS - {ErrorKind.NOT_API}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFailure:
    """A request without a usable response.

    Attributes:
        status: None if no complete, parsable response came: a timeout, a reset, a truncated body, HTML.
        message: GitHub's message, or what happened to the connection.
        headers: names are in lower case.
        kind: set if status and message do not determine it.
    """

    status: int | None
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: ErrorKind | None = None

    @property
    def may_have_been_applied(self) -> bool:
        """Whether GitHub may have carried out the request although its response was lost."""
        return self.kind not in _NEVER_SENT and (self.status is None or self.status >= 500)

    @property
    def is_answer(self) -> bool:
        """Whether GitHub's API answered."""
        return self.kind is None and self.status is not None and self.status < 500

    def __str__(self) -> str:
        message = " ".join(self.message.split())[:_MESSAGE_CHARACTERS]
        return message if self.status is None else f"{self.status}: {message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCaller:
    """Who sends a request and where: an App or the job's token, for one repository, at the API's URL."""

    is_app: bool
    repository: str
    api_url: str


# GitHub has no error codes for these: only the message tells them apart. The first match counts.
_BY_MESSAGE = (
    (403, "account was suspended", ErrorKind.FORBIDDEN),
    (403, "suspended", ErrorKind.SUSPENDED),
    (404, "integration not found", ErrorKind.CREDENTIALS),  # the JWT's issuer is not an App
    (422, "permissions requested", ErrorKind.PERMISSION),  # token request for more than the installation grants
    (422, "parent installation", ErrorKind.NOT_FOUND),  # token request for a repository outside the installation
)
_BY_STATUS = {
    401: ErrorKind.CREDENTIALS,
    403: ErrorKind.PERMISSION,
    404: ErrorKind.NOT_FOUND,
    407: ErrorKind.NOT_API,
    408: ErrorKind.UNREACHABLE,
    429: ErrorKind.RATE_LIMIT,
    451: ErrorKind.FORBIDDEN,
}
#: Messages of a 403 that no permission would change, in lower case, and what to do. The first match counts.
_FORBIDDEN = {
    "ip allow list": (
        "The IP allow list of the organization or enterprise does not contain this machine ({failure}). Add the "
        "machine's address to that list: Settings, Authentication security."
    ),
    "archived": (
        "{repository} is archived, and GitHub changes nothing in it ({failure}). Unarchive it in its Settings, or "
        "disable the workflow."
    ),
    "saml": (
        "The organization requires single sign-on ({failure}). Authorize the token for it: Settings, Developer "
        "settings, Personal access tokens, Configure SSO. An App's token needs no such step."
    ),
    "only be modified by the github app": (
        "Another App created this check run ({failure}). Use the same `app-id` and `private-key` in all steps."
    ),
    "forbids access via": (
        "The organization does not accept this kind of token ({failure}). Use an App, or a token that its Settings "
        "allow under Personal access tokens."
    ),
    "account was suspended": (
        "GitHub has suspended the account of this token ({failure}). Use an App, or the token of another account."
    ),
    "blocked": (
        "GitHub blocks access to {repository} ({failure}). If the repository or the account is blocked, its owner "
        "has to unblock it or to contact GitHub Support."
    ),
    "locked": (
        "{repository} is locked ({failure}). Wait for the end of its migration, or settle what its Settings ask for."
    ),
}
#: The end of the requests that get a 404 if the App is not installed. Others get it only after it has logged in.
_LOGIN_REQUESTS = ("/installation", "/access_tokens")
_NOTHING_FOUND = (
    "GitHub finds nothing for the request `{request}` ({failure}). It may have been deleted: start a new workflow run."
)
_UNKNOWN_COMMIT = (
    "The commit is not in {repository} ({failure}). It was not pushed, or a force push removed it. If the input "
    "`head-sha` is set, correct it."
)
_OTHERWISE_FORBIDDEN = "GitHub forbids access to {repository} ({failure}). Ask the repository's owner for the reason."
_NO_CONNECTION = (
    "No connection to {api_url} is possible ({failure}). Check `GITHUB_API_URL`, and the variables of the proxy: "
    "`HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`."
)

_COMMON_REMEDIES = {
    ErrorKind.UNREACHABLE: (
        "GitHub is not available at {api_url} ({failure}). Check whether it has an incident, then re-run the job."
    ),
    ErrorKind.RATE_LIMIT: (
        "GitHub's rate limit requires a longer wait than this job allows ({failure}). Re-run the job later, or run "
        "fewer jobs at the same time."
    ),
    ErrorKind.CERTIFICATE: (
        "The certificate of {api_url} is not trusted ({failure}). If a proxy or an Enterprise Server has one of a "
        "private authority, set the variable `REQUESTS_CA_BUNDLE` to a file with the authority's certificate."
    ),
    ErrorKind.NO_CONNECTION: _NO_CONNECTION,
    ErrorKind.NAME_RESOLUTION: _NO_CONNECTION,
    ErrorKind.NOT_API: (
        "What answers at {api_url} is not GitHub's API ({failure}). Check `GITHUB_API_URL`, and the variables of the "
        "proxy: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`."
    ),
    ErrorKind.INVALID: "GitHub rejected the request `{request}` ({failure}). Report this bug with the job log.",
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
        "repository."
    ),
}
#: For requests of the App itself, which concern no repository.
_OWN_APP_REMEDIES = {
    ErrorKind.PERMISSION: (
        "GitHub does not allow the App the request `{request}` ({failure}). Compare `app-id` with the App's page."
    ),
    ErrorKind.SUSPENDED: "The App is suspended ({failure}). Its owner has to contact GitHub Support.",
    ErrorKind.NOT_FOUND: (
        "GitHub finds nothing for the request `{request}` ({failure}). Check on the App's page that its webhook is "
        "active, and that `GITHUB_API_URL` is the address of the server that has the App."
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
    if failure.kind is not None:
        return failure.kind
    if failure.status is None or failure.status >= 500:
        return ErrorKind.UNREACHABLE
    if failure.status == 403 and _is_rate_limit(failure):
        return ErrorKind.RATE_LIMIT
    message = failure.message.lower()
    for status, phrase, kind in _BY_MESSAGE:
        if failure.status == status and phrase in message:
            return kind
    if failure.status == 403 and any(phrase in message for phrase in _FORBIDDEN):
        return ErrorKind.FORBIDDEN
    return _BY_STATUS.get(failure.status, ErrorKind.NOT_API if failure.status < 400 else ErrorKind.INVALID)


def sentence(kind: ErrorKind, failure: RequestFailure, caller: ApiCaller, request: str) -> str:
    """Return one line of text for users: what failed and how to fix it. `request` is its method and path."""
    return _template(kind, failure, caller, request).format(
        failure=failure, repository=caller.repository or "this repository", api_url=caller.api_url, request=request
    )


def _template(kind: ErrorKind, failure: RequestFailure, caller: ApiCaller, request: str) -> str:
    if kind is ErrorKind.FORBIDDEN:
        message = failure.message.lower()
        return next((remedy for phrase, remedy in _FORBIDDEN.items() if phrase in message), _OTHERWISE_FORBIDDEN)
    if kind is ErrorKind.INVALID and "no commit found" in failure.message.lower():
        return _UNKNOWN_COMMIT
    if not caller.repository and kind in _OWN_APP_REMEDIES:
        return _OWN_APP_REMEDIES[kind]
    if kind is ErrorKind.NOT_FOUND and caller.is_app and not request.endswith(_LOGIN_REQUESTS):
        return _NOTHING_FOUND
    return (_APP_REMEDIES if caller.is_app else _TOKEN_REMEDIES)[kind]


def _is_rate_limit(failure: RequestFailure) -> bool:
    """Whether a 403 is a rate limit rather than a missing permission. Older servers call it abuse detection.

    https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
    """
    message = failure.message.lower()
    is_spent = failure.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in failure.headers
    return is_spent or "rate limit" in message or "abuse detection" in message
