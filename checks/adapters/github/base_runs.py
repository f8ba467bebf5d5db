"""Reads the check runs of the base from GitHub, with a token that can write nothing."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from urllib.parse import quote

from ...core.github.error_kind import ErrorKind
from ...core.github.parse_run import mapping, text
from ...core.history import ancestors
from ...core.history.base_runs import BaseUnavailableError
from ...core.model.check_run import CheckRun, RemoteCheckRun
from .client import GithubApi
from .reading import Reading
from .retrying import RefusedError, Request
from .runs import CheckRuns

#: For all requests together. Failing tests wait for the base that long.
SECONDS = 3
_NOT_COMPARED = "Results are not compared with the base"
_NO_QUARANTINE = "Nothing is quarantined"
_NO_ANCESTOR = "The base has no results, and its ancestors are not looked at"


class GithubBaseRuns:
    """The `BaseRuns` of a repository. For the parameters see `Reading`."""

    def __init__(self, api: GithubApi, log: Callable[[str], None], is_cancelled: Callable[[], bool]) -> None:
        self._reading = Reading(api, log, is_cancelled)

    def merge_base(self, branch: str, head: str) -> str:
        """See `BaseRuns.merge_base`. The second page has no list of changed files.

        https://docs.github.com/rest/commits/commits#compare-two-commits
        """
        path = f"/repos/{self._api.repository}/compare/{quote(branch, safe='/')}...{head}"
        query = {"per_page": 1, "page": 2}
        request = Request(method="GET", path=path, query=query, keys=("merge_base_commit",))
        return text(mapping(self._reading.of_commits(request, _NOT_COMPARED), "merge_base_commit"), "sha")

    def of_commit(self, commit: str, name: str) -> tuple[RemoteCheckRun, ...]:
        """See `BaseRuns.of_commit`. A running re-run would hide its predecessor from the filter ``latest``."""
        query = {"filter": "all", "check_name": name}
        with self._reading.errors("Checks: read", _NOT_COMPARED):
            return CheckRuns(self._api).of_commit(commit, query, until=self._reading.until)

    def nearest_ancestor(self, commit: str, own: CheckRun) -> str:
        """See `BaseRuns.nearest_ancestor`."""
        variables = ancestors.variables(self._api.repository, commit, own.name)
        answer = self._reading.graphql(ancestors.QUERY, variables, _NO_ANCESTOR)
        return ancestors.nearest_with_results(mapping(answer, "data"), commit, own)

    def file(self, commit: str, path: str) -> str | None:
        """See `BaseRuns.file`. GitHub sends files up to 1 MB.

        https://docs.github.com/rest/repos/contents#get-repository-content
        """
        request = Request(
            method="GET",
            path=f"/repos/{self._api.repository}/contents/{quote(path)}",
            query={"ref": commit},
            keys=("content", "encoding"),
        )
        try:
            content = self._reading.of_commits(request, _NO_QUARANTINE)
        except BaseUnavailableError as error:
            if isinstance(error.__cause__, RefusedError) and error.__cause__.error_kind is ErrorKind.NOT_FOUND:
                return None
            raise
        if text(content, "encoding") != "base64":
            raise BaseUnavailableError("the file is larger than 1 MB")
        return b64decode(text(content, "content")).decode(errors="replace")

    def branch_of(self, commit: str) -> str:
        """See `BaseRuns.branch_of`. Empty with a token: GitHub Actions has several suites on a commit."""
        if not self._api.app_id:
            return ""
        with self._reading.errors("Checks: read", _NOT_COMPARED):
            branches = CheckRuns(self._api).branches_of_apps(commit, until=self._reading.until)
            return next((branch for app, branch in branches.items() if self._api.is_own(app)), "")

    def close(self) -> None:
        """See `BaseRuns.close`."""
        self._api.close()

    @property
    def _api(self) -> GithubApi:
        return self._reading.api
