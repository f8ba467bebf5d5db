"""Options and variables of the program `failures` -> `FailureQuery`: which check runs to read, and as whom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..model.errors import CheckError, Problem
from ..model.job import Context
from ..model.settings import Credentials
from .api_url import parse_api_url
from .credentials import parse_credentials
from .names import read_variables

_NO_CREDENTIALS = Problem(
    what="CHECKS_GITHUB_TOKEN",
    why="it is not set, and without credentials GitHub's check runs cannot be read.",
    remedy="Set it to a token that can read checks, and pull requests for --pr, or set CHECKS_APP_ID and "
    "CHECKS_PRIVATE_KEY to those of your App.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureQuery:
    """Whose check runs to read.

    Attributes:
        repository: ``owner/name``.
        commit: 40 hex digits; empty for that of the pull request.
        pull_request: its number; None if there is a `commit`.
    """

    repository: str
    commit: str = ""
    pull_request: int | None = None
    credentials: Credentials
    api_url: str


def parse_query(environ: Mapping[str, str], *, repository: str, commit: str, pull_request: str) -> FailureQuery:
    """Return what these options and the variables ask for. Raises `CheckError` with a `Problem` for each mistake."""
    repository = repository or environ.get("GITHUB_REPOSITORY", "")
    problems = [*_option_problems(repository, commit, pull_request)]
    inputs = read_variables(environ)
    credentials, api_url = Credentials(), ""
    try:
        credentials = parse_credentials(inputs, Context())
    except CheckError as error:
        problems += error.problems
    else:
        problems += [] if credentials.secrets else [_NO_CREDENTIALS]
    try:
        api_url = parse_api_url(environ)
    except CheckError as error:
        problems += error.problems
    if problems:
        raise CheckError(*problems)
    number = int(pull_request) if pull_request else None
    return FailureQuery(
        repository=repository, commit=commit, pull_request=number, credentials=credentials, api_url=api_url
    )


def _option_problems(repository: str, commit: str, pull_request: str) -> Iterator[Problem]:
    if not repository:
        yield Problem(what="--repo", why="it is not set, and GITHUB_REPOSITORY is neither.", remedy="Set OWNER/NAME.")
    elif not re.fullmatch(r"[\w.-]+/[\w.-]+", repository, re.ASCII):
        yield Problem(what="--repo", why=f'"{repository}" is not allowed.', remedy="Set it to OWNER/NAME.")
    if commit and pull_request:
        yield Problem(what="--sha and --pr", why="both are set.", remedy="Set one of them.")
    if not (commit or pull_request):
        yield Problem(what="--sha and --pr", why="none of them is set.", remedy="Set one of them.")
    if commit and not re.fullmatch(r"[0-9a-f]{40}", commit):
        remedy = "Set it to 40 hexadecimal digits, as `git rev-parse HEAD` prints them."
        yield Problem(what="--sha", why=f'"{commit}" is not allowed.', remedy=remedy)
    if pull_request and not re.fullmatch(r"[1-9][0-9]{0,17}", pull_request):
        yield Problem(what="--pr", why=f'"{pull_request}" is not allowed.', remedy="Set it to a number.")
