"""The state that is looked up for an intent, and the decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..events.intent_types import RepositoryRef
from ..model.check_run import Conclusion, RemoteCheckRun
from ..model.delivery import DeliveryResult
from ..model.rerun import RerunScope


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The commit and workflow file (in ``.github/workflows``) of a workflow run.

    `repository` is empty if it was deleted, as a fork may be. `branch` may be a tag. `event` is what triggered the run.
    """

    repository: str
    branch: str
    head_sha: str
    workflow: str
    event: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryState:
    """What was looked up to decide on an intent.

    Attributes:
        permission: the sender's permission in the repository: ``admin``, ``write``, ``read`` or ``none``.
        runs: the App's check runs on the intent's commit (or commits), newest last.
        base_runs: the App's check runs on the base commit.
        base_events: the triggers of their workflow runs by run id, as far as known.
        origin: the check run's workflow run, if the event does not name a branch.
    """

    permission: str = "none"
    runs: tuple[RemoteCheckRun, ...] = ()
    base_runs: tuple[RemoteCheckRun, ...] = ()
    base_events: Mapping[str, str] = field(default_factory=dict)
    origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One check run to re-run. `queued` is the id of an existing placeholder run for it, else empty."""

    run: RemoteCheckRun
    scope: RerunScope
    queued: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRerun:
    """Create a placeholder run for each order, and start their workflows at `ref`, a branch or tag."""

    repository_ref: RepositoryRef
    orders: tuple[Order, ...]
    ref: str
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
