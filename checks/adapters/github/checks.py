"""A `Publisher` for GitHub's Checks API. It sends each annotation once, even if answers are lost."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from ...core.github import payload
from ...core.github.annotation_progress import AnnotationProgress, Batch
from ...core.github.external_id import Relation, is_same_run, relation
from ...core.model.check_run import Annotation, CheckRun, Conclusion, Output, Published, RemoteCheckRun, Status
from ...core.model.errors import CheckError, Problem
from ...core.model.identity import RunKind
from ...core.model.ports import CurrentUpdate, Urgency
from .claim import RunClaimer
from .client import GithubApi
from .commit_status import JobCommitStatus
from .retrying import RefusedError, Request
from .runs import CheckRuns
from .updates import CheckRunUpdates

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
    """Publishes check runs of the App or, with a token, of GitHub Actions. `log` writes to the job log."""

    def __init__(self, api: GithubApi, *, log: Callable[[str], None]) -> None:
        self.is_app = bool(api.app_id)
        self.name = "the GitHub App" if self.is_app else "`github-token`"
        self._api = api
        self._log = log
        self._runs = CheckRuns(api)
        self._commit_status = JobCommitStatus(api, log)
        self._progress_of_creation = AnnotationProgress(confirmed_count=0)
        self._updates: dict[str, CheckRunUpdates] = {}
        self._ids_before: frozenset[str] | None = None
        self._is_missing_permission_logged = False

    def seconds_until_ready(self, urgency: Urgency) -> float:
        """Return how long the pacing asks to wait before the next `update`."""
        return self._api.seconds_until_ready(urgency=urgency)

    def create(self, run: CheckRun, current: CurrentUpdate | None = None) -> Published:
        """Create the run, or claim one that was queued at the push. Complete what an earlier attempt left open.

        A run whose tests have ended by then is created as completed, which saves a request. Called again after a
        `PublishError`, it finds a run whose creation was not confirmed. Raises `CheckError` if another job of this
        workflow run has a check of this name.
        """
        until = self._api.retry_policy.until()
        existing_runs = self.existing_runs(run, until)
        if self._ids_before is None:
            self._ids_before = frozenset(other.id for other in existing_runs)
        expected_run: RemoteCheckRun | None = None
        for other in existing_runs:
            if other.id not in self._ids_before and is_same_run(run.identity, other.identity):
                return self._begin(Published(id=other.id, page=other.page))
            match relation(run.identity, other.identity):
                case Relation.NAME_CONFLICT:
                    raise CheckError(name_conflict(run, other))
                case Relation.PREVIOUS_ATTEMPT if other.status is not Status.COMPLETED:
                    self.close(other.id, _REPLACED, why_open=_STAYS_OPEN, until=until)
                case Relation.AWAITS_JOB if other.status is Status.QUEUED:
                    expected_run = other
        claimer = RunClaimer(self._api, RunKind.EXPECTED, self._log)
        if expected_run and claimer.claim(expected_run.id, run, until):
            return self._begin(Published(id=expected_run.id, page=expected_run.page))
        known = {other.id for other in existing_runs}
        content, batch = (run, ()) if current is None else current(self.seconds_until_ready)
        try:
            return self._create(self._with_buttons(content), batch, until, known)
        except RefusedError as error:
            if not (error.is_invalid and content.status is Status.COMPLETED):
                raise
        return self._create(run, (), until, known)  # the update finds out which annotation is the reason

    def _create(self, run: CheckRun, batch: Batch, until: float, known: Collection[str]) -> Published:
        progress = self._progress_of_creation
        progress.mark_refused()  # what an earlier attempt has sent: nothing of it was found
        if batch:
            progress.mark_sending(batch, progress.remaining(batch), is_mended=False)
        try:
            published = self._runs.create(run, batch, until=until, known=known)
        except RefusedError as error:
            if not error.may_have_been_applied:
                progress.mark_refused()
            raise
        progress.mark_applied()
        return self._begin(published, run if run.status is Status.COMPLETED else None)

    def _begin(self, published: Published, completed: CheckRun | None = None) -> Published:
        self._updates[published.id] = self._new_updates(published, self._progress_of_creation, completed)
        self._progress_of_creation = AnnotationProgress(confirmed_count=0)
        return published

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:
        """Replace what the run says and append the annotations.

        After an error, call it again with the same annotations: those that arrived are not sent twice. An annotation
        that GitHub rejects is sent in plain characters or left out; the log and the completed run say so.
        Raises `PublishError`.
        """
        if published.id not in self._updates:  # another process created the run
            self._updates[published.id] = self._new_updates(published, AnnotationProgress())
        self._updates[published.id].update(self._with_buttons(run), tuple(annotations))

    def set_commit_status(self, published: Published, run: CheckRun) -> bool:
        """See `JobCommitStatus.set`."""
        return self._commit_status.set(published, run)

    def _with_buttons(self, run: CheckRun) -> CheckRun:
        """Return the run without buttons if they would not work."""
        if not run.actions or self._api.may_start_workflows():
            return run
        if self.is_app and not self._is_missing_permission_logged:
            self._is_missing_permission_logged = True
            self._log(_MISSING_ACTIONS_PERMISSION)
        return replace(run, actions=())

    def read(self, published: Published) -> tuple[Status, Output]:
        """Return the run's status and output. Raises `PublishError`."""
        run = self._runs.get(published.id, until=self._api.retry_policy.until())
        return run.status, run.output

    def find(self, run: CheckRun) -> Published | None:
        """Return what GitHub has of `run`; None if it was not created. Raises `PublishError`."""
        for other in self.existing_runs(run, self._api.retry_policy.until()):
            if is_same_run(run.identity, other.identity):
                return Published(id=other.id, page=other.page)
        return None

    def existing_runs(self, run: CheckRun, until: float) -> tuple[RemoteCheckRun, ...]:
        """Return the App's runs of that name on that commit, of all attempts, oldest first."""
        query = {"filter": "all", "check_name": payload.name(run)}
        return self._runs.of_commit(run.head_sha, query, until=until)

    def close(self, run_id: str, output: Output, *, why_open: str, until: float) -> None:
        """Complete a run that nobody else will complete. If GitHub refuses, log `why_open` and the error."""
        body = {
            "status": Status.COMPLETED,
            "conclusion": Conclusion.CANCELLED,
            "output": {"title": output.title, "summary": output.summary},
        }
        try:
            self._api.ask(Request(method="PATCH", path=self._runs.path(run_id), body=body), until=until)
        except RefusedError as error:
            self._log(f"{why_open}: {error}")

    def _new_updates(
        self, published: Published, progress: AnnotationProgress, completed: CheckRun | None = None
    ) -> CheckRunUpdates:
        return CheckRunUpdates(self._api, self._runs.path(published.id), progress, self._log, completed)


def name_conflict(run: CheckRun, other: RemoteCheckRun) -> Problem:
    """Return the problem that `run` would have the name of another job's check run."""
    names = " and ".join(f"`{identity.job}`" for identity in (other.identity, run.identity) if identity)
    return Problem(
        what=f"Two jobs of this workflow run create a check named “{run.name}”",
        why=f"the jobs {names} ({other.details_url} and {run.details_url}) would hide each other's results.",
        remedy="Give each job its own `category` or `check-name`.",
    )
