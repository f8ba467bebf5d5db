"""The port for a pull request in which somebody has written commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .decide import Comment, CommentChange


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedComment:
    """A comment as GitHub has it now. Times are in seconds since the epoch."""

    body: str
    author: str
    created_at: float
    updated_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request: its last commit, and whether it is open.

    `pushed_at` is when somebody last pushed to its fork (seconds since the epoch); 0.0 if it comes from no fork.
    """

    head: str
    is_open: bool
    pushed_at: float = 0.0


class Conversation(Protocol):
    """One pull request and its comments. Every method may raise `ports.PublishError`."""

    def comment(self, comment_id: str) -> PostedComment | None:
        """Return a comment; None if it was deleted."""

    def comments_since(self, since: float) -> tuple[Comment, ...]:
        """Return the comments that were written or changed since then (seconds since the epoch), oldest first."""

    def pull_request(self) -> PullRequest:
        """Return the pull request."""

    def commits(self) -> tuple[str, ...]:
        """Return the commits of the pull request; GitHub lists at most 250."""

    def write(self, change: CommentChange) -> None:
        """Create or delete a comment, in one attempt. One that is gone counts as deleted."""

    def react(self, comment_id: str) -> None:
        """Add the reaction ``+1`` to a comment, which may have it already."""
