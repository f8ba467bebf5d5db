"""The port for starting re-runs in one repository."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from ..comment.conversation import Conversation
from ..comment.repository import CommentedPullRequest
from ..model.check_run import CheckRun, Published, RemoteCheckRun
from ..model.intents import RepositoryRef
from .decision import Origin


class NotDispatchedError(Exception):
    """GitHub refused to start the workflow. The message is one line for users, with the remedy."""


class MissingRefError(NotDispatchedError):
    """The branch or tag does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatched:
    """A started workflow run: its id and page, empty if the server does not return them."""

    run_id: str = ""
    page: str = ""


class RerunRepository(Protocol):
    """One repository on GitHub. Every method may raise `ports.PublishError`."""

    def permission(self, login: str) -> str:
        """Return a user's role: ``admin``, ``maintain``, ``write``, ``triage``, ``read`` or ``none``."""

    def runs(self, commit: str, *, name: str = "", only_latest: bool = False) -> tuple[RemoteCheckRun, ...]:
        """Return the App's check runs on a commit, newest last, optionally only those called `name`."""

    def incomplete_runs(self, commit: str) -> tuple[RemoteCheckRun, ...]:
        """Return the App's check runs on a commit that are queued or in progress."""

    def origin(self, run_id: str) -> Origin | None:
        """Return a workflow run, or None if it was deleted. All fields are empty if the App may not read it."""

    def dispatched_runs(self, workflow: str, since: float) -> tuple[Origin, ...]:
        """Return the runs of a workflow file that were dispatched since `since`, newest first."""

    def last_success(self, workflow: str) -> float:
        """Return when the last successful run of a workflow file began, in seconds since the epoch, or 0.0."""

    def create(self, run: CheckRun) -> Published:
        """Create a check run. Its external id must be unique on the commit."""

    def update(self, published: Published, run: CheckRun) -> Published:
        """Replace the state and output of a check run; return it with its page."""

    def set_commit_status(self, published: Published, run: CheckRun) -> str:
        """Repeat a completed run's conclusion as a commit status, if it has one. Return why not; never raises."""

    def commented(self, pull_request: int) -> CommentedPullRequest:
        """Return the pull request with this number, for its comment."""

    def conversation(self, pull_request: int) -> Conversation:
        """Return the pull request with this number, for commands in its comments."""

    def dispatch(self, workflow: str, ref: str, rerun: str) -> Dispatched:
        """Start a workflow with the input ``rerun``. Raises `NotDispatchedError`."""

    def remember(self, run_id: str, dispatched: Dispatched) -> None:
        """Keep in memory that a workflow was dispatched for a check run, or that GitHub refused to."""

    def was_dispatched(self, run_id: str) -> bool:
        """Whether this process has dispatched a workflow for a check run, or reported why it could not."""

    def now(self) -> float:
        """Return the time in seconds since the epoch, by GitHub's clock once it has answered."""

    def remaining_seconds(self) -> float:
        """Return the seconds left until the deadline."""

    def can_write(self, writes: int) -> bool:
        """Whether the rate limits and the deadline allow so many writes now. May wait for it."""

    def has_room(self, writes: int) -> bool:
        """Whether the rate limits allow so many writes at once."""


#: Opens a repository for somebody who needs at least this many writes. Those who need none wait for the others.
RepositoryFor = Callable[[RepositoryRef, int], AbstractContextManager[RerunRepository]]
