"""The upload after the tests: the check run's completion is asked for, waited for while there is time, and told."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from ...core.model.check_run import CheckRun
from ...core.model.errors import BUG
from ...core.report.footer import unsent_annotations, with_footer
from ...core.runner import workflow_commands
from .dependencies import Dependencies
from .grace import LEAVE_SECONDS
from .publishers import fall_back
from .sender import CheckRunSender

_ELSEWHERE = "The job summary and the report have everything; `program: publish` can send that report later."
_POLL_SECONDS = 0.1

T = TypeVar("T")


class Completion:
    """The completion of a check run as `done` says, or as `if_cancelled` says where the job is cancelled in time.

    It has begun with its construction; an urgent one is that of a cancelled job. If we are killed before the end,
    the post step has what it needs to complete the run.
    """

    def __init__(
        self,
        live: CheckRunSender,
        done: CheckRun,
        if_cancelled: Callable[[], CheckRun],
        outside: Dependencies,
        *,
        is_urgent: bool,
    ) -> None:
        self._live = live
        self._done = done
        self._if_cancelled = if_cancelled
        self._outside = outside
        self._is_urgent = is_urgent
        outside.start_deadline()
        self._complete(done)
        self._heed()

    def heeding(self, pieces: Iterable[T]) -> Iterator[T]:
        """The pieces, whatever they are for; a cancel is heeded while they are taken."""
        for piece in pieces:
            self._heed()
            yield piece

    def end(self) -> CheckRun:
        """Wait for it, of a cancelled job as long as the runner lets us; tell what became of it.

        Returns what the run was completed as, or is to be.
        """
        while not self._live.join(_POLL_SECONDS):
            self._heed()
            if self._outside.cancel.seconds_ago() >= LEAVE_SECONDS:
                self._live.leave()
                break
        self._tell()
        return self._done

    def _heed(self) -> None:
        if self._outside.cancel.is_set() and not self._is_urgent:
            self._is_urgent = True
            self._complete(self._if_cancelled())

    def _complete(self, run: CheckRun) -> None:
        self._save(run)
        sentence = unsent_annotations(self._live.waiting()) if self._is_urgent else ""
        told = replace(run, output=with_footer(run.output, sentence))
        if self._live.complete(told, is_urgent=self._is_urgent) is told:
            self._done = run
        else:
            self._save(self._done)

    def _tell(self) -> None:
        live, job = self._live, self._outside.job
        if live.bug is not None:
            trace = "".join(traceback.format_exception(live.bug))
            job.log(f"{workflow_commands.inert(trace)}\n{workflow_commands.error(BUG)}")
        if live.error is not None:
            job.log(workflow_commands.warning(f"{live.error} {_ELSEWHERE}"))
            fall_back(live, self._done, job)
        elif not live.link.is_doubtful:
            self._save(None)

    def _save(self, run: CheckRun | None) -> None:
        """For the post step; where no check run was put up for certain, there is nothing for it to do."""
        link = self._live.link
        if link.published.id or link.is_doubtful:
            self._outside.save(link.published, run)
