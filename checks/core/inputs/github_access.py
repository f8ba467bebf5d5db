"""Options and variables -> `GithubAccess`: which repository a program reads outside of a job, and as whom."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..model.errors import CheckError, Problem
from ..model.job import Context
from ..model.settings import Credentials
from .api_url import parse_api_url
from .credentials import parse_credentials
from .names import read_variables

_NO_APP = Problem(
    what="CHECKS_APP_ID and CHECKS_PRIVATE_KEY",
    why="they are not set, and only the App can create its check runs.",
    remedy="Set them to those of your App, or CHECKS_PRIVATE_KEY_FILE to the path of its key.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GithubAccess:
    """A repository, ``owner/name``, on the GitHub with this API, and the credentials to read it with."""

    repository: str
    credentials: Credentials
    api_url: str


def parse_access(
    environ: Mapping[str, str],
    repository: str,
    problems: Iterable[Problem],
    reads: str = "",
    *,
    needs_app: bool = False,
) -> GithubAccess:
    """Return the access that the option ``--repo``, which may be empty, and the variables give.

    `reads` is what a token must be able to read; `needs_app`: whether no token is enough. Raises `CheckError` with a
    `Problem` for each mistake, and with those of other options.
    """
    repository = repository or environ.get("GITHUB_REPOSITORY", "")
    found = [*_repository_problems(repository), *problems]
    credentials, api_url = Credentials(), ""
    try:
        credentials = parse_credentials(read_variables(environ), Context())
    except CheckError as error:
        found += error.problems
    else:
        if needs_app:
            found += [] if credentials.private_key else [_NO_APP]
        else:
            found += [] if credentials.secrets else [_no_credentials(reads)]
    try:
        api_url = parse_api_url(environ)
    except CheckError as error:
        found += error.problems
    if found:
        raise CheckError(*found)
    return GithubAccess(repository=repository, credentials=credentials, api_url=api_url)


def _repository_problems(repository: str) -> Iterator[Problem]:
    if not repository:
        yield Problem(what="--repo", why="it is not set, and neither is GITHUB_REPOSITORY.", remedy="Set OWNER/NAME.")
    elif not re.fullmatch(r"[\w.-]+/[\w.-]+", repository, re.ASCII):
        yield Problem(what="--repo", why=f'"{repository}" is not allowed.', remedy="Set it to OWNER/NAME.")


def _no_credentials(reads: str) -> Problem:
    return Problem(
        what="CHECKS_GITHUB_TOKEN",
        why="it is not set, and without credentials GitHub's check runs cannot be read.",
        remedy=f"Set it to a token that can read {reads}, or set CHECKS_APP_ID and CHECKS_PRIVATE_KEY to those of "
        "your App.",
    )
