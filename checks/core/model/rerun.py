"""Our words: what is to run again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RerunScope(StrEnum):
    """Which tests of a category run again; also the identifiers of the two buttons."""

    FAILED = "rerun-failed"
    ALL = "rerun-all"


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRerun:
    """One category that is to run again.

    Attributes:
        category: as in the external id, so that a very long one is cut.
        name: the check run's.
        queued: the id of the check run that waits for these results.
        earlier: the id of the check run that it repeats.
    """

    category: str
    name: str
    queued: str
    earlier: str
    scope: RerunScope


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerun:
    """What a workflow that was started again is to do: its input ``rerun``.

    Attributes:
        sha: the commit to check out; the one that was tested before, which may be a merge of `head`.
        head: the commit that the check runs are on.
    """

    sha: str
    head: str
    categories: tuple[CategoryRerun, ...]
