"""Requests about earlier commits, with tokens that can write nothing, within a limited time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ...core.github.error_kind import ErrorKind
from ...core.github.parse_run import mapping, text
from ...core.history.base_runs import BaseUnavailableError
from .client import READ_PERMISSIONS, GithubApi
from .retrying import RefusedError, Request

#: For what only GitHub knows about commits: the merge base, and ancestors.
COMPARE_PERMISSIONS = {**READ_PERMISSIONS, "contents": "read"}
_NOT_FOUND = "GitHub does not find the commit"
_RATE_LIMITED = "GitHub's rate limit allows no more requests"
_REASONS = {
    ErrorKind.NOT_FOUND: _NOT_FOUND,
    ErrorKind.INVALID: _NOT_FOUND,
    ErrorKind.RATE_LIMIT: _RATE_LIMITED,
    ErrorKind.CREDENTIALS: "GitHub does not accept the credentials",
}
#: Of errors in answers to GraphQL, whose status is 200.
_GRAPHQL_KINDS = {"FORBIDDEN": ErrorKind.PERMISSION, "RATE_LIMITED": ErrorKind.RATE_LIMIT}

_REFUSALS = {ErrorKind.PERMISSION, ErrorKind.FORBIDDEN, ErrorKind.NOT_FOUND, ErrorKind.INVALID}


def is_refusal(error: BaseUnavailableError) -> bool:
    """Whether GitHub refuses this request, and not everything."""
    return isinstance(error.__cause__, RefusedError) and error.__cause__.error_kind in _REFUSALS


class Reading:
    """Requests that end at `until`, one budget of the retry policy from now on; `api` is used by nothing else.

    `log` receives a line about a missing permission, which begins with what is done `otherwise`; without that, no line.
    No request is sent once it `is_cancelled`.
    """

    def __init__(self, api: GithubApi, log: Callable[[str], None], is_cancelled: Callable[[], bool]) -> None:
        self.api = api
        self.until = api.retry_policy.until()
        self._late = f"GitHub did not answer within {api.retry_policy.budget_seconds:g} s"
        self._is_cancelled = is_cancelled
        self._log = log
        self._has_contents = False

    def of_commits(self, request: Request, otherwise: str = "") -> Any:
        """Send a request that needs another permission than check runs do, and get a token with it first."""
        if not self._has_contents:
            self._has_contents = True
            self.api = self.api.with_permissions(COMPARE_PERMISSIONS)
        with self.errors("Contents: read", otherwise):
            return self.api.ask(request, until=self.until).data

    def graphql(self, query: str, variables: Mapping[str, Any], otherwise: str = "") -> Mapping[str, Any]:
        """Return GraphQL's answer; what could not be read is null there. Commits are read, too."""
        body = {"query": query, "variables": variables}
        answer: Mapping[str, Any] = self.of_commits(
            Request(method="POST", path=self._graphql_path(), body=body), otherwise
        )
        kinds = [_GRAPHQL_KINDS.get(text(error, "type")) for error in answer.get("errors") or ()]
        with self.errors("Contents: read", otherwise):
            for kind in filter(None, kinds):
                raise RefusedError(kind, "")
        return answer

    def graphql_data(self, query: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the data of GraphQL's answer. Without any, the query counts as refused."""
        data = mapping(self.graphql(query, variables), "data")
        if not data:  # such as for a field that an older Enterprise Server does not know
            raise BaseUnavailableError("GitHub does not answer the query") from RefusedError(ErrorKind.INVALID, "")
        return data

    @contextmanager
    def errors(self, permission: str, otherwise: str = "") -> Iterator[None]:
        """Send a request if there is time, and translate its errors."""
        if self._is_cancelled():
            raise BaseUnavailableError("the program was cancelled")
        if self.api.retry_policy.clock.monotonic() >= self.until:
            raise BaseUnavailableError(self._late)
        try:
            yield
        except RefusedError as error:
            reason = _REASONS.get(error.error_kind, self._late)
            if error.error_kind is ErrorKind.PERMISSION:
                reason = f"the permission {permission} is missing"
                if otherwise:
                    self._log(f"{otherwise}: {reason}.")
            raise BaseUnavailableError(reason) from error

    def _graphql_path(self) -> str:
        """Return where GraphQL is.

        https://docs.github.com/enterprise-server/graphql/guides/forming-calls-with-graphql
        """
        server, is_enterprise, _ = self.api.api_url.partition("/api/v3")
        return f"{server}/api/graphql" if is_enterprise else "/graphql"
