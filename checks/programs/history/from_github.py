"""Read the check runs of a branch's last commits, and the names and messages that their records lack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice

from ...adapters.github.client import GithubApi
from ...adapters.github.past_runs import GithubPastRuns
from ...adapters.github.previous_runs import GithubPreviousRuns
from ...adapters.github.retrying import RefusedError
from ...adapters.github.runs import CheckRuns
from ...core.failure_report.entry import Entry
from ...core.github.error_kind import ErrorKind
from ...core.history.base_runs import BaseUnavailableError
from ...core.history.past_results import PastResult, names_in
from ...core.history.past_runs import PastRun
from ...core.history.test_key import key, stable_id
from ...core.history_report.found import Found
from ...core.inputs.history_query import HistoryQuery
from ...core.model.errors import CheckError, Problem
from ...core.model.history import TestKey
from ...core.model.ports import PublishError
from ...core.text.amounts import pluralize
from ...core.text.commits import short_commit
from ..open_api import BUDGET_SECONDS

#: How many check runs' failures are read for names, and how many failures of each.
_MOST_RUNS = 5
_MOST_FAILURES = 500
_NOT_FOUND = (ErrorKind.NOT_FOUND, ErrorKind.INVALID)
_PERMISSIONS = "The token or the App needs the permissions Checks: read and Contents: read."


class GithubHistory:
    """What GitHub has of a check on a branch. `names` are the tests' that are known without GitHub."""

    def __init__(self, query: HistoryQuery, api: GithubApi, names: Mapping[TestKey, str]) -> None:
        self._query = query
        self._names = names
        self._api = api
        self._failures = GithubPreviousRuns(api, BUDGET_SECONDS)

    def find(self) -> Found:
        """Return the runs. Raises `CheckError` or `PublishError`, if there are none, too."""
        query = self._query
        runs = GithubPastRuns(self._api, lambda _: None, self._api.retry_policy.is_cancelled, _most_requests(query))
        try:
            look_back = runs.look_back(f"refs/heads/{query.branch}", query.check, query.limit)
        except BaseUnavailableError as error:
            raise self._refusal(error) from error
        if not look_back.commits:
            raise CheckError(self._no_branch())
        look_back = replace(look_back, branch=query.branch)
        names = {**names_in(look_back), **self._names}
        found = Found(repository=query.access.repository, check=query.check.name, look_back=look_back, names=names)
        if not found.runs:
            raise CheckError(self._no_results([commit.commit for commit in look_back.commits]))
        return found

    def with_names(self, found: Found, keys: Iterable[TestKey]) -> Found:
        """Return the same with the names of these tests, as far as annotations of failures have them."""
        missing = {*keys} - found.names.keys()
        names = dict(found.names)
        requested = 0
        for run in found.runs:
            if missing and requested < _MOST_RUNS and not missing.isdisjoint(_failing(run)):
                requested += 1
                for entry in self._entries(run):
                    names.setdefault(key(stable_id(entry.nodeid)), entry.nodeid)
                missing -= names.keys()
        return replace(found, names=names)

    def message(self, result: PastResult, nodeid: str) -> str:
        """Return the message of a test's failure; empty if it is not found."""
        expected = key(stable_id(nodeid))
        entries = (entry for entry in self._entries(result.run) if key(stable_id(entry.nodeid)) == expected)
        return next((entry.message for entry in entries), "")

    def _entries(self, run: PastRun) -> Iterator[Entry]:
        """Yield the failures of a run, as far as they can be read: nothing depends on them."""
        with suppress(PublishError):
            yield from map(Entry.of_annotation, islice(self._failures.failures(run.run.id), _MOST_FAILURES))

    def _refusal(self, error: BaseUnavailableError) -> Exception:
        cause = error.__cause__
        if not isinstance(cause, RefusedError):
            return self._problem(f"{error}.", "Try it again, or with a smaller --limit.")
        if cause.error_kind is ErrorKind.PERMISSION:
            return self._problem(f"{error}.", _PERMISSIONS)
        return CheckError(self._no_branch()) if cause.error_kind in _NOT_FOUND else cause

    def _problem(self, why: str, remedy: str) -> CheckError:
        return CheckError(
            Problem(what=f"The history of {self._query.access.repository} cannot be read", why=why, remedy=remedy)
        )

    def _no_branch(self) -> Problem:
        return Problem(
            what="--repo and --branch",
            why=f'GitHub finds no branch "{self._query.branch}" in {self._query.access.repository}, or the credentials '
            "do not allow to read it.",
            remedy=f"Check both names. {_PERMISSIONS}",
        )

    def _no_results(self, looked_at: Sequence[str]) -> Problem:
        commit, commits = looked_at[0], pluralize(len(looked_at), "commit")
        found: set[str] = set()
        with suppress(PublishError):
            of_commit = CheckRuns(self._api).of_commit(commit, {"filter": "latest"}, until=self._until)
            found = {run.name for run in of_commit if run.identity and not run.is_manual}
        names = " and ".join(sorted(found)) or "no check of this action"
        return Problem(
            what="--check and --category",
            why=f'no check run "{self._query.check.name}" with complete results is on the last {commits} of '
            f"{self._query.branch}.",
            remedy=f"Commit {short_commit(commit)} has {names}.",
        )

    @property
    def _until(self) -> float:
        return self._api.retry_policy.until()


def _most_requests(query: HistoryQuery) -> int:
    """Return how many requests a look-back may send: three eighths list commits, and ten texts are read at once."""
    return 8 + query.limit // 5


def _failing(run: PastRun) -> set[TestKey]:
    return {failing for keys in (run.record.failed or {}).values() for failing in keys}
