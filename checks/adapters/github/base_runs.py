"""Reads the check runs of the base from GitHub, with a token that can write nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import quote

from ...core.github.error_kind import ErrorKind
from ...core.github.parse_run import mapping, text
from ...core.history.base_runs import BaseUnavailableError
from ...core.model.check_run import RemoteCheckRun
from .client import READ_PERMISSIONS, GithubApi
from .retrying import RefusedError, Request
from .runs import CheckRuns

#: With a merge base that only GitHub can find.
COMPARE_PERMISSIONS = {**READ_PERMISSIONS, "contents": "read"}
#: For all requests together. Failing tests wait for the base that long.
SECONDS = 3
_LATE = f"GitHub did not answer within {SECONDS} s"
_NOT_FOUND = "GitHub does not find the commit"
_PERMISSIONS = {"checks": "Checks: read", "contents": "Contents: read"}
_REASONS = {
    ErrorKind.NOT_FOUND: _NOT_FOUND,
    ErrorKind.INVALID: _NOT_FOUND,
    ErrorKind.RATE_LIMIT: "GitHub's rate limit allows no more requests",
    ErrorKind.CREDENTIALS: "GitHub does not accept the credentials",
}


class GithubBaseRuns:
    """The `BaseRuns` of a repository, for some seconds from now on; `api` is used by nothing else.

    `log` receives a line about a missing permission. No call sends requests once it `is_cancelled`.
    """

    def __init__(self, api: GithubApi, log: Callable[[str], None], is_cancelled: Callable[[], bool]) -> None:
        self._api = api
        self._is_cancelled = is_cancelled
        self._log = log
        self._runs = CheckRuns(api)
        self._until = api.retry_policy.until()

    def merge_base(self, branch: str, head: str) -> str:
        """See `BaseRuns.merge_base`. The second page has no list of changed files.

        https://docs.github.com/rest/commits/commits#compare-two-commits
        """
        path = f"/repos/{self._api.repository}/compare/{quote(branch, safe='/')}...{head}"
        query = {"per_page": 1, "page": 2}
        request = Request(method="GET", path=path, query=query, keys=("merge_base_commit",))
        with self._errors("contents"):
            comparison = self._api.ask(request, until=self._until).data
        return text(mapping(comparison, "merge_base_commit"), "sha")

    def of_commit(self, commit: str, name: str) -> tuple[RemoteCheckRun, ...]:
        """See `BaseRuns.of_commit`. A running re-run would hide its predecessor from the filter ``latest``."""
        with self._errors("checks"):
            return self._runs.of_commit(commit, {"filter": "all", "check_name": name}, until=self._until)

    def branch_of(self, commit: str) -> str:
        """See `BaseRuns.branch_of`. Empty with a token: GitHub Actions has several suites on a commit."""
        if not self._api.app_id:
            return ""
        with self._errors("checks"):
            branches = self._runs.branches_of_apps(commit, until=self._until)
            return next((branch for app, branch in branches.items() if self._api.is_own(app)), "")

    def close(self) -> None:
        """See `BaseRuns.close`."""
        self._api.close()

    @contextmanager
    def _errors(self, permission: str) -> Iterator[None]:
        """Send a request if there is time, and translate its errors."""
        if self._is_cancelled():
            raise BaseUnavailableError("the job was cancelled")
        if self._api.retry_policy.clock.monotonic() >= self._until:
            raise BaseUnavailableError(_LATE)
        try:
            yield
        except RefusedError as error:
            if error.error_kind is ErrorKind.PERMISSION:
                needed = _PERMISSIONS[permission]
                self._log(f"Results are not compared with the base: the permission {needed} is missing.")
                raise BaseUnavailableError(f"the permission {needed} is missing") from error
            raise BaseUnavailableError(_REASONS.get(error.error_kind, _LATE)) from error
