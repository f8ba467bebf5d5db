"""The port for reading what earlier commits have of a manual check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..model.check_run import RemoteCheckRun
from .carry import Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit, with its id in GitHub's GraphQL API."""

    sha: str
    node_id: str


class EarlierRuns(Protocol):
    """What GitHub has of earlier commits, for some seconds. Every call may raise `BaseUnavailableError`."""

    def commits(self, branch: str, head: str) -> tuple[Commit, ...]:
        """Return the commits of `head` that a branch does not have, and the one where `head` branched off.

        The nearest are first, without `head` itself.
        """

    def newest_of(self, commits: Sequence[Commit], name: str) -> Iterator[RemoteCheckRun]:
        """Yield the newest run of the manual check of that name of each commit that has one, in this order."""

    def of_commit(self, commit: str, name: str) -> tuple[RemoteCheckRun, ...]:
        """Return the App's check runs of that name on a commit, oldest first."""

    def changes(self, commit: str, head: str) -> Changes:
        """Return what has changed between two commits."""

    def head_of(self, pull_request: int) -> str:
        """Return the head commit of a pull request."""

    def close(self) -> None:
        """Close the connection."""
