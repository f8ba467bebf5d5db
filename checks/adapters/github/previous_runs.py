"""Reads earlier check runs and their failures from GitHub."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ...core.github.error_kind import ErrorKind
from ...core.model.check_run import Annotation, RemoteCheckRun
from ...core.model.ports import PublishError
from ...core.rerun.previous_run import parse_failure
from .client import GithubApi
from .retrying import RefusedError, Request
from .runs import CheckRuns

_PER_PAGE = 100
#: For all requests together: 5,000 annotations take 50. The tests wait for these, and can run without them.
_BUDGET_SECONDS = 60.0


class GithubPreviousRuns:
    """The `PreviousRuns` of the App's repository."""

    def __init__(self, api: GithubApi, budget_seconds: float = _BUDGET_SECONDS) -> None:
        self._api = api
        self._runs = CheckRuns(api)
        self._until = api.retry_policy.clock.monotonic() + budget_seconds

    def run(self, run_id: str) -> RemoteCheckRun:
        """See `PreviousRuns.run`."""
        with _name_missing_run(run_id):
            return self._runs.get(run_id, until=self._deadline())

    def failures(self, run_id: str) -> Iterator[Annotation]:
        """See `PreviousRuns.failures`. Requests a page at a time."""
        page = 1
        while True:
            query = {"per_page": _PER_PAGE, "page": page}
            path = f"{self._runs.path(run_id)}/annotations"
            with _name_missing_run(run_id):
                request = Request(method="GET", path=path, query=query, shape=list)
                annotations = self._api.ask(request, until=self._deadline()).data
            yield from (failure for annotation in annotations if (failure := parse_failure(annotation)))
            if len(annotations) < _PER_PAGE:
                return
            page += 1

    def _deadline(self) -> float:
        return min(self._until, self._api.retry_policy.until())


@contextmanager
def _name_missing_run(run_id: str) -> Iterator[None]:
    """Name the run in the error if GitHub no longer has it."""
    try:
        yield
    except RefusedError as error:
        if error.error_kind is not ErrorKind.NOT_FOUND:  # the App is installed: it has answered before
            raise
        raise PublishError(f"Check run {run_id} no longer exists on GitHub ({error.failure}).") from error
