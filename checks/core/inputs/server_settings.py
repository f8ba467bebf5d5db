"""The environment of the webhook receiver -> `ServerSettings`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ..model.errors import CheckError, Problem
from ..model.job import Context
from ..model.settings import Credentials, Settings
from .api_url import parse_api_url
from .credentials import parse_credentials
from .names import KEY_FILE, read_variables, variable
from .settings import parse_settings

#: GitHub signs deliveries with this secret, and nothing else keeps others out. Who has seen one signed delivery can
#: try secrets on it as fast as their machine allows, and would guess a shorter one.
MIN_SECRET_CHARACTERS = 16

_SECRET = "CHECKS_WEBHOOK_SECRET"  # noqa: S105 - its name
_REQUIRED = {
    "app-id": "Set it to the App's client ID, which is on the App's settings page.",
    "private-key": "Generate a private key on the App's settings page, and set it to the text of the .pem file, or "
    f"{KEY_FILE} to its path.",
}
_SECRETS_PAGE = "https://docs.github.com/webhooks/using-webhooks/best-practices-for-using-webhooks#use-a-webhook-secret"
_REMEDY = "Create a secret (openssl rand -hex 32), and set it here and on the App's settings page."


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """What the receiver needs.

    Attributes:
        credentials: the App's.
        secret: with which GitHub signs deliveries.
        api_url: of GitHub.com, or of an Enterprise Server.
        queues_at_push: whether a pushed commit gets a queued check run for each category of its base.
    """

    credentials: Credentials
    secret: bytes = field(repr=False)
    api_url: str = "https://api.github.com"
    queues_at_push: bool = False


def parse_server_settings(environ: Mapping[str, str]) -> ServerSettings:
    """Return the settings. Raises `CheckError` with a `Problem` for each variable that is missing or wrong."""
    inputs = read_variables(environ)
    secret = environ.get(_SECRET, "").strip()
    problems = [*_missing_problems(inputs), *_secret_problems(secret)]
    api_url, credentials, settings = "", Credentials(), Settings()
    try:
        api_url = parse_api_url(environ)
    except CheckError as error:
        problems += error.problems
    try:
        # GitHub sends deliveries to Apps only, so a token is of no use.
        credentials = parse_credentials({**inputs, "github-token": ""}, Context())
    except CheckError as error:
        problems += _named_by_variable(error.problems, inputs)
    try:
        settings = parse_settings({name: value for name, value in inputs.items() if name == "queue-at-push"})
    except CheckError as error:
        problems += _named_by_variable(error.problems, inputs)
    if problems:
        raise CheckError(*problems)
    return ServerSettings(
        credentials=credentials,
        secret=secret.encode("utf-8", "surrogateescape"),
        api_url=api_url,
        queues_at_push=settings.queue_at_push,
    )


def _missing_problems(inputs: Mapping[str, str]) -> Iterator[Problem]:
    for name, remedy in _REQUIRED.items():
        if name not in inputs:
            yield Problem(what=variable(name), why="it is not set.", remedy=remedy)


def _secret_problems(secret: str) -> Iterator[Problem]:
    if not secret:
        why = "it is not set, and without it anybody could send deliveries."
        yield Problem(what=_SECRET, why=why, remedy=_REMEDY, link=_SECRETS_PAGE)
    elif len(secret) < MIN_SECRET_CHARACTERS:
        why = f"it is shorter than {MIN_SECRET_CHARACTERS} characters, so it could be guessed."
        yield Problem(what=_SECRET, why=why, remedy=_REMEDY, link=_SECRETS_PAGE)


def _named_by_variable(problems: tuple[Problem, ...], inputs: Mapping[str, str]) -> Iterator[Problem]:
    """Name the variable instead of the input; a missing variable is reported already."""
    for problem in problems:
        name = problem.what.removeprefix("Input `").removesuffix("`")
        if name in inputs:
            yield replace(problem, what=variable(name))
