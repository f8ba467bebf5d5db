"""Options and variables of the program `history` -> `HistoryQuery`: which results to read, and as whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..history.past_runs import Check
from ..model.errors import Problem
from .github_access import GithubAccess, parse_access

#: 1,000 commits take about 100 requests.
MOST_COMMITS = 1000
_READS = "checks and contents"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryQuery:
    """Which results to read: those of a `check` on the last commits of a `branch`, at most `limit`."""

    access: GithubAccess
    check: Check
    branch: str
    limit: int


def parse_query(environ: Mapping[str, str], options: Mapping[str, str], questions: int) -> HistoryQuery:
    """Return what the options and variables ask for; `questions` are asked of the results, one of which is answered.

    Options that are not set are empty. Raises `CheckError` with a `Problem` for each mistake.
    """
    access = parse_access(environ, options["repo"], _option_problems(options, questions), _READS)
    category = options["category"]
    name = options["check"] or (f"pytest ({category})" if category else "pytest")
    return HistoryQuery(
        access=access,
        check=Check(name=name, category=category or None),
        branch=options["branch"],
        limit=int(options["limit"]),
    )


def _option_problems(options: Mapping[str, str], questions: int) -> Iterator[Problem]:
    if questions != 1:
        why = "several of them are set." if questions else "none of them is set."
        yield Problem(what="NODEID, --flaky, --slow and --export", why=why, remedy="Set one of them.")
    if not options["branch"].strip():
        yield Problem(what="--branch", why="it is empty.", remedy="Set it to the name of a branch, such as main.")
    limit = options["limit"]
    if not (limit.isascii() and limit.isdigit() and len(limit) <= 4 and 1 <= int(limit) <= MOST_COMMITS):
        remedy = f"Set it to a number of commits from 1 to {MOST_COMMITS}."
        yield Problem(what="--limit", why=f'"{limit}" is not allowed.', remedy=remedy)
