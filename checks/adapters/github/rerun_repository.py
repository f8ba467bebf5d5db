"""The `RerunRepository` that is GitHub: what starts re-runs asks of one repository, with the App's own token."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from ...core.github import payload
from ...core.github.error_kind import ErrorKind
from ...core.github.parse_run import parse_run, seconds
from ...core.model.check_run import CheckRun, Published, RemoteCheckRun, Status
from ...core.rerun.decision import Origin
from ...core.rerun.dispatch_failures import sentence
from ...core.rerun.dispatch_input import INPUT_NAME
from ...core.rerun.repository import Dispatched, NotDispatchedError
from .client import GithubApi  # the two are one outside thing: how to speak there, and what to say
from .retrying import ApiResponse, RefusedError, Request

_PER_PAGE = 100
#: What GitHub says of a field that an Enterprise Server does not know yet.
_UNKNOWN_FIELD_STATUSES = (400, 422)
#: Nothing will be different in a minute.
_PERMANENT = frozenset({ErrorKind.INVALID, ErrorKind.NOT_FOUND, ErrorKind.PERMISSION})


class GithubRerunRepository:
    """One repository; whatever is asked gives up at `until`, on the monotonic clock."""

    def __init__(self, api: GithubApi, *, until: float) -> None:
        self._api = api
        self._until = until
        self._repository = f"/repos/{api.repository}"

    def permission(self, login: str) -> str:
        """As the port says; somebody whom GitHub does not know has none."""
        try:
            data = self._read(f"/collaborators/{login}/permission")
        except RefusedError as error:
            if error.error_kind is not ErrorKind.NOT_FOUND:
                raise
            return "none"
        return str(data.get("permission") or "none")

    def runs(self, commit: str, *, name: str = "", only_latest: bool = False) -> tuple[RemoteCheckRun, ...]:
        """As the port says."""
        query = {"filter": "latest" if only_latest else "all", **({"check_name": name} if name else {})}
        return self._list_runs(commit, query)

    def incomplete_runs(self, commit: str) -> tuple[RemoteCheckRun, ...]:
        """As the port says: asked by status, as the texts of completed runs are large."""
        listings = (
            self._list_runs(commit, {"filter": "all", "status": status})
            for status in (Status.QUEUED, Status.IN_PROGRESS)
        )
        return tuple(run for runs in listings for run in runs)

    def origin(self, run_id: str) -> Origin | None:
        """As the port says."""
        try:
            data = self._read(f"/actions/runs/{run_id}")
        except RefusedError as error:
            if error.error_kind is not ErrorKind.NOT_FOUND:
                raise
            return None
        return Origin(
            repository=(data.get("head_repository") or {}).get("full_name") or "",
            branch=data.get("head_branch") or "",
            head_sha=data.get("head_sha") or "",
            event=data.get("event") or "",
            workflow=(data.get("path") or "").partition("@")[0].rpartition("/")[2],
        )

    def last_success(self, workflow: str) -> float:
        """As the port says."""
        query: dict[str, str | int] = {"status": "success", "per_page": 1}
        path = f"{self._workflow(workflow)}/runs"
        data = self._api.ask(Request(method="GET", path=path, query=query), until=self._until).data
        return max(
            (seconds(run.get("run_started_at") or run.get("created_at")) for run in data["workflow_runs"]), default=0.0
        )

    def create(self, run: CheckRun) -> Published:
        """As the port says."""
        request = Request(method="POST", path=f"{self._repository}/check-runs", body=payload.create(run))

        def was_applied() -> ApiResponse | None:
            existing_runs = self._list_run_data(run.head_sha, {"filter": "all", "check_name": run.name})
            return next(
                (
                    ApiResponse(data=run_data)
                    for run_data in existing_runs
                    if run_data.get("external_id") == run.external_id
                ),
                None,
            )

        created = self._api.ask(request, until=self._until, was_applied=was_applied).data
        return Published(id=str(created["id"]), page=created.get("html_url") or "")

    def update(self, published: Published, run: CheckRun) -> None:
        """As the port says; to say it twice does no harm.

        A queued run is not said to be queued: a job may have taken it over meanwhile.
        """
        path, body = f"{self._repository}/check-runs/{published.id}", payload.update(run, ())
        if run.status is Status.QUEUED:
            del body["status"], body["started_at"]
        self._api.ask(Request(method="PATCH", path=path, body=body), until=self._until)

    def dispatch(self, workflow: str, ref: str, rerun: str) -> Dispatched:
        """As the port says; where the answer is lost it may be started twice, and the second finds nothing to do."""
        body = {"ref": ref, "inputs": {INPUT_NAME: rerun}}
        path = f"{self._workflow(workflow)}/dispatches"
        try:
            try:
                data = self._post(path, {**body, "return_run_details": True})
            except RefusedError as error:
                if not _is_unknown_field(error):
                    raise
                data = self._post(path, body)
        except RefusedError as error:
            if error.failure is None or error.may_have_been_applied or error.error_kind not in _PERMANENT:
                raise
            raise NotDispatchedError(sentence(error.failure, workflow=workflow, ref=ref)) from error
        run_id = data.get("workflow_run_id")
        return Dispatched(run_id=str(run_id) if run_id else "", page=data.get("html_url") or "")

    def remaining_seconds(self) -> float:
        """As the port says."""
        return self._until - self._api.retry_policy.clock.monotonic()

    def can_write(self, writes: int) -> bool:
        """As the port says: it waits where the pacing asks for less than we have."""
        if not writes:
            return True
        retry_policy = self._api.retry_policy
        wait_seconds = self._api.seconds_until_ready(writes)
        if retry_policy.clock.monotonic() + wait_seconds >= self._until:
            return False
        return not (wait_seconds and retry_policy.wait(wait_seconds))

    def _workflow(self, file: str) -> str:
        return f"{self._repository}/actions/workflows/{quote(file, safe='')}"

    def _read(self, path: str) -> dict[str, Any]:
        data: dict[str, Any] = self._api.ask(
            Request(method="GET", path=self._repository + path), until=self._until
        ).data
        return data

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        data: dict[str, Any] = self._api.ask(Request(method="POST", path=path, body=body), until=self._until).data
        return data

    def _list_runs(self, commit: str, query: dict[str, str]) -> tuple[RemoteCheckRun, ...]:
        runs = (
            run
            for run_data in self._list_run_data(commit, query)
            if (run := parse_run(run_data)) and self._is_own_run(run)
        )
        return tuple(sorted(runs, key=lambda run: int(run.id)))

    def _list_run_data(self, commit: str, query: dict[str, str]) -> Iterator[dict[str, Any]]:
        path = f"{self._repository}/commits/{commit}/check-runs"
        page = 1
        while True:
            page_query: dict[str, str | int] = {**query, "per_page": _PER_PAGE, "page": page}
            response = self._api.ask(Request(method="GET", path=path, query=page_query), until=self._until).data
            yield from response["check_runs"]
            if page * _PER_PAGE >= response["total_count"]:
                return
            page += 1

    def _is_own_run(self, run: RemoteCheckRun) -> bool:
        return self._api.app_id in run.app


def _is_unknown_field(error: RefusedError) -> bool:
    failure = error.failure
    return failure is not None and failure.status in _UNKNOWN_FIELD_STATUSES and "return_run_details" in failure.message
