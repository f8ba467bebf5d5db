"""A manual check: one that a person passes or fails."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class VerdictAction(StrEnum):
    """What a person does with a manual check; also the identifiers of its buttons."""

    PASS = "manual-pass"  # noqa: S105 - no password
    FAIL = "manual-fail"
    UNDO = "manual-undo"


class VerdictSource(StrEnum):
    """How a request reached us."""

    BUTTON = "button"
    #: GitHub's own button.
    RERUN = "re-run"
    COMMENT = "comment"
    TERMINAL = "terminal"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRequest:
    """A person's request to pass or fail a manual check, or to ask again.

    Attributes:
        by: the person's login; from a terminal, any name.
        at: seconds since the epoch, UTC.
        event: the id of the comment, or of the check run with the button; empty from a terminal.
        page: the URL of that comment or check run for people, or empty.
        reason: one line, or empty.
    """

    action: VerdictAction
    by: str
    at: float
    source: VerdictSource
    event: str = ""
    page: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualRecord:
    """What is recorded in a manual check's run. Its conclusion, title and buttons follow from it.

    Attributes:
        request: the last request; None if there was none.
        commit: the commit on which the request was made; another than the check run's if the verdict was carried over.
        instructions: the digest of the instructions that the person had.
        is_fork: whether a fork's commit was checked.
    """

    instructions: str
    request: VerdictRequest | None = None
    commit: str = ""
    is_fork: bool = False

    @property
    def verdict(self) -> VerdictRequest | None:
        """The request that passed or failed the check; None while the check waits for one."""
        return None if self.request is None or self.request.action is VerdictAction.UNDO else self.request

    @property
    def has_passed(self) -> bool:
        """Whether a person has passed the check."""
        return self.request is not None and self.request.action is VerdictAction.PASS
