"""The environment of the webhook receiver -> `ReceiverSettings`.

Outside a workflow, so by names such as ``CHECKS_APP_ID``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from ..model.errors import CheckError, Problem
from ..model.job import Context
from ..model.settings import Credentials
from .credentials import parse_credentials
from .names import read_inputs

#: GitHub's secret is all that keeps others out. Who has seen one signed delivery can try secrets on it, as fast as
#: their machine allows: what is shorter is guessed.
MIN_SECRET_CHARACTERS = 16

_SECRET = "CHECKS_WEBHOOK_SECRET"  # noqa: S105 - its name
_REQUIRED = {"app-id": "CHECKS_APP_ID", "private-key": "CHECKS_PRIVATE_KEY"}
_REMEDIES = {
    "app-id": "Set it to the App's client ID, from its settings page.",
    "private-key": "Generate one on the App's settings page, under Private keys, and set it to the .pem file's text.",
}
_SECRETS_PAGE = "https://docs.github.com/webhooks/using-webhooks/best-practices-for-using-webhooks#use-a-webhook-secret"
_GENERATE_REMEDY = "Make one (openssl rand -hex 32), and set it here and on the App's settings page."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverSettings:
    """Who we are at GitHub, what its deliveries are signed with, which server it is.

    `queues_at_push`: whether a pushed commit gets a queued check run for each category of its base.
    """

    credentials: Credentials
    secret: bytes = field(repr=False)
    api_url: str = "https://api.github.com"
    queues_at_push: bool = False


def parse_receiver_settings(environ: Mapping[str, str]) -> ReceiverSettings:
    """What the receiver needs. Raises `CheckError` with a `Problem` for each variable that is missing or wrong."""
    inputs = read_inputs({name: value for name, value in environ.items() if not name.startswith("INPUT_")})
    secret = environ.get(_SECRET, "").strip()
    api_url = environ.get("GITHUB_API_URL", "").strip().rstrip("/") or "https://api.github.com"
    queues = inputs.get("queue-at-push", "false")
    problems = [
        *_missing_problems(inputs),
        *_secret_problems(secret),
        *_url_problems(api_url),
        *_queue_problems(queues),
    ]
    credentials = Credentials()
    try:
        # A token is nobody whom GitHub sends deliveries to.
        credentials = replace(parse_credentials(inputs, Context()), github_token="")
    except CheckError as error:
        problems += [renamed for problem in error.problems if (renamed := _named_by_variable(problem, inputs))]
    if problems:
        raise CheckError(*problems)
    return ReceiverSettings(
        credentials=credentials,
        secret=secret.encode("utf-8", "surrogateescape"),
        api_url=api_url,
        queues_at_push=queues == "true",
    )


def _missing_problems(inputs: Mapping[str, str]) -> Iterator[Problem]:
    for name, variable in _REQUIRED.items():
        if name not in inputs:
            yield Problem(what=variable, why="it is not set.", remedy=_REMEDIES[name])


def _secret_problems(secret: str) -> Iterator[Problem]:
    if not secret:
        why = "it is not set, and without it anybody could send deliveries."
        yield Problem(what=_SECRET, why=why, remedy=_GENERATE_REMEDY, link=_SECRETS_PAGE)
    elif len(secret) < MIN_SECRET_CHARACTERS:
        why = f"it has fewer than {MIN_SECRET_CHARACTERS} characters, so that it can be guessed."
        yield Problem(what=_SECRET, why=why, remedy=_GENERATE_REMEDY, link=_SECRETS_PAGE)


def _url_problems(api_url: str) -> Iterator[Problem]:
    try:
        parts = urlsplit(api_url)
        is_valid = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_valid = False
    if not is_valid:
        yield Problem(
            what="GITHUB_API_URL",
            why="it is not a URL that begins with https://.",
            remedy="Leave it out for GitHub.com; of an Enterprise Server it is https://HOST/api/v3.",
        )


def _queue_problems(queues: str) -> Iterator[Problem]:
    if queues not in ("true", "false"):
        yield Problem(what="CHECKS_QUEUE_AT_PUSH", why="its value is another.", remedy="Allowed: true, false.")


def _named_by_variable(problem: Problem, inputs: Mapping[str, str]) -> Problem | None:
    """The problem of an input, told of its variable; None where that is missing, which is told already."""
    for name, variable in {**_REQUIRED, "installation-id": "CHECKS_INSTALLATION_ID"}.items():
        if problem.what == f"Input `{name}`":
            return replace(problem, what=variable) if name in inputs else None
    return problem
