"""The check runs of earlier commits of a branch, and the port for reading them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from ..github.external_id import canonical
from ..model.check_run import CheckRun, RemoteCheckRun
from ..model.history import Record
from ..model.identity import Identity, RunKind

#: How many commits are looked at.
MOST_COMMITS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Which check runs are read: those of one name, workflow and category. None is any."""

    name: str
    workflow: str | None = None
    category: str | None = None

    @classmethod
    def of_run(cls, run: CheckRun) -> Check:
        """Return the check that `run` is a run of."""
        return cls(name=run.name, workflow=run.identity.workflow, category=run.identity.category)

    def has_results(self, identity: Identity | None) -> bool:
        """Whether a check run with this identity has complete results of this check's tests on its own commit."""
        expected = canonical(Identity(workflow=self.workflow or "", category=self.category or ""))
        return (
            identity is not None
            and identity.kind is RunKind.COMPLETE
            and not identity.tested
            and (self.category is None or identity.category == expected.category)
            and (self.workflow is None or identity.workflow == expected.workflow)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """A completed check run with complete results, and its record, which is believed."""

    run: RemoteCheckRun
    record: Record

    @property
    def is_rerun(self) -> bool:
        """Whether it follows another check run, and perhaps repeats results of it."""
        return self.run.identity is not None and bool(self.run.identity.earlier)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCommit:
    """A commit of the branch with its `runs`, oldest first; there may be none."""

    commit: str
    runs: tuple[PastRun, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LookBack:
    """The last commits of a branch along first parents, the newest first. `branch` is its name; may be empty."""

    commits: tuple[PastCommit, ...] = ()
    branch: str = ""

    def newest_runs(self) -> Iterator[PastRun]:
        """Yield all runs, the newest first."""
        for commit in self.commits:
            yield from reversed(commit.runs)


class PastRuns(Protocol):
    """What GitHub has of earlier commits. Every call may raise `BaseUnavailableError`."""

    def look_back(self, start: str, check: Check, limit: int = MOST_COMMITS) -> LookBack:
        """Return the commit `start` and its first-parent ancestors, at most `limit`; `start` may be a branch."""

    def close(self) -> None:
        """Close the connection."""
