"""Creates, reads, lists and finds the check runs of one repository."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ...core.github import payload
from ...core.github.external_id import canonical
from ...core.github.parse_run import app_of, parse_run
from ...core.model.check_run import Annotation, CheckRun, Published, RemoteCheckRun, Status
from ...core.model.ports import PublishError
from .client import GithubApi
from .retrying import ApiResponse, Request

_PER_PAGE = 100


class CheckRuns:
    """The check runs of the App or, with a token, of everybody. Requests give up at `until`, on the monotonic clock."""

    def __init__(self, api: GithubApi) -> None:
        self._api = api
        self._repository = f"/repos/{api.repository}"

    def path(self, run_id: str = "") -> str:
        """Return the API's path of a run, or of all check runs."""
        return f"{self._repository}/check-runs{run_id and f'/{run_id}'}"

    def create(
        self, run: CheckRun, annotations: Sequence[Annotation] = (), *, until: float, known: Collection[str] = ()
    ) -> Published:
        """Create the run once, even if the answer is lost. `known` are the ids of runs that existed before."""

        def was_applied() -> ApiResponse | None:
            for data in self._objects(run.head_sha, {"filter": "all", "check_name": payload.name(run)}, until):
                other = parse_run(data)
                if other and _was_created_as(run, other) and other.id not in known and self._is_own_run(other):
                    return ApiResponse(data=data)
            return None

        request = Request(method="POST", path=self.path(), body=payload.create(run, annotations), keys=("id",))
        created = self._api.ask(request, until=until, was_applied=was_applied).data
        return Published(id=str(created["id"]), page=created.get("html_url") or "")

    def get(self, run_id: str, *, until: float) -> RemoteCheckRun:
        """Return one run. Raises `PublishError`."""
        run = parse_run(self._api.ask(Request(method="GET", path=self.path(run_id)), until=until).data)
        if run is None:
            raise PublishError(f"GitHub returned no usable data for check run {run_id}.")
        return run

    def of_commit(self, commit: str, query: Mapping[str, str], *, until: float) -> tuple[RemoteCheckRun, ...]:
        """Return the runs on a commit that match the `query`, oldest first.

        https://docs.github.com/rest/checks/runs#list-check-runs-for-a-git-reference
        """
        parsed = map(parse_run, self._objects(commit, query, until))
        return tuple(sorted((run for run in parsed if run and self._is_own_run(run)), key=lambda run: int(run.id)))

    def branches_of_apps(self, commit: str, *, until: float) -> dict[tuple[str, str], str]:
        """Return the branches of the Apps' check suites on a commit. A suite on a fork's commit has none.

        https://docs.github.com/rest/checks/suites#list-check-suites-for-a-git-reference
        """
        path = f"{self._repository}/commits/{commit}/check-suites"
        query = {"per_page": _PER_PAGE}  # one for each App
        request = Request(method="GET", path=path, query=query, keys=("check_suites",))
        suites = self._api.ask(request, until=until).data["check_suites"]
        return {app_of(suite): suite["head_branch"] for suite in suites if suite.get("head_branch")}

    def _objects(self, commit: str, query: Mapping[str, str], until: float) -> Iterator[dict[str, Any]]:
        page = 1
        while True:
            paged: dict[str, str | int] = {**query, "per_page": _PER_PAGE, "page": page}
            path = f"{self._repository}/commits/{commit}/check-runs"
            request = Request(method="GET", path=path, query=paged, keys=("check_runs", "total_count"))
            listing = self._api.ask(request, until=until).data
            yield from listing["check_runs"]
            if page * _PER_PAGE >= listing["total_count"]:
                return
            page += 1

    def _is_own_run(self, run: RemoteCheckRun) -> bool:
        """Whether the App created the run. Always true for a token, because GitHub does not say whose token it is."""
        return not self._api.app_id or self._api.is_own(run.app)


def _was_created_as(run: CheckRun, other: RemoteCheckRun) -> bool:
    """Whether `other` is the run as it was sent; somebody else may have completed it since."""
    return other.identity == canonical(run.identity) and (
        other.status is Status.COMPLETED or run.status is not Status.COMPLETED
    )
