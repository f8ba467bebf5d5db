"""Updates of one check run at GitHub. Each annotation is sent once, and rejected ones are found and mended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ...core.github import payload
from ...core.github.annotation_progress import AnnotationProgress, Batch
from ...core.github.payload import plain
from ...core.model.check_run import Annotation, CheckRun, Status
from ...core.model.identity import Identity
from ...core.model.ports import PublishError
from ...core.report.footer import rejected_annotations, with_footer
from .client import GithubApi
from .retrying import ApiResponse, RefusedError, Request

#: What only GitHub's answer to an update after the completion shows.
_NOT_ADDED = "GitHub does not add annotations to the completed check run, which has {} of them."


class CheckRunUpdates:
    """Updates the check run at `path`. `progress` tracks its annotations, and `log` writes to the job log.

    Once the run is completed, updates carry output and annotations, and the external id only when it changes: GitHub
    appends them, and neither the conclusion nor the time of completion is written twice. `completed` is what the
    run was created as, if that was its completion: the first update sends only what differs from it.
    """

    def __init__(
        self,
        api: GithubApi,
        path: str,
        progress: AnnotationProgress,
        log: Callable[[str], None],
        completed: CheckRun | None = None,
    ) -> None:
        self._api = api
        self._path = path
        self._progress = progress
        self._log = log
        self._until = 0.0
        self._created_as = completed
        self._completed_as: Identity | None = None if completed is None else completed.identity

    def update(self, run: CheckRun, batch: Batch) -> None:
        """Replace the run's state and output, and append the batch or its rest. Raises `PublishError`."""
        self._until = self._api.retry_policy.until()
        if batch and self._progress.needs_count:
            self._progress.record_count(self._count())
        remaining = self._progress.remaining(batch)
        created_as, self._created_as = self._created_as, None
        try:
            if remaining or run != created_as:
                self._send(run, batch, remaining)
        except RefusedError as error:
            if not (remaining and error.is_invalid):
                raise
            self._send_accepted(run, batch, remaining)
        self._progress.mark_finished(batch)

    def _send_accepted(self, run: CheckRun, batch: Batch, refused_part: Batch) -> None:
        """Send a rejected batch without what GitHub rejects, after the run's state, which does not wait for it."""
        before = replace(run, identity=run.identity.with_failures_missing())
        self._send(before)  # raises if the annotations are not the reason
        self._send_halves(before, batch, refused_part)
        if run.status is Status.COMPLETED:
            self._send(run)

    def _send_halves(self, run: CheckRun, batch: Batch, refused_part: Batch) -> None:
        """Send rejected annotations by halves, until the rejected one is alone, and mend that one."""
        if len(refused_part) == 1:
            self._send_mended(run, batch, refused_part[0])
            return
        middle = len(refused_part) // 2
        for half in (refused_part[:middle], refused_part[middle:]):
            try:
                self._send(run, batch, half)
            except RefusedError as error:
                if not error.is_invalid:
                    raise
                self._send_halves(run, batch, half)

    def _send_mended(self, run: CheckRun, batch: Batch, annotation: Annotation) -> None:
        location = f"{annotation.path}:{annotation.line}"
        try:
            self._send(run, batch, (plain(annotation),), is_mended=True)
        except RefusedError as error:
            if not error.is_invalid:
                raise
            self._progress.mark_left_out(batch)
            self._log(f"GitHub rejected the annotation at {location}, and it is left out: {error}")
        else:
            self._log(f"GitHub rejected the annotation at {location}. Its text was sent again in plain ASCII.")

    def _send(
        self, run: CheckRun, batch: Batch = (), part: Sequence[Annotation] = (), *, is_mended: bool = False
    ) -> None:
        """Send one PATCH with `part`, the next annotations of the batch."""
        was_completed = self._completed_as is not None
        request = self._request(run, part)
        if not part:
            self._api.ask(request, until=self._until)
            self._note_completion(run)
            return
        expected = self._progress.count_after(len(part))

        def was_applied() -> ApiResponse | None:
            return ApiResponse(data={}) if self._count() >= expected else None

        self._progress.mark_sending(batch, part, is_mended=is_mended)
        try:
            response = self._api.ask(request, until=self._until, was_applied=was_applied)
        except RefusedError as error:
            if not error.may_have_been_applied:
                self._progress.mark_refused()
            raise
        self._note_completion(run)
        if was_completed and not self._has_arrived(response, expected):
            self._progress.mark_refused()
            raise PublishError(_NOT_ADDED.format(self._progress.confirmed_count))
        self._progress.mark_applied()

    def _note_completion(self, run: CheckRun) -> None:
        self._completed_as = run.identity if run.status is Status.COMPLETED else None

    def _has_arrived(self, response: ApiResponse, expected: int) -> bool:
        """Whether the run has so many annotations; the answer to the PATCH usually says so."""
        count = (response.data.get("output") or {}).get("annotations_count") or 0
        return int(count) >= expected or self._count() >= expected

    def _request(self, run: CheckRun, part: Sequence[Annotation]) -> Request:
        body = payload.update(self._with_refusals(run), part)
        if self._completed_as is not None:
            keys = ("output",) if run.identity == self._completed_as else ("output", "external_id")
            body = {key: body[key] for key in keys}
        return Request(method="PATCH", path=self._path, body=body)

    def _with_refusals(self, run: CheckRun) -> CheckRun:
        """Return the run with a note about rejected annotations, if it completes."""
        if run.status is not Status.COMPLETED:
            return run
        sentence = rejected_annotations(escaped=self._progress.mended, rejected=self._progress.left_out)
        return replace(run, output=with_footer(run.output, sentence))

    def _count(self) -> int:
        """Return how many annotations the run has."""
        response = self._api.ask(Request(method="GET", path=self._path), until=self._until)
        return int(response.data["output"]["annotations_count"])
