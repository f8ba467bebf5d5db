"""GitHub's words: a check run, its output and its annotations (https://docs.github.com/rest/checks/runs)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from .identity import Identity, RunKind


class Status(StrEnum):
    """The status of a check run."""

    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


class Conclusion(StrEnum):
    """The conclusion of a completed check run. ``stale`` is missing because only GitHub can set it."""

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
    """An annotation at a line of the reported commit.

    `path` is relative to the repository's root and tracked there. `line` is 1-based. Texts are redacted and complete:
    `core.github.payload` truncates them to GitHub's limits. `cause` is the number of a failure's cause, else 0, and
    `owners` are its owners. `key` is the `TestKey` of a failing test whose id is the same in every run, else 0, and
    `base` what the base says about it: a `BaseState`, or empty.
    """

    path: str
    line: int
    level: AnnotationLevel
    title: str
    message: str
    raw_details: str = ""
    cause: int = 0
    owners: tuple[str, ...] = ()
    key: int = 0
    base: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckAction:
    """A button of a completed check run."""

    label: str
    description: str
    identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Title, summary and text, as redacted Markdown. Every update replaces all three.

    `record` is what later runs read of the tests (`core.history`): a line that GitHub has at the end of the text.
    `footer` is the end of the summary that stays if the summary is truncated for a further footer.
    """

    title: str
    summary: str
    text: str = ""
    record: str = ""
    footer: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRun:
    """The content of a check run at one moment, without its annotations.

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
    """A check run as its publisher knows it. `page` is its URL for people, or empty."""

    id: str
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteCheckRun:
    """A check run as the API returns it.

    Attributes:
        app: the App's numeric id and its client id.
        head_branch: the branch of its suite; empty for a fork's commit or one that is on no branch.
        identity: None if this project did not write its external id.
        conclusion: None until it is completed, and for a conclusion that only GitHub can set.
        started_at: seconds since the epoch, UTC.
        page: its URL for people.
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

    @property
    def is_manual(self) -> bool:
        """Whether a person decides the check."""
        return self.identity is not None and self.identity.kind is RunKind.MANUAL
