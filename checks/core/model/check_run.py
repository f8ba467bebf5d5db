"""GitHub's words: a check run, its output and its annotations (https://docs.github.com/rest/checks/runs)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .identity import Identity


class Status(StrEnum):
    """Where a check run is in its life."""

    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


class Conclusion(StrEnum):
    """How a completed check run ended; ``stale`` is missing because only GitHub may set it."""

    SUCCESS = "success"
    FAILURE = "failure"
    NEUTRAL = "neutral"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    TIMED_OUT = "timed_out"
    ACTION_REQUIRED = "action_required"

    @property
    def passes(self) -> bool:
        """Whether a required check with this conclusion lets a pull request merge."""
        return self in (Conclusion.SUCCESS, Conclusion.NEUTRAL, Conclusion.SKIPPED)


class AnnotationLevel(StrEnum):
    """GitHub's three levels."""

    NOTICE = "notice"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One remark at a line of the reported commit.

    `path` is relative to the repository's root and tracked there; lines are 1-based. Texts are whole
    and redacted here: `translate.payload` alone cuts them to GitHub's limits.
    """

    path: str
    line: int
    level: AnnotationLevel
    title: str
    message: str
    raw_details: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckAction:
    """A button of a completed check run."""

    label: str
    description: str
    identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Title, summary and text: Markdown, redacted; every update replaces all three."""

    title: str
    summary: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRun:
    """What a check run says at one moment; annotations are sent beside it, in batches.

    `started_at` and `completed_at` are seconds since the epoch, UTC. `conclusion` is set if and only if
    `status` is completed.
    """

    name: str
    head_sha: str
    identity: Identity
    details_url: str
    status: Status
    output: Output
    started_at: float
    completed_at: float | None = None
    conclusion: Conclusion | None = None
    actions: tuple[CheckAction, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A check run as its publisher knows it; `page` is its address for people, empty where it has none."""

    id: str
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteCheckRun:
    """What is told of it.

    Attributes:
        app: the App's numeric id and its client id.
        head_branch: the branch of its suite; empty where the commit is a fork's, or on none.
        identity: None if its external id is not ours.
        conclusion: None while it is not completed, and for a conclusion that only GitHub gives.
        started_at: seconds since the epoch, UTC.
        page: its address for people.
    """

    id: str
    app: tuple[str, str]
    name: str
    head_sha: str
    head_branch: str
    identity: Identity | None
    status: Status
    conclusion: Conclusion | None
    output: Output
    started_at: float
    page: str
    details_url: str = ""
