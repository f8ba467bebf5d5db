"""Reads the check runs of the base from GitHub, with a token that can write nothing."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from ...core.github.error_kind import ErrorKind
from ...core.github.parse_run import mapping, text
from ...core.history import ancestors
from ...core.history.base_runs import BaseUnavailableError
from ...core.model.check_run import CheckRun, RemoteCheckRun
from .client import READ_PERMISSIONS, GithubApi
from .retrying import RefusedError, Request
from .runs import CheckRuns

#: For what only GitHub knows about commits: the merge base, and ancestors.
COMPARE_PERMISSIONS = {**READ_PERMISSIONS, "contents": "read"}
#: For all requests together. Failing tests wait for the base that long.
SECONDS = 3
_LATE = f"GitHub did not answer within {SECONDS} s"
_NOT_FOUND = "GitHub does not find the commit"
_NOT_COMPARED = "Results are not compared with the base"
_NO_QUARANTINE = "Nothing is quarantined"
_NO_ANCESTOR = "The base has no results, and its ancestors are not looked at"
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
        self._until = api.retry_policy.until()
        self._has_contents = False

    def merge_base(self, branch: str, head: str) -> str:
        """See `BaseRuns.merge_base`. The second page has no list of changed files.

        https://docs.github.com/rest/commits/commits#compare-two-commits
        """
        path = f"/repos/{self._api.repository}/compare/{quote(branch, safe='/')}...{head}"
        query = {"per_page": 1, "page": 2}
        request = Request(method="GET", path=path, query=query, keys=("merge_base_commit",))
        return text(mapping(self._ask_for_commits(request, _NOT_COMPARED), "merge_base_commit"), "sha")

    def of_commit(self, commit: str, name: str) -> tuple[RemoteCheckRun, ...]:
        """See `BaseRuns.of_commit`. A running re-run would hide its predecessor from the filter ``latest``."""
        query = {"filter": "all", "check_name": name}
        with self._errors("Checks: read", _NOT_COMPARED):
            return CheckRuns(self._api).of_commit(commit, query, until=self._until)

    def nearest_ancestor(self, commit: str, own: CheckRun) -> str:
        """See `BaseRuns.nearest_ancestor`."""
        body = {"query": ancestors.QUERY, "variables": ancestors.variables(self._api.repository, commit, own.name)}
        answer = self._ask_for_commits(Request(method="POST", path=_graphql_path(self._api), body=body), _NO_ANCESTOR)
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
            content = self._ask_for_commits(request, _NO_QUARANTINE)
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
        with self._errors("Checks: read", _NOT_COMPARED):
            branches = CheckRuns(self._api).branches_of_apps(commit, until=self._until)
            return next((branch for app, branch in branches.items() if self._api.is_own(app)), "")

    def close(self) -> None:
        """See `BaseRuns.close`."""
        self._api.close()

    def _ask_for_commits(self, request: Request, otherwise: str) -> Mapping[str, Any]:
        """Send a request that needs another permission than check runs do, and get a token with it first."""
        if not self._has_contents:
            self._has_contents = True
            self._api = self._api.with_permissions(COMPARE_PERMISSIONS)
        with self._errors("Contents: read", otherwise):
            answer: Mapping[str, Any] = self._api.ask(request, until=self._until).data
            if any(text(error, "type") == "FORBIDDEN" for error in answer.get("errors") or ()):  # of GraphQL
                raise RefusedError(ErrorKind.PERMISSION, "")
            return answer

    @contextmanager
    def _errors(self, permission: str, otherwise: str) -> Iterator[None]:
        """Send a request if there is time, and translate its errors."""
        if self._is_cancelled():
            raise BaseUnavailableError("the job was cancelled")
        if self._api.retry_policy.clock.monotonic() >= self._until:
            raise BaseUnavailableError(_LATE)
        try:
            yield
        except RefusedError as error:
            reason = _REASONS.get(error.error_kind, _LATE)
            if error.error_kind is ErrorKind.PERMISSION:
                reason = f"the permission {permission} is missing"
                self._log(f"{otherwise}: {reason}.")
            raise BaseUnavailableError(reason) from error


def _graphql_path(api: GithubApi) -> str:
    """Return where GraphQL is: https://docs.github.com/enterprise-server/graphql/guides/forming-calls-with-graphql."""
    server, is_enterprise, _ = api.api_url.partition("/api/v3")
    return f"{server}/api/graphql" if is_enterprise else "/graphql"
