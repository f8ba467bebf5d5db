"""What the job of a re-run asks of GitHub beyond its own check run. Other jobs do not load this module."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...adapters.github.checks import GithubChecks
from ...adapters.github.claimed_run import ClaimingPublisher
from ...adapters.github.client import RERUN_PERMISSIONS, GithubApi
from ...adapters.github.previous_runs import GithubPreviousRuns
from ...adapters.github.rerun_repository import GithubRerunRepository
from ...core.model.ports import Clock, Publisher, Spool
from ...core.model.rerun import CategoryRerun
from ...core.rerun.previous_run import PreviousRun
from .previous_run import look_up
from .tidy import tidy

#: For looking after other check runs at the end of the job.
_TIDY_SECONDS = 10.0


class RerunJob:
    """Acts as the App, through `api`; `open_api` opens another one with more permissions. `warn` logs a warning."""

    def __init__(
        self,
        category_rerun: CategoryRerun,
        api: GithubApi,
        open_api: Callable[[Mapping[str, str]], GithubApi],
        *,
        clock: Clock,
        warn: Callable[[str], None],
    ) -> None:
        self._category_rerun = category_rerun
        self._api = api
        self._open_api = open_api
        self._clock = clock
        self._warn = warn

    def claiming(self, checks: GithubChecks) -> Publisher:
        """Return a publisher that claims the check run that is queued for this job."""
        return ClaimingPublisher(self._api, checks, self._category_rerun, self._warn)

    def previous_run(self, spool: Spool) -> PreviousRun:
        """Return what the tests need from the check run that they follow."""
        return look_up(self._category_rerun, GithubPreviousRuns(self._api), spool)

    def tidy(self, commit: str) -> str:
        """Look after the other check runs on the commit; return what was done. Raises `PublishError`."""
        until = self._clock.monotonic() + _TIDY_SECONDS
        repository = GithubRerunRepository(self._open_api(RERUN_PERMISSIONS), until=until)
        return tidy(repository, self._api.repository, commit, self._clock)
