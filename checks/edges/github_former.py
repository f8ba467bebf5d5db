"""What GitHub still has of an earlier check run."""

from __future__ import annotations

from collections.abc import Iterator

from ..translate.former import parse_failure
from ..translate.told_runs import parse_run
from ..words.check_run import Annotation
from ..words.ports import PublishError
from ..words.told_run import ToldRun
from .attempts import Request
from .github_app import GithubApi  # the two are one outside thing: how to speak there, and what to say

_PER_PAGE = 100


class GithubFormer:
    """The `FormerRuns` of the App's repository."""

    def __init__(self, api: GithubApi) -> None:
        self._api = api

    def run(self, run_id: str) -> ToldRun:
        """As the port says."""
        request = Request(method="GET", path=self._path(run_id))
        run = parse_run(self._api.ask(request, until=self._api.patience.until()).data)
        if run is None:
            raise PublishError(f"GitHub tells nothing of check run {run_id}.")
        return run

    def failures(self, run_id: str) -> Iterator[Annotation]:
        """As the port says, a page at a time."""
        page = 1
        while True:
            query: dict[str, str | int] = {"per_page": _PER_PAGE, "page": page}
            request = Request(method="GET", path=f"{self._path(run_id)}/annotations", query=query, shape=list)
            told = self._api.ask(request, until=self._api.patience.until()).data
            yield from (failure for one in told if (failure := parse_failure(one)))
            if len(told) < _PER_PAGE:
                return
            page += 1

    def _path(self, run_id: str) -> str:
        return f"/repos/{self._api.repository}/check-runs/{run_id}"
