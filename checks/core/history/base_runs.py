"""The port for reading the check runs of the base."""

from __future__ import annotations

from typing import Protocol

from ..model.check_run import CheckRun, RemoteCheckRun


class BaseUnavailableError(Exception):
    """The base, or what came before it, cannot be read. The message is the reason, as half a sentence."""


class BaseRuns(Protocol):
    """What GitHub has of the base, for some seconds. Every call may raise `BaseUnavailableError`."""

    def merge_base(self, branch: str, head: str) -> str:
        """Return the commit where `head` branched off `branch`."""

    def of_commit(self, commit: str, name: str) -> tuple[RemoteCheckRun, ...]:
        """Return the App's check runs of that name on a commit, oldest first."""

    def nearest_ancestor(self, commit: str, own: CheckRun) -> str:
        """Return the nearest ancestor of a commit with complete results of the tests of `own`; empty without one."""

    def file(self, commit: str, path: str) -> str | None:
        """Return the text of a file at a commit; None if that commit does not have it."""

    def branch_of(self, commit: str) -> str:
        """Return the branch that a commit was pushed to first, as the App's check suite names it; may be empty."""

    def close(self) -> None:
        """Close the connection."""
