"""What GitHub still has of an earlier check run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...core.github.error_kind import ErrorKind
from ...core.github.parse_run import parse_run
from ...core.model.check_run import Annotation, RemoteCheckRun
from ...core.model.ports import PublishError
from ...core.rerun.previous_run import parse_failure
from .client import GithubApi  # the two are one outside thing: how to speak there, and what to say
from .retrying import RefusedError, Request

_PER_PAGE = 100
#: For all that is asked of earlier runs together: 5,000 annotations are 50 requests.
_BUDGET_SECONDS = 60.0


class GithubPreviousRuns:
    """The `PreviousRuns` of the App's repository."""

    def __init__(self, api: GithubApi) -> None:
        self._api = api
        # The tests wait for it, and can do without.
        self._until = api.retry_policy.clock.monotonic() + _BUDGET_SECONDS

    def run(self, run_id: str) -> RemoteCheckRun:
        """As the port says."""
        run = parse_run(self._read(run_id))
        if run is None:
            raise PublishError(f"GitHub returned no usable data for check run {run_id}.")
        return run

    def failures(self, run_id: str) -> Iterator[Annotation]:
        """As the port says, a page at a time."""
        page = 1
        while True:
            annotations = self._read(run_id, "/annotations", {"per_page": _PER_PAGE, "page": page}, list)
            yield from (failure for annotation in annotations if (failure := parse_failure(annotation)))
            if len(annotations) < _PER_PAGE:
                return
            page += 1

    def _read(
        self,
        run_id: str,
        subpath: str = "",
        query: Mapping[str, str | int] | None = None,
        shape: type[dict[str, Any] | list[Any]] = dict,
    ) -> Any:
        path = f"/repos/{self._api.repository}/check-runs/{run_id}{subpath}"
        request = Request(method="GET", path=path, query=query or {}, shape=shape)
        try:
            return self._api.ask(request, until=min(self._until, self._api.retry_policy.until())).data
        except RefusedError as error:
            if error.error_kind is not ErrorKind.NOT_FOUND:  # by now it is certain that the App is installed
                raise
            raise PublishError(f"Check run {run_id} no longer exists on GitHub ({error.failure}).") from error
