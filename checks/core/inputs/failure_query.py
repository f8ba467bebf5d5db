"""Options and variables of the program `failures` -> `FailureQuery`: which check runs to read, and as whom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..model.errors import Problem
from .github_access import GithubAccess, parse_access


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureQuery:
    """Whose check runs to read.

    Attributes:
        commit: 40 hex digits; empty for that of the pull request.
        pull_request: its number; None if there is a `commit`.
    """

    access: GithubAccess
    commit: str = ""
    pull_request: int | None = None


def parse_query(environ: Mapping[str, str], *, repository: str, commit: str, pull_request: str) -> FailureQuery:
    """Return what these options and the variables ask for. Raises `CheckError` with a `Problem` for each mistake."""
    problems = _option_problems(commit, pull_request)
    access = parse_access(environ, repository, problems, "checks, and pull requests for --pr")
    return FailureQuery(access=access, commit=commit, pull_request=int(pull_request) if pull_request else None)


def _option_problems(commit: str, pull_request: str) -> Iterator[Problem]:
    if commit and pull_request:
        yield Problem(what="--sha and --pr", why="both are set.", remedy="Set one of them.")
    if not (commit or pull_request):
        yield Problem(what="--sha and --pr", why="none of them is set.", remedy="Set one of them.")
    if commit and not re.fullmatch(r"[0-9a-f]{40}", commit):
        remedy = "Set it to 40 hexadecimal digits, as `git rev-parse HEAD` prints them."
        yield Problem(what="--sha", why=f'"{commit}" is not allowed.', remedy=remedy)
    if pull_request and not re.fullmatch(r"[1-9][0-9]{0,17}", pull_request):
        yield Problem(what="--pr", why=f'"{pull_request}" is not allowed.', remedy="Set it to a number.")
