"""A re-run, as the workflow input ``rerun`` describes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RerunScope(StrEnum):
    """Which tests of a category are re-run; also the identifiers of the two buttons."""

    FAILED = "rerun-failed"
    ALL = "rerun-all"


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRerun:
    """One category to re-run.

    Attributes:
        category: as in the external id, where a very long one is truncated.
        name: the name of the check run.
        queued: the id of the queued check run that waits for these results.
        earlier: the id of the previous check run.
        scope: which tests are re-run.
    """

    category: str
    name: str
    queued: str
    earlier: str
    scope: RerunScope


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerun:
    """The input ``rerun`` of a workflow.

    Attributes:
        sha: the commit to check out: the one that the previous run tested, which may be a merge of `head`.
        head: the commit of the check runs.
        pull_request: the number of the pull request whose comment shows them; 0 without one.
    """

    sha: str
    head: str
    categories: tuple[CategoryRerun, ...]
    pull_request: int = 0
