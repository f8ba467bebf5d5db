"""The port for the comments of one pull request."""

from __future__ import annotations

from typing import Protocol

from ..model.check_run import RemoteCheckRun
from .decide import Comment, CommentChange


class CommentedPullRequest(Protocol):
    """One pull request on GitHub. Every method but the last may raise `ports.PublishError`."""

    def runs(self, commit: str) -> tuple[RemoteCheckRun, ...]:
        """Return the App's check runs on a commit that are this project's; with a token, those of every App."""

    def comments(self) -> tuple[Comment, ...]:
        """Return all comments, oldest first."""

    def head(self) -> str:
        """Return the last commit of the pull request."""

    def write(self, change: CommentChange) -> None:
        """Write a change, in one attempt. What is already gone counts as deleted, and is not updated."""

    def remaining_seconds(self) -> float:
        """Return the seconds left until the deadline."""
