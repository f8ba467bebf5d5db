"""The `Publisher` that is GitHub's Checks API: one check run, every annotation once, whatever became of the answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ...core.github import payload
from ...core.github.annotation_progress import AnnotationProgress
from ...core.github.external_id import Relation, RunKind, is_same_run, parse, relation
from ...core.github.parse_run import app_of
from ...core.model.check_run import Annotation, CheckRun, Conclusion, Output, Published, Status
from ...core.model.errors import CheckError, Problem
from .claim import RunClaimer
from .client import GithubApi  # the two are one outside thing: how to speak there, and what to say
from .retrying import ApiResponse, RefusedError, Request
from .updates import CheckRunUpdates

_RUNS_PER_PAGE = 100
_STAYS_OPEN = "The check run that a previous attempt left open could not be completed"
_REPLACED = Output(
    title="Replaced by a new attempt",
    summary="This attempt of the job ended without completing its check run. A new attempt replaces it.",
)
_MISSING_ACTIONS_PERMISSION = (
    "The check run has no re-run buttons: the App cannot start workflows. On the App's page, under Permissions & "
    "events, Repository permissions, set Actions to Read and write. Then accept the new permission in the repository "
    "owner's Settings, GitHub Apps, Configure."
)


class GithubChecks:
    """Check runs of the App, or, with a token, of GitHub Actions. `log` is for people."""

    def __init__(self, api: GithubApi, *, log: Callable[[str], None]) -> None:
        self.is_app = bool(api.app_id)
        self.name = "the GitHub App" if self.is_app else "`github-token`"
        self._api = api
        self._log = log
        self._runs = f"/repos/{api.repository}/check-runs"
        self._updates: dict[str, CheckRunUpdates] = {}
        self._is_missing_permission_logged = False

    def seconds_until_ready(self) -> float:
        """How long the pacing asks to wait before the next `update`."""
        return self._api.seconds_until_ready()

    def create(self, run: CheckRun) -> Published:
        """Put up the run; close what a former attempt of this job left open.

        Raises `CheckError` when another job of this workflow run has put up a check of this name, else `PublishError`.
        """
        until = self._api.retry_policy.until()
        existing_runs = self.existing_runs(run, until)
        expected_run: dict[str, Any] | None = None
        for other in existing_runs:
            match relation(run.external_id, _external_id(other)):
                case Relation.NAME_CONFLICT:
                    raise CheckError(_name_conflict(run, other))
                case Relation.PREVIOUS_ATTEMPT if other["status"] != Status.COMPLETED:
                    self.close(str(other["id"]), _REPLACED, why_open=_STAYS_OPEN, until=until)
                case Relation.AWAITS_JOB if other["status"] == Status.QUEUED:
                    expected_run = expected_run or other  # the latest comes first
        is_claimed = expected_run is not None and RunClaimer(self._api, RunKind.EXPECTED, self._log).claim(
            str(expected_run["id"]), run, until
        )
        published = _published(expected_run if expected_run and is_claimed else self._create(run, existing_runs, until))
        self._updates[published.id] = self._new_updates(published, AnnotationProgress(confirmed_count=0))
        return published

    def _create(self, run: CheckRun, existing_runs: list[dict[str, Any]], until: float) -> dict[str, Any]:
        known_ids = {other["id"] for other in existing_runs}

        def was_applied() -> ApiResponse | None:
            new = [other for other in self.existing_runs(run, until) if other["id"] not in known_ids]
            return next(
                (ApiResponse(data=other) for other in new if _external_id(other) == payload.external_id(run)), None
            )

        request = Request(method="POST", path=self._runs, body=payload.create(run))
        created: dict[str, Any] = self._api.ask(request, until=until, was_applied=was_applied).data
        return created

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:
        """Replace what the run says and append the annotations.

        After an error the same annotations may be given again: what of them arrived is not sent twice. One that
        GitHub refuses is mended or left out, which the log says, and the run when it completes. Raises `PublishError`.
        """
        if published.id not in self._updates:  # the run was put up by somebody else
            self._updates[published.id] = self._new_updates(published, AnnotationProgress())
        self._updates[published.id].update(self._with_buttons(run), tuple(annotations))

    def _with_buttons(self, run: CheckRun) -> CheckRun:
        """The run with those of its buttons that work."""
        if not run.actions or self._api.may_start_workflows():
            return run
        if self.is_app and not self._is_missing_permission_logged:
            self._is_missing_permission_logged = True
            self._log(_MISSING_ACTIONS_PERMISSION)
        return replace(run, actions=())

    def read(self, published: Published) -> tuple[Status, Output]:
        """The run's status and output as GitHub has them. Raises `PublishError`."""
        request = Request(method="GET", path=f"{self._runs}/{published.id}")
        run = self._api.ask(request, until=self._api.retry_policy.until()).data
        texts = {key: run["output"].get(key) or "" for key in ("title", "summary", "text")}
        return Status(run["status"]), Output(**texts)

    def find(self, run: CheckRun) -> Published | None:
        """Where `run` was put up, and is not completed; None where it was not. Raises `PublishError`."""
        for other in self.existing_runs(run, self._api.retry_policy.until()):
            if is_same_run(_external_id(other), payload.external_id(run)) and other["status"] != Status.COMPLETED:
                return _published(other)
        return None

    def existing_runs(self, run: CheckRun, until: float) -> list[dict[str, Any]]:
        """The App's runs of that name on that commit, in whatever attempt, as GitHub tells of them."""
        path = f"/repos/{self._api.repository}/commits/{run.head_sha}/check-runs"
        found: list[dict[str, Any]] = []
        page = 1
        while True:
            query: dict[str, str | int] = {"check_name": payload.name(run), "filter": "all"}
            query |= {"per_page": _RUNS_PER_PAGE, "page": page}
            response = self._api.ask(Request(method="GET", path=path, query=query), until=until).data
            found += response["check_runs"]
            if page * _RUNS_PER_PAGE >= response["total_count"]:
                return [other for other in found if self._is_own_run(other)]
            page += 1

    def _is_own_run(self, other: dict[str, Any]) -> bool:
        """Whether the App made it; whose a token is cannot be asked, so there the external id alone tells."""
        return not self._api.app_id or self._api.app_id in app_of(other)

    def close(self, run_id: str, output: Output, *, why_open: str, until: float) -> None:
        """Complete a run whose end nobody else will tell; a refusal is logged after `why_open`."""
        body = {
            "status": Status.COMPLETED,
            "conclusion": Conclusion.CANCELLED,
            "output": {"title": output.title, "summary": output.summary},
        }
        try:
            self._api.ask(Request(method="PATCH", path=f"{self._runs}/{run_id}", body=body), until=until)
        except RefusedError as error:
            self._log(f"{why_open}: {error}")

    def _new_updates(self, published: Published, progress: AnnotationProgress) -> CheckRunUpdates:
        return CheckRunUpdates(self._api, f"{self._runs}/{published.id}", progress, self._log)


def _published(run: dict[str, Any]) -> Published:
    return Published(id=str(run["id"]), page=run.get("html_url") or "")


def _external_id(run: dict[str, Any]) -> str:
    return run.get("external_id") or ""


def _name_conflict(run: CheckRun, other: dict[str, Any]) -> Problem:
    own_id, other_id = parse(run.external_id), parse(_external_id(other))
    names = " and ".join(f"`{parts.job}`" for parts in (other_id, own_id) if parts is not None)
    return Problem(
        what=f"Two jobs of this workflow run create a check named “{run.name}”",
        why=f"the jobs {names} ({other.get('details_url')} and {run.details_url}) would hide each other's results.",
        remedy="Give each job its own `category` or `check-name`.",
    )
