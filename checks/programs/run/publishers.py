"""What the job log says of the check run: where it is and how it ended, or the failures that it lacks."""

from __future__ import annotations

from collections.abc import Sequence

from ...adapters.runner.job_log import JobLog
from ...core.model.check_run import Annotation, CheckRun, Published, Status
from ...core.model.limits import ERROR_COMMANDS_PER_STEP
from ...core.model.ports import JobFiles, Publisher
from ...core.runner import workflow_commands
from .sender import Live


def fall_back(live: Live, done: CheckRun, job: JobFiles) -> None:
    """Tell what a check run was to say that could not be completed: the first failures that it lacks, and its title."""
    JobLog(job).update(live.link.published, done, live.unsent(ERROR_COMMANDS_PER_STEP + 1))


class Announcing:
    """The `Publisher` that it is given, with a line of the log when the run is put up and one when it is completed.

    `note` is for people too, below the first.
    """

    def __init__(self, publisher: Publisher, job: JobFiles, *, note: str = "") -> None:
        self.name = publisher.name
        self._publisher = publisher
        self._job = job
        self._note = note
        self._is_told = False

    def create(self, run: CheckRun) -> Published:
        """Put it up, and say by whom and where."""
        published = self._publisher.create(run)
        self._job.log(workflow_commands.inert(f"Check run “{run.name}”, put up by {self.name}: {published.page}"))
        if self._note:
            self._job.log(self._note)
        return published

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:
        """Update it; say once how it ended."""
        self._publisher.update(published, run, annotations)
        if run.status is Status.COMPLETED and not self._is_told:
            self._is_told = True
            self._job.log(
                workflow_commands.inert(f"{run.name}: {run.conclusion}, {run.output.title}: {published.page}")
            )

    def seconds_until_ready(self) -> float:
        """The publisher's pace."""
        return self._publisher.seconds_until_ready()
