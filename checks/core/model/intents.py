"""The intents: what a webhook event asks for."""

from __future__ import annotations

from dataclasses import dataclass, field

from .check_run import RemoteCheckRun
from .manual import VerdictAction
from .rerun import RerunScope


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryRef:
    """A repository (``owner/name``) and the App's installation in it, None if the event does not name it.

    `id` is the repository's number in the delivery log.
    """

    full_name: str
    installation_id: int | None
    id: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RerunRequested:
    """`sender` clicked a re-run button of `run`: one of this action's, or GitHub's own (`is_native`)."""

    repository_ref: RepositoryRef
    sender: str
    run: RemoteCheckRun
    scope: RerunScope
    is_native: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteRerequested:
    """`sender` asked GitHub to re-run all checks of a commit at `asked_at` (seconds since the epoch)."""

    repository_ref: RepositoryRef
    sender: str
    head_sha: str
    head_branch: str
    asked_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRunCompleted:
    """A workflow run completed, so nothing will complete the check runs that still wait for it.

    `commits` may have its check runs: its own commit, and the one that its display title names. `dispatched_at` is when
    ``workflow_dispatch`` started it (seconds since the epoch), or 0.0 for any other trigger. `searched_since` is when
    it began if its jobs may have reported on any commit, otherwise 0.0.
    """

    repository_ref: RepositoryRef
    run_id: str
    attempt: int
    workflow: str
    conclusion: str
    commits: tuple[str, ...]
    page: str
    dispatched_at: float = 0.0
    searched_since: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitPushed:
    """A commit was pushed.

    `base` is the base commit of its pull request, else the previous commit of its branch, else the default branch.
    """

    repository_ref: RepositoryRef
    head_sha: str
    base: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRequested:
    """`sender` clicked a button of `run`, a manual check's: one of this action's, or GitHub's own (`is_native`)."""

    repository_ref: RepositoryRef
    sender: str
    run: RemoteCheckRun
    action: VerdictAction
    is_native: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkUpdated:
    """The `pull_request` with this number, which comes from a fork, was opened or has other commits.

    `base_sha` is the commit of the base branch that it was last compared with.
    """

    repository_ref: RepositoryRef
    pull_request: int
    head_sha: str
    base_sha: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentPosted:
    """`sender` wrote a comment with commands in the pull request `number`.

    `comment_id` and `body` are the comment's. `created_at` is in seconds since the epoch, `page` its URL for people.
    """

    repository_ref: RepositoryRef
    sender: str
    number: int
    comment_id: str
    body: str
    created_at: float
    page: str


#: What `core.rerun.decide` decides on.
RerunIntent = RerunRequested | SuiteRerequested | WorkflowRunCompleted | CommitPushed
#: What `core.manual.decide_event` decides on.
ManualIntent = VerdictRequested | ForkUpdated
Intent = RerunIntent | ManualIntent | CommentPosted
