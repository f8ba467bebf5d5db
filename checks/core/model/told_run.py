"""A check run of ours as GitHub tells of it, in an event or a list."""

from __future__ import annotations

from dataclasses import dataclass

from .check_run import Conclusion, Output, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRun:
    """What is told of it.

    Attributes:
        app: the App's numeric id and its client id.
        head_branch: the branch of its suite; empty where the commit is a fork's, or on none.
        conclusion: None while it is not completed, and for a conclusion that only GitHub gives.
        started_at: seconds since the epoch, UTC.
        page: its address for people.
    """

    id: str
    app: tuple[str, str]
    name: str
    head_sha: str
    head_branch: str
    external_id: str
    status: Status
    conclusion: Conclusion | None
    output: Output
    started_at: float
    page: str
