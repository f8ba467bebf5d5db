"""A `RerunRepository` on GitHub: what is needed to start re-runs, with the App's own token."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

from ...core.github import payload
from ...core.github.error_kind import ErrorKind
from ...core.github.parse_run import seconds
from ...core.model.check_run import CheckRun, Published, RemoteCheckRun, Status
from ...core.model.identity import UNKNOWN_RUN_ID, RunKind
from ...core.rerun.decision import Origin
from ...core.rerun.dispatch_failures import is_missing_ref, sentence
from ...core.rerun.dispatch_input import INPUT_NAME
from ...core.rerun.repository import Dispatched, MissingRefError, NotDispatchedError
from .client import GithubApi
from .comments import GithubComments
from .commit_status import CommitStatuses
from .conversation import GithubConversation
from .retrying import RefusedError, Request
from .runs import CheckRuns
from .workflow_runs import read_dispatched_runs, read_workflow_run

#: The statuses with which an older Enterprise Server refuses a field that it does not know.
_UNKNOWN_FIELD_STATUSES = (400, 422)
#: How many check runs are kept in memory with the workflow run that was dispatched for each of them.
_MAX_REMEMBERED = 1_000
#: Trying again in a minute would not help.
_PERMANENT = frozenset({ErrorKind.INVALID, ErrorKind.NOT_FOUND, ErrorKind.PERMISSION})


class GithubRerunRepository:
    """One repository. Every request gives up at `until`, in seconds of the monotonic clock.

    `dispatched` maps the id of a check run to that of the workflow run that was dispatched for it.
    """

    def __init__(self, api: GithubApi, *, until: float, dispatched: dict[str, str] | None = None) -> None:
        self._api = api
        self._until = until
        self._repository = f"/repos/{api.repository}"
        self._check_runs = CheckRuns(api)
        self._dispatched = {} if dispatched is None else dispatched

    def permission(self, login: str) -> str:
        """See `RerunRepository.permission`. An unknown user has none."""
        try:
            data = self._read(f"/collaborators/{login}/permission")
        except RefusedError as error:
            if error.error_kind is not ErrorKind.NOT_FOUND:
                raise
            return "none"
        return str(data.get("permission") or "none")

    def runs(self, commit: str, *, name: str = "", only_latest: bool = False) -> tuple[RemoteCheckRun, ...]:
        """See `RerunRepository.runs`."""
        query = {"filter": "latest" if only_latest else "all", **({"check_name": name} if name else {})}
        return self._of_commit(commit, query)

    def incomplete_runs(self, commit: str) -> tuple[RemoteCheckRun, ...]:
        """See `RerunRepository.incomplete_runs`. Asks by status, as the texts of completed runs are large."""
        states = (Status.QUEUED, Status.IN_PROGRESS)
        return tuple(run for state in states for run in self._of_commit(commit, {"filter": "all", "status": state}))

    def origin(self, run_id: str) -> Origin | None:
        """See `RerunRepository.origin`."""
        return read_workflow_run(self._api, run_id, until=self._until)

    def dispatched_runs(self, workflow: str, since: float) -> tuple[Origin, ...]:
        """See `RerunRepository.dispatched_runs`."""
        return read_dispatched_runs(self._api, self._workflow(workflow), since, until=self._until)

    def last_success(self, workflow: str) -> float:
        """See `RerunRepository.last_success`."""
        query: dict[str, str | int] = {"status": "success", "per_page": 1}
        path = f"{self._workflow(workflow)}/runs"
        request = Request(method="GET", path=path, query=query, keys=("workflow_runs",))
        data = self._api.ask(request, until=self._until).data
        return max(
            (seconds(run.get("run_started_at") or run.get("created_at")) for run in data["workflow_runs"]), default=0.0
        )

    def create(self, run: CheckRun) -> Published:
        """See `RerunRepository.create`."""
        return self._check_runs.create(run, until=self._until)

    def update(self, published: Published, run: CheckRun) -> Published:
        """See `RerunRepository.update`. It is idempotent.

        Leaves out the status of a queued run: a job may have claimed it in between.
        """
        body = payload.update(run, ())
        if run.status is Status.QUEUED:
            del body["status"], body["started_at"]
        request = Request(method="PATCH", path=self._check_runs.path(published.id), body=body)
        data = self._api.ask(request, until=self._until).data
        return Published(id=published.id, page=data.get("html_url") or "")

    def set_commit_status(self, published: Published, run: CheckRun) -> str:
        """See `RerunRepository.set_commit_status`."""
        if not run.identity.has_commit_status:
            return ""
        try:
            CommitStatuses(self._api).write(published, run, until=self._until)
        except RefusedError as error:
            return str(error)
        return ""

    def commented(self, pull_request: int) -> GithubComments:
        """See `RerunRepository.commented`."""
        return GithubComments(self._api, pull_request, until=self._until)

    def conversation(self, pull_request: int) -> GithubConversation:
        """See `RerunRepository.conversation`."""
        return GithubConversation(self._api, pull_request, until=self._until)

    def dispatch(self, workflow: str, ref: str, rerun: str) -> Dispatched:
        """See `RerunRepository.dispatch`. A lost answer may start it twice; the second run finds nothing to claim."""
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
            error_type = MissingRefError if is_missing_ref(error.failure) else NotDispatchedError
            raise error_type(sentence(error.failure, workflow=workflow, ref=ref)) from error
        run_id = data.get("workflow_run_id")
        return Dispatched(run_id=str(run_id) if run_id else "", page=data.get("html_url") or "")

    def remember(self, run_id: str, dispatched: Dispatched) -> None:
        """See `RerunRepository.remember`. The oldest are forgotten."""
        self._dispatched[run_id] = dispatched.run_id or UNKNOWN_RUN_ID
        for oldest in list(self._dispatched)[:-_MAX_REMEMBERED]:
            del self._dispatched[oldest]

    def was_dispatched(self, run_id: str) -> bool:
        """See `RerunRepository.was_dispatched`."""
        return run_id in self._dispatched

    def now(self) -> float:
        """See `RerunRepository.now`."""
        return self._api.now()

    def remaining_seconds(self) -> float:
        """See `RerunRepository.remaining_seconds`."""
        return self._until - self._api.retry_policy.clock.monotonic()

    def can_write(self, writes: int) -> bool:
        """See `RerunRepository.can_write`. Waits for the pacing if there is time for that."""
        if not writes:
            return True
        retry_policy = self._api.retry_policy
        wait_seconds = self._api.seconds_until_ready(writes)
        if retry_policy.clock.monotonic() + wait_seconds >= self._until:
            return False
        return not (wait_seconds and retry_policy.wait(wait_seconds))

    def has_room(self, writes: int) -> bool:
        """See `RerunRepository.has_room`."""
        return not self._api.seconds_until_ready(writes)

    def _of_commit(self, commit: str, query: dict[str, str]) -> tuple[RemoteCheckRun, ...]:
        """Return the runs on a commit that match the `query`; none on a commit that the repository does not have."""
        try:
            runs = self._check_runs.of_commit(quote(commit), query, until=self._until)
        except RefusedError as error:
            if not _is_missing_commit(error):
                raise
            runs = ()
        return tuple(self._with_workflow_run(run) for run in runs)

    def _with_workflow_run(self, run: RemoteCheckRun) -> RemoteCheckRun:
        """Return a queued run with the workflow run that was dispatched for it, if only this process knows."""
        if run.identity and run.identity.kind is RunKind.PLACEHOLDER and not run.identity.run_id:
            return replace(run, identity=replace(run.identity, run_id=self._dispatched.get(run.id, "")))
        return run

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


def _is_missing_commit(error: RefusedError) -> bool:
    failure = error.failure
    return failure is not None and failure.status == 422 and "no commit found" in failure.message.lower()


def _is_unknown_field(error: RefusedError) -> bool:
    failure = error.failure
    return failure is not None and failure.status in _UNKNOWN_FIELD_STATUSES and "return_run_details" in failure.message
