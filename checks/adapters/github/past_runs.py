"""Reads the check runs of earlier commits from GitHub: with GraphQL, or fewer of them with REST if that is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from ...core.github.parse_run import text
from ...core.history import past_runs_query as queries
from ...core.history.base_runs import BaseUnavailableError
from ...core.history.past_runs import MOST_COMMITS, Check, LookBack, PastCommit, PastRun
from ...core.history.past_runs_query import ListedCommit
from ...core.history.trusted_record import record_of_run
from ...core.model.check_run import RemoteCheckRun
from ...core.model.history import Record
from .client import GithubApi
from .reading import Reading, is_refusal
from .retrying import Request
from .runs import CheckRuns

#: For all requests of a job together.
SECONDS = 10
#: Without those for a token, of which there are at most two.
MOST_REQUESTS = 8
#: How many of the requests may list commits; merged branches fill up the lists.
_SHARE_OF_LISTS = 3 / 8
_NO_LOOK_BACK = "Earlier commits are not looked at"


class GithubPastRuns:
    """The `PastRuns` of a repository. For the parameters see `Reading`.

    A look-back sends at most `most_requests`. What these do not reach has no runs.
    """

    def __init__(
        self,
        api: GithubApi,
        log: Callable[[str], None],
        is_cancelled: Callable[[], bool] = lambda: False,
        most_requests: int = MOST_REQUESTS,
    ) -> None:
        self._reading = Reading(api, log, is_cancelled)
        self._most_requests = most_requests
        self._sent = 0

    def look_back(self, start: str, check: Check, limit: int = MOST_COMMITS) -> LookBack:
        """See `PastRuns.look_back`."""
        self._sent = 0
        try:
            commits = self._list(start, check, limit)
        except BaseUnavailableError as error:
            if not is_refusal(error):
                raise
            self._sent += 1  # after a 404 the installation is looked up again
            return self._with_rest(start, check, limit)
        return _look_back([commit.commit for commit in commits], self._runs(commits), check)

    def close(self) -> None:
        """See `PastRuns.close`."""
        self._reading.api.close()

    def _list(self, start: str, check: Check, limit: int) -> list[ListedCommit]:
        """Return the commits; each list begins where the first parents of the one before end."""
        found: list[ListedCommit] = []
        while start and len(found) < limit and self._sent < self._most_requests * _SHARE_OF_LISTS:
            variables = queries.list_variables(self._reading.api.repository, start, check.name)
            data = self._graphql(queries.LIST_QUERY, variables)
            commits = queries.listed_commits(data, check, self._is_own)
            found += commits
            start = queries.parent_of_last(data, commits)
        return found[:limit]

    def _runs(self, commits: Sequence[ListedCommit]) -> list[RemoteCheckRun]:
        """Return the check runs, as many as the remaining requests have room for."""
        runs: list[RemoteCheckRun] = []
        ids = [*queries.in_order_of_interest(commits)]
        while ids and self._sent < self._most_requests:
            now, ids = ids[: queries.TEXTS_AT_ONCE], ids[queries.TEXTS_AT_ONCE :]
            try:
                runs += queries.runs_with_text(self._graphql(queries.TEXT_QUERY, {"ids": now}))
            except BaseUnavailableError:
                if not runs:
                    raise
                break
        return runs

    def _with_rest(self, start: str, check: Check, limit: int) -> LookBack:
        """Return what REST has, which takes a request for each commit. The newest commits come first."""
        query: Mapping[str, str | int] = {"sha": start.removeprefix("refs/heads/"), "per_page": 100}
        path = f"/repos/{self._reading.api.repository}/commits"
        self._sent += 1
        request = Request(method="GET", path=path, query=query, shape=list)
        commits = [*islice(_first_parents(self._reading.of_commits(request, _NO_LOOK_BACK)), limit)]
        runs: list[RemoteCheckRun] = []
        for commit in commits[: self._most_requests - self._sent]:
            with self._reading.errors("Checks: read", _NO_LOOK_BACK):
                asked = {"filter": "all", "check_name": check.name, "status": "completed"}
                runs += CheckRuns(self._reading.api).of_commit(commit, asked, until=self._reading.until)
        return _look_back(commits, runs, check)

    def _graphql(self, query: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        self._sent += 1
        return self._reading.graphql_data(query, variables)

    def _is_own(self, app: tuple[str, str]) -> bool:
        return not self._reading.api.app_id or self._reading.api.is_own(app)


def _first_parents(listing: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """Yield the first commit of a listing and its first-parent ancestors."""
    parents = {text(commit, "sha"): commit.get("parents") or [] for commit in listing}
    commit = text(listing[0], "sha") if listing else ""
    while commit in parents:
        yield commit
        commit = text(parents[commit][0], "sha") if parents[commit] else ""


def _look_back(commits: Sequence[str], runs: Iterable[RemoteCheckRun], check: Check) -> LookBack:
    by_commit: dict[str, list[PastRun]] = {}
    for run in sorted(runs, key=lambda run: (run.started_at, int(run.id))):
        if run.name == check.name and check.has_results(run.identity):
            record = record_of_run(run)
            if isinstance(record, Record):
                by_commit.setdefault(run.head_sha, []).append(PastRun(run=run, record=record))
    return LookBack(
        commits=tuple(PastCommit(commit=commit, runs=tuple(by_commit.get(commit, ()))) for commit in commits)
    )
