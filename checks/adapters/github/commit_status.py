"""Writes the commit status that repeats a check run's state."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from ...core.github import commit_status
from ...core.github.commit_status import CommitState
from ...core.model.check_run import CheckRun, Published
from .client import STATUS_PERMISSIONS, GithubApi
from .retrying import RefusedError, Request

#: How long the last state is tried: the check run's remaining annotations wait for it.
_LAST_STATE_SECONDS = 10.0


class CommitStatuses:
    """The statuses that `api` writes, with a token of their own in the case of an App, requested when it is needed."""

    def __init__(self, api: GithubApi) -> None:
        self._checks_api = api

    @cached_property
    def _api(self) -> GithubApi:
        return self._checks_api.with_permissions(STATUS_PERMISSIONS)

    def write(self, published: Published, run: CheckRun, *, until: float) -> None:
        """Write the status of a check run. Raises `RefusedError`, whose message is about statuses."""
        path = f"/repos/{self._api.repository}/statuses/{run.head_sha}"
        # The check run's updates wait for the response.
        request = Request(method="POST", path=path, body=commit_status.body(run, published.page), is_hurried=True)
        try:
            self._api.ask(request, until=until)
        except RefusedError as error:
            text = commit_status.sentence(
                error.error_kind, error.failure or str(error), run, self._api.repository, is_app=bool(self._api.app_id)
            )
            raise RefusedError(error.error_kind, text) from error


class JobCommitStatus:
    """Writes the commit status of one job's check run. If GitHub refuses it, `log` receives a line."""

    def __init__(self, api: GithubApi, log: Callable[[str], None]) -> None:
        self._retry_policy = api.retry_policy
        self._statuses = CommitStatuses(api)
        self._log = log
        self._written: CommitState | None = None
        self._is_off = False

    def set(self, published: Published, run: CheckRun) -> bool:
        """Write the status if the run wants one and its state is another one; return whether that is settled.

        The first state is tried once, as the check run's updates wait for it. A refusal turns the status off.
        """
        state = commit_status.state(run)
        if self._is_off or not run.identity.has_commit_status or state is self._written:
            return True
        is_last = state is not CommitState.PENDING
        until = self._retry_policy.clock.monotonic() + (_LAST_STATE_SECONDS if is_last else 0.0)
        try:
            self._statuses.write(published, run, until=until)
        except RefusedError as error:
            self._is_off = not error.is_temporary
            if self._is_off or is_last:
                self._log(str(error))
            return self._is_off
        self._written = state
        return True
