"""Complete the check run after the tests, within the time that a cancelled job has."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from ...core.model.check_run import CheckRun
from ...core.report.footer import unsent_annotations, with_footer
from ...core.runner import workflow_commands
from .dependencies import Dependencies
from .grace import ABANDON_UPLOAD_SECONDS
from .publishers import log_unsent
from .sender import CheckRunSender

_REMEDY = "The job summary and the JSON report have all results. To send the report later, use `program: publish`."
_REMEDY_IN_SHELL = "The JSON report has all results. To send it later, use `program: publish`."
_POLL_SECONDS = 0.1

T = TypeVar("T")


class Completion:
    """Completes a check run as `completed_run`, or as the result of `if_cancelled` if the job is cancelled in time.

    Starts when constructed. `is_urgent` is for a cancelled job. If the process is killed before the end, the post step
    has what it needs to complete the run.
    """

    def __init__(
        self,
        sender: CheckRunSender,
        completed_run: CheckRun,
        if_cancelled: Callable[[], CheckRun],
        dependencies: Dependencies,
        *,
        is_urgent: bool,
    ) -> None:
        self._sender = sender
        self._completed_run = completed_run
        self._if_cancelled = if_cancelled
        self._dependencies = dependencies
        self._is_urgent = is_urgent
        dependencies.start_deadline()
        self._complete(completed_run)
        self._check_cancel()

    def checking_cancel(self, pieces: Iterable[T]) -> Iterator[T]:
        """Yield `pieces` unchanged, and check for cancellation meanwhile."""
        for piece in pieces:
            self._check_cancel()
            yield piece

    def wait(self) -> CheckRun:
        """Wait for the completion (in a cancelled job as long as the runner allows), and log the result.

        Returns the check run as it was, or should be, completed.
        """
        while not self._sender.join(_POLL_SECONDS):
            self._check_cancel()
            if self._dependencies.cancel.seconds_ago() >= ABANDON_UPLOAD_SECONDS:
                self._sender.abandon()
                break
        self._report_result()
        return self._completed_run

    def _check_cancel(self) -> None:
        if self._dependencies.cancel.is_set() and not self._is_urgent:
            self._is_urgent = True
            self._complete(self._if_cancelled())

    def _complete(self, run: CheckRun) -> None:
        self._save(run)
        note = unsent_annotations(self._sender.waiting()) if self._is_urgent else ""
        run_with_note = replace(run, output=with_footer(run.output, note))
        if self._sender.complete(run_with_note, is_urgent=self._is_urgent) is run_with_note:
            self._completed_run = run
        else:
            self._save(self._completed_run)

    def _report_result(self) -> None:
        sender, job = self._sender, self._dependencies.job
        if sender.bug is not None:
            trace = "".join(traceback.format_exception(sender.bug))
            job.log(workflow_commands.bug(trace))
        if sender.error is not None:
            remedy = _REMEDY if job.is_workflow else _REMEDY_IN_SHELL
            job.log(workflow_commands.warning(job.named(f"{sender.error} {remedy}")))
            log_unsent(sender, self._completed_run, job)
        elif not sender.active_run.may_exist_on_github:
            self._save(None)

    def _save(self, run: CheckRun | None) -> None:
        """Save the run for the post step, unless certainly no check run was created."""
        active_run = self._sender.active_run
        if active_run.published.id or active_run.may_exist_on_github:
            self._dependencies.save(active_run.published, run)
