"""Publishers that log, or copy, what another publisher sends."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...adapters.runner.job_log import JobLog
from ...core.model.check_run import Annotation, CheckRun, Published, Status
from ...core.model.limits import ERROR_COMMANDS_PER_STEP
from ...core.model.ports import CurrentUpdate, JobFiles, Publisher, PublishError, Urgency
from ...core.runner import workflow_commands
from .sender import CheckRunSender


def log_unsent(sender: CheckRunSender, completed_run: CheckRun, job: JobFiles) -> None:
    """Log the title and the first failures of a check run that could not be completed."""
    published = sender.published or Published(id="")
    JobLog(job).update(published, completed_run, sender.unsent(ERROR_COMMANDS_PER_STEP + 1))


class AnnouncingPublisher:
    """Wraps a publisher, and logs when the run is created and when it is completed.

    `note` is logged below the first message.
    """

    def __init__(self, publisher: Publisher, job: JobFiles, *, note: str = "") -> None:
        self.name = publisher.name
        self._publisher = publisher
        self._job = job
        self._note = note
        self._is_announced = False

    def create(self, run: CheckRun, current: CurrentUpdate | None = None) -> Published:
        """Create the run, and log its publisher and page."""
        published = self._publisher.create(run, current)
        self._job.log(workflow_commands.inert(f"Created check run “{run.name}” with {self.name}: {published.page}"))
        if self._note:
            self._job.log(self._note)
        return published

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:
        """Update the run; log its conclusion once."""
        self._publisher.update(published, run, annotations)
        if run.status is Status.COMPLETED and not self._is_announced:
            self._is_announced = True
            self._job.log(
                workflow_commands.inert(f"{run.name}: {run.conclusion}, {run.output.title}: {published.page}")
            )

    def set_commit_status(self, published: Published, run: CheckRun) -> bool:
        """See `Publisher.set_commit_status`."""
        return self._publisher.set_commit_status(published, run)

    def seconds_until_ready(self, urgency: Urgency) -> float:
        """See `Publisher.seconds_until_ready`."""
        return self._publisher.seconds_until_ready(urgency)


class CopyingPublisher:
    """Sends to `primary`, and to `copy` until that fails once; the failure is passed to `warn`."""

    def __init__(self, primary: Publisher, copy: Publisher, *, warn: Callable[[str], None]) -> None:
        self.name = primary.name
        self._primary = primary
        self._copy = copy
        self._warn = warn
        self._copied_run: Published | None = None
        self._refused_batches: set[tuple[Annotation, ...]] = set()

    def create(self, run: CheckRun, current: CurrentUpdate | None = None) -> Published:
        """Create the run in both places."""
        published = self._primary.create(run, current)
        try:
            self._copied_run = self._copy.create(run)
        except PublishError as error:
            self._warn(str(error))
        return published

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:
        """Update both, the copy first, since the primary may fail; a batch that comes again was already copied."""
        batch = tuple(annotations)
        if self._copied_run is not None:
            try:
                self._copy.update(self._copied_run, run, () if batch in self._refused_batches else batch)
            except PublishError as error:
                self._warn(str(error))
                self._copied_run = None
        self._refused_batches.add(batch)
        self._primary.update(published, run, batch)
        self._refused_batches.discard(batch)

    def set_commit_status(self, published: Published, run: CheckRun) -> bool:
        """See `Publisher.set_commit_status`."""
        return self._primary.set_commit_status(published, run)

    def seconds_until_ready(self, urgency: Urgency) -> float:
        """Return the primary's pace."""
        return self._primary.seconds_until_ready(urgency)
