"""Reads from GitHub what earlier commits have of a manual check, with tokens that can write nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ...core.github.parse_run import mapping, text
from ...core.history.base_runs import BaseUnavailableError
from ...core.history.past_runs_query import TEXT_QUERY, TEXTS_AT_ONCE, runs_with_text
from ...core.manual import runs_query
from ...core.manual.carry import Changes
from ...core.manual.earlier_runs import Commit
from ...core.manual.existing import newest
from ...core.model.check_run import RemoteCheckRun
from .client import READ_PERMISSIONS, GithubApi
from .reading import Reading, is_refusal
from .retrying import Request
from .runs import CheckRuns

#: For all requests together. The job does nothing else meanwhile.
SECONDS = 3
#: How many of the newest runs are read: texts are large.
_MOST_TEXTS = 3 * TEXTS_AT_ONCE
#: How many commits are looked at where GraphQL is refused, as each takes a request.
_MOST_WITH_REST = 4
_PULL_REQUEST_PERMISSIONS = {**READ_PERMISSIONS, "pull_requests": "read"}


class GithubEarlierRuns:
    """The `EarlierRuns` of a repository. For the parameters see `Reading`."""

    def __init__(self, api: GithubApi, log: Callable[[str], None], is_cancelled: Callable[[], bool]) -> None:
        self._given_api = api
        self._reading = Reading(api, log, is_cancelled)

    def commits(self, branch: str, head: str) -> tuple[Commit, ...]:
        """See `EarlierRuns.commits`. A comparison without pages has the last 250 commits.

        https://docs.github.com/rest/commits/commits#compare-two-commits
        """
        comparison = self._compare(branch, head)
        found = [mapping(comparison, "merge_base_commit"), *(comparison.get("commits") or [])]
        commits = [Commit(sha=text(commit, "sha"), node_id=text(commit, "node_id")) for commit in reversed(found)]
        return tuple(commit for commit in commits if commit.sha not in ("", head))

    def newest_of(self, commits: Sequence[Commit], name: str) -> Iterator[RemoteCheckRun]:
        """See `EarlierRuns.newest_of`. Asks GraphQL, or REST about fewer commits if that is refused."""
        nearest = commits[: runs_query.MOST_COMMITS]
        try:
            variables = {"ids": [commit.node_id for commit in nearest], "check": name}
            data = self._reading.graphql_data(runs_query.QUERY, variables)
        except BaseUnavailableError as error:
            if not is_refusal(error):
                raise
            yield from filter(None, (newest(self.of_commit(commit.sha, name)) for commit in nearest[:_MOST_WITH_REST]))
            return
        ids = runs_query.newest_runs(data, self._is_own)[:_MOST_TEXTS]
        for start in range(0, len(ids), TEXTS_AT_ONCE):
            asked = {"ids": ids[start : start + TEXTS_AT_ONCE]}
            yield from runs_with_text(self._reading.graphql_data(TEXT_QUERY, asked))

    def of_commit(self, commit: str, name: str) -> tuple[RemoteCheckRun, ...]:
        """See `EarlierRuns.of_commit`."""
        with self._reading.errors("Checks: read"):
            query = {"filter": "all", "check_name": name}
            return CheckRuns(self._reading.api).of_commit(commit, query, until=self._reading.until)

    def changes(self, commit: str, head: str) -> Changes:
        """See `EarlierRuns.changes`. Only the first page has files, and it has all of them."""
        comparison = self._compare(commit, head, {"per_page": 1, "page": 1})
        files = tuple(map(_names, comparison["files"])) if isinstance(comparison.get("files"), list) else ((),)
        if not all(files):
            raise BaseUnavailableError("GitHub does not say which files have changed")
        return Changes(status=text(comparison, "status"), files=files)

    def head_of(self, pull_request: int) -> str:
        """See `EarlierRuns.head_of`.

        https://docs.github.com/rest/pulls/pulls#get-a-pull-request
        """
        path = f"/repos/{self._given_api.repository}/pulls/{pull_request}"
        self._reading.api = self._given_api.with_permissions(_PULL_REQUEST_PERMISSIONS)
        with self._reading.errors("Pull requests: read"):
            request = Request(method="GET", path=path, keys=("head",))
            data = self._reading.api.ask(request, until=self._reading.until).data
        return text(mapping(data, "head"), "sha")

    def close(self) -> None:
        """See `EarlierRuns.close`."""
        self._given_api.close()

    def _compare(self, base: str, head: str, query: Mapping[str, str | int] | None = None) -> Mapping[str, Any]:
        path = f"/repos/{self._given_api.repository}/compare/{quote(base, safe='/')}...{head}"
        comparison: Mapping[str, Any] = self._reading.of_commits(
            Request(method="GET", path=path, query=query or {}, keys=("merge_base_commit",))
        )
        return comparison

    def _is_own(self, app: tuple[str, str]) -> bool:
        return self._reading.api.is_own(app)


def _names(file: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the name of a changed file, and the one that it had before it was renamed."""
    return tuple(filter(None, (text(file, "filename"), text(file, "previous_filename"))))
