"""What is looked up for an intent, and what is decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..events.intent_types import RepositoryRef
from ..model.check_run import Conclusion, RemoteCheckRun
from ..model.delivery import DeliveryResult
from ..model.rerun import RerunScope


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a workflow run's commit is from, and the workflow's file in ``.github/workflows``.

    `repository` is empty where that is gone, as a fork may be. `branch` may be a tag. `event` started it.
    """

    repository: str
    branch: str
    head_sha: str
    workflow: str
    event: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryState:
    """What was looked up for a wish.

    Attributes:
        permission: the sender's in the repository: ``admin``, ``write``, ``read`` or ``none``.
        runs: the App's check runs on the intent's commit (or commits), the latest last.
        base_runs: those on the base commit.
        base_events: what started their workflow runs, by those ids, as far as that is known.
        origin: of the run's workflow run, where the event tells no branch.
    """

    permission: str = "none"
    runs: tuple[RemoteCheckRun, ...] = ()
    base_runs: tuple[RemoteCheckRun, ...] = ()
    base_events: Mapping[str, str] = field(default_factory=dict)
    origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One check run to run again; `queued` is the id of the run that already waits for that, else empty."""

    run: RemoteCheckRun
    which: RerunScope
    queued: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRerun:
    """Put up a queued run for each, and start their workflows at `ref`, a branch or tag."""

    repository_ref: RepositoryRef
    orders: tuple[Order, ...]
    ref: str
    sender: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepublishVerdict:
    """Put up a run that repeats the verdict of `run` and says why it was not run again.

    `has_buttons`: whether somebody else, or somebody later, may have it run again.
    """

    repository_ref: RepositoryRef
    run: RemoteCheckRun
    reason: str
    has_buttons: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """A run that nobody will complete, how it is to end, and why."""

    run: RemoteCheckRun
    conclusion: Conclusion
    title: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteOrphans:
    """Complete what was lost."""

    repository_ref: RepositoryRef
    orphans: tuple[Orphan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueExpected:
    """Put up a queued run on `head_sha` for each of these of its base."""

    repository_ref: RepositoryRef
    runs: tuple[RemoteCheckRun, ...]
    head_sha: str


Decision = StartRerun | RepublishVerdict | CompleteOrphans | QueueExpected | DeliveryResult
