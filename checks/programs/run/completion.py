"""Complete the check run after the tests, within the time that a cancelled job has."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from ...core.model.ports import PublishError
from ...core.runner import workflow_commands
from .content import CompletedContent
from .dependencies import Dependencies
from .grace import ABANDON_UPLOAD_SECONDS
from .publishers import log_unsent
from .sender import CheckRunSender

_REMEDY = "The job summary and the JSON report have all results. To send the report later, use `program: publish`."
_REMEDY_IN_SHELL = "The JSON report has all results. To send it later, use `program: publish`."
_POLL_SECONDS = 0.1
_NOT_ANNOTATED = "The job was cancelled before all annotations were sent to GitHub."
_NOT_COMPLETED = (
    "The job was cancelled before everything was sent to GitHub. "
    "The post step looks for the check run and completes it."
)

T = TypeVar("T")


class Completion:
    """Completes a check run with `content`, or with the result of `if_cancelled` if the job is cancelled in time.

    Starts when constructed. `is_urgent` is for a cancelled job. If the process is killed before the end, the post step
    has what it needs to complete the run.
    """

    def __init__(
        self,
        sender: CheckRunSender,
        content: CompletedContent,
        if_cancelled: Callable[[], CompletedContent],
        dependencies: Dependencies,
        *,
        is_urgent: bool,
    ) -> None:
        self._sender = sender
        self._if_cancelled = if_cancelled
        self._dependencies = dependencies
        self._is_urgent = is_urgent
        dependencies.start_deadline()
        self._content = sender.complete(content, is_urgent=is_urgent)
        self._check_cancel()

    def checking_cancel(self, pieces: Iterable[T]) -> Iterator[T]:
        """Yield `pieces` unchanged, and check for cancellation meanwhile."""
        for piece in pieces:
            self._check_cancel()
            yield piece

    def wait(self) -> CompletedContent:
        """Wait until everything is sent (in a cancelled job as long as the runner allows), and log the result.

        Returns how the check run was, or should be, completed.
        """
        while not self._sender.join(_POLL_SECONDS):
            self._check_cancel()
            if self._dependencies.cancel.seconds_ago() >= ABANDON_UPLOAD_SECONDS:
                self._sender.abandon(PublishError(_NOT_ANNOTATED if self._sender.is_completed else _NOT_COMPLETED))
                break
        self._report_result()
        return self._content

    def _check_cancel(self) -> None:
        if self._dependencies.cancel.is_set() and not self._is_urgent:
            self._is_urgent = True
            self._content = self._sender.complete(self._if_cancelled(), is_urgent=True)

    def _report_result(self) -> None:
        sender, job = self._sender, self._dependencies.job
        if sender.bug is not None:
            trace = "".join(traceback.format_exception(sender.bug))
            job.log(workflow_commands.bug(trace))
        if sender.error is not None:
            remedy = _REMEDY if job.is_workflow else _REMEDY_IN_SHELL
            job.warn(f"{sender.error} {remedy}")
            log_unsent(sender, self._content.run, job)
