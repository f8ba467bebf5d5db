"""Updates of one check run at GitHub. Each annotation is sent once, and rejected ones are found and mended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ...core.github import payload
from ...core.github.annotation_progress import AnnotationProgress, Batch
from ...core.github.payload import plain
from ...core.model.check_run import Annotation, CheckRun, Status
from ...core.report.footer import rejected_annotations, with_footer
from .client import GithubApi
from .retrying import ApiResponse, RefusedError, Request

#: The keys that complete a run. Partial updates leave them out, so that the run completes only once.
_STATE_KEYS = ("status", "conclusion", "completed_at", "actions")


class CheckRunUpdates:
    """Updates the check run at `path`. `progress` tracks its annotations, and `log` writes to the job log."""

    def __init__(self, api: GithubApi, path: str, progress: AnnotationProgress, log: Callable[[str], None]) -> None:
        self._api = api
        self._path = path
        self._progress = progress
        self._log = log
        self._until = 0.0

    def update(self, run: CheckRun, batch: Batch) -> None:
        """Replace the run's state and output, and append the batch or its rest. Raises `RefusedError`."""
        self._until = self._api.retry_policy.until()
        if batch and self._progress.needs_count:
            self._progress.record_count(self._count())
        remaining = self._progress.remaining(batch)
        try:
            self._send(run, batch, remaining)
        except RefusedError as error:
            if not (remaining and error.is_invalid):
                raise
            self._send_accepted(run, batch, remaining)
        self._progress.mark_finished(batch)

    def _send_accepted(self, run: CheckRun, batch: Batch, refused_part: Batch) -> None:
        """Send a rejected batch without what GitHub rejects. Complete the run last, or first in a cancelled job."""
        is_last = not self._api.retry_policy.is_cancelled()
        self._send(run, without_state=is_last)  # raises if the annotations are not the reason
        self._send_halves(run, batch, refused_part)
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
                self._send(run, batch, half, without_state=True)
            except RefusedError as error:
                if not error.is_invalid:
                    raise
                self._send_halves(run, batch, half)

    def _send_mended(self, run: CheckRun, batch: Batch, annotation: Annotation) -> None:
        location = f"{annotation.path}:{annotation.line}"
        try:
            self._send(run, batch, (plain(annotation),), without_state=True, is_mended=True)
        except RefusedError as error:
            if not error.is_invalid:
                raise
            self._progress.mark_left_out(batch)
            self._log(f"GitHub rejected the annotation at {location}, and it is left out: {error}")
        else:
            self._log(f"GitHub rejected the annotation at {location}. Its text was sent again in plain ASCII.")

    def _send(
        self,
        run: CheckRun,
        batch: Batch = (),
        part: Sequence[Annotation] = (),
        *,
        without_state: bool = False,
        is_mended: bool = False,
    ) -> None:
        """Send one PATCH with `part`, the next annotations of the batch."""
        request = self._request(run, part, without_state=without_state)
        if not part:
            self._api.ask(request, until=self._until)
            return
        expected = self._progress.count_after(len(part))

        def was_applied() -> ApiResponse | None:
            return ApiResponse(data={}) if self._count() >= expected else None

        self._progress.mark_sending(batch, part, is_mended=is_mended)
        try:
            self._api.ask(request, until=self._until, was_applied=was_applied)
        except RefusedError as error:
            if not error.may_have_been_applied:
                self._progress.mark_refused()
            raise
        self._progress.mark_applied()

    def _request(self, run: CheckRun, part: Sequence[Annotation], *, without_state: bool) -> Request:
        body = payload.update(self._with_refusals(run), part)
        omitted_keys = _STATE_KEYS if without_state else ()
        return Request(
            method="PATCH", path=self._path, body={key: value for key, value in body.items() if key not in omitted_keys}
        )

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
