"""What the job log says of the check run: where it is and how it ended, or the failures that it lacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...adapters.runner.job_log import JobLog
from ...core.model.check_run import Annotation, CheckRun, Published, Status
from ...core.model.limits import ERROR_COMMANDS_PER_STEP
from ...core.model.ports import JobFiles, Publisher, PublishError
from ...core.runner import workflow_commands
from .sender import CheckRunSender


def fall_back(live: CheckRunSender, done: CheckRun, job: JobFiles) -> None:
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


class Copying:
    """The `Publisher` that is `first`; `copy` is told the same until it fails once, which `warn` tells."""

    def __init__(self, first: Publisher, copy: Publisher, *, warn: Callable[[str], None]) -> None:
        self.name = first.name
        self._first = first
        self._copy = copy
        self._warn = warn
        self._copied: Published | None = None
        self._refused: set[tuple[Annotation, ...]] = set()

    def create(self, run: CheckRun) -> Published:
        """Put it up in both places."""
        published = self._first.create(run)
        try:
            self._copied = self._copy.create(run)
        except PublishError as error:
            self._warn(str(error))
        return published

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:
        """Tell both; the copy first, so that it has what the other may refuse; what is given again, it has."""
        batch = tuple(annotations)
        if self._copied is not None:
            try:
                self._copy.update(self._copied, run, () if batch in self._refused else batch)
            except PublishError as error:
                self._warn(str(error))
                self._copied = None
        self._refused.add(batch)
        self._first.update(published, run, batch)
        self._refused.discard(batch)

    def seconds_until_ready(self) -> float:
        """The first one's pace."""
        return self._first.seconds_until_ready()
