"""The state that is looked up for an intent, and the decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..model.check_run import Conclusion, RemoteCheckRun
from ..model.delivery import DeliveryResult
from ..model.intents import RepositoryRef
from ..model.rerun import RerunScope


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A workflow run: its commit, its file (in ``.github/workflows``) and its state.

    `repository` is empty if it was deleted, as a fork may be. `branch` may be a tag. `event` is what triggered the run.
    `status` is empty if the App may not read workflow runs. `attempt` is the latest one.
    """

    repository: str
    branch: str
    head_sha: str
    workflow: str
    event: str = ""
    status: str = ""
    conclusion: str = ""
    attempt: int = 1
    page: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing of the workflow run will run any more."""
        return self.status == "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryState:
    """What was looked up to decide on an intent.

    Attributes:
        permission: the sender's permission in the repository: ``admin``, ``write``, ``read`` or ``none``.
        runs: the App's check runs on the intent's commit (or commits), newest last.
        base_runs: the App's check runs on the base commit.
        origins: the workflow runs that were looked up, by id; None for one that was deleted.
    """

    permission: str = "none"
    runs: tuple[RemoteCheckRun, ...] = ()
    base_runs: tuple[RemoteCheckRun, ...] = ()
    origins: Mapping[str, Origin | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One check run to re-run. `queued` is the id of an existing placeholder run for it, else empty.

    `refs` are the branches or tags at which its workflow may be started, the best first.
    """

    run: RemoteCheckRun
    scope: RerunScope
    queued: str = ""
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRerun:
    """Create a placeholder run for each order, and start their workflows."""

    repository_ref: RepositoryRef
    orders: tuple[Order, ...]
    sender: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepublishVerdict:
    """Create a check run that repeats the verdict of `run` and says why it was not re-run.

    `has_buttons`: whether another user, or a later click, may succeed.
    """

    repository_ref: RepositoryRef
    run: RemoteCheckRun
    reason: str
    has_buttons: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """A check run that nobody else will complete, and how to complete it."""

    run: RemoteCheckRun
    conclusion: Conclusion
    title: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteOrphans:
    """Complete the orphans."""

    repository_ref: RepositoryRef
    orphans: tuple[Orphan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueExpected:
    """Create a queued check run on `head_sha` for each of `runs`, which are on its base commit."""

    repository_ref: RepositoryRef
    runs: tuple[RemoteCheckRun, ...]
    head_sha: str


Decision = StartRerun | RepublishVerdict | CompleteOrphans | QueueExpected | DeliveryResult
