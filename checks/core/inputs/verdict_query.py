"""Options and variables of the program `verdict` -> `VerdictQuery`: which manual check to pass or fail, and as whom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..model.errors import Problem
from ..model.manual import VerdictAction
from ..text.escape import one_line
from .github_access import GithubAccess, parse_access

#: What the first argument may be.
ACTIONS = {"pass": VerdictAction.PASS, "fail": VerdictAction.FAIL, "undo": VerdictAction.UNDO}


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictQuery:
    """What to do with a manual check.

    Attributes:
        check: its name or its category.
        commit: 40 hex digits.
        by: whose verdict it is.
        reason: one line, or empty.
    """

    access: GithubAccess
    action: VerdictAction
    check: str
    commit: str
    by: str
    reason: str


def parse_query(environ: Mapping[str, str], options: Mapping[str, str]) -> VerdictQuery:
    """Return what the options and variables ask for. Options that are not set are empty.

    Raises `CheckError` with a `Problem` for each mistake.
    """
    access = parse_access(environ, options["repo"], _option_problems(options), needs_app=True)
    return VerdictQuery(
        access=access,
        action=ACTIONS[options["verdict"]],
        check=options["name"].strip(),
        commit=options["sha"],
        by=one_line(options["by"]),
        reason=one_line(options["reason"]),
    )


def _option_problems(options: Mapping[str, str]) -> Iterator[Problem]:
    verdict, sha = options["verdict"], options["sha"]
    if verdict not in ACTIONS:
        yield Problem(what="VERDICT", why=_why(verdict), remedy="Set it to pass, fail or undo.")
    if not options["name"].strip():
        yield Problem(what="NAME", why=_why(""), remedy="Set it to the name of the check, or to its category.")
    if not re.fullmatch(r"[0-9a-f]{40}", sha):
        remedy = "Set it to 40 hexadecimal digits, as `git rev-parse HEAD` prints them."
        yield Problem(what="--sha", why=_why(sha), remedy=remedy)
    if not one_line(options["by"]):
        yield Problem(what="--by", why=_why(""), remedy="Set it to the name of the person who has decided.")


def _why(value: str) -> str:
    return f'"{value}" is not allowed.' if value else "it is not set."
