"""What an event of GitHub's asks for."""

from __future__ import annotations

from dataclasses import dataclass

from ..model.check_run import RemoteCheckRun
from ..model.rerun import RerunScope


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryRef:
    """Where an intent is carried out: ``owner/name``, and the App's installation there where that is told."""

    full_name: str
    installation_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RerunRequested:
    """`sender` has pressed a button of `run`: one of ours, or (`is_native`) GitHub's own."""

    repository_ref: RepositoryRef
    sender: str
    run: RemoteCheckRun
    which: RerunScope
    is_native: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteRerequested:
    """`sender` has asked GitHub at `asked_at` (seconds since the epoch) to run a commit's checks again."""

    repository_ref: RepositoryRef
    sender: str
    head_sha: str
    head_branch: str
    asked_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRunCompleted:
    """A workflow run came to its end: what of ours waits for it waits in vain.

    `commits` may have its check runs: its own, and the one that its display title names. `dispatched_at` is when it
    was started by ``workflow_dispatch``, in seconds since the epoch; 0.0 where something else has started it.
    """

    repository_ref: RepositoryRef
    run_id: str
    attempt: int
    workflow: str
    conclusion: str
    commits: tuple[str, ...]
    page: str
    dispatched_at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitPushed:
    """A commit was pushed; `base_sha` is what it is to be merged into, or followed."""

    repository_ref: RepositoryRef
    head_sha: str
    base_sha: str


Intent = RerunRequested | SuiteRerequested | WorkflowRunCompleted | CommitPushed
