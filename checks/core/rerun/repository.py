"""What re-runs ask of GitHub in one repository; the Protocol with one real edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ..model.check_run import CheckRun, Published, RemoteCheckRun
from .decision import Origin


class NotDispatchedError(Exception):
    """GitHub will not start the workflow; its text is one sentence for people, with the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatched:
    """A workflow that was started: its run and that one's page, empty where the server does not tell."""

    run_id: str = ""
    page: str = ""


class RerunRepository(Protocol):
    """One repository; every call may raise `ports.PublishError`."""

    def permission(self, login: str) -> str:
        """Somebody's in the repository: ``admin``, ``maintain``, ``write``, ``triage``, ``read`` or ``none``."""

    def runs(self, commit: str, *, name: str = "", only_latest: bool = False) -> tuple[RemoteCheckRun, ...]:
        """The App's check runs on a commit, the latest last; those of `name`, where it is given."""

    def incomplete_runs(self, commit: str) -> tuple[RemoteCheckRun, ...]:
        """Those of them that are queued or in progress."""

    def origin(self, run_id: str) -> Origin | None:
        """Of a workflow run; None where that is gone."""

    def last_success(self, workflow: str) -> float:
        """When the last successful run of a workflow's file began, in seconds since the epoch; 0.0 if none did."""

    def create(self, run: CheckRun) -> Published:
        """Put up a check run whose external id no other has."""

    def update(self, published: Published, run: CheckRun) -> None:
        """Replace what a check run says."""

    def dispatch(self, workflow: str, ref: str, rerun: str) -> Dispatched:
        """Start a workflow with the input ``rerun``. Raises `NotDispatchedError`."""

    def remaining_seconds(self) -> float:
        """How long until all must be done."""

    def can_write(self, writes: int) -> bool:
        """Whether GitHub's limits and our time let us write so often now; may wait for it."""
