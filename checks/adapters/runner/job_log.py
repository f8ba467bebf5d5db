"""The publisher of last resort: failures become error commands in the job log if no check run can be created."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.model.check_run import Annotation, CheckRun, Published, Status
from ...core.model.limits import ERROR_COMMANDS_PER_STEP
from ...core.model.ports import CurrentUpdate, JobFiles, Urgency
from ...core.report.first_failures import FirstFailures
from ...core.runner import workflow_commands

_INSTEAD = "The results are in this log, in the job summary and in the outputs."
_INSTEAD_IN_SHELL = "The results are printed here."


class JobLog:
    """Implements `Publisher`: on completion prints the first failures as errors of the step, then the title.

    `has_results`: whether anything is run or published. If not, why has been logged already.
    """

    name = "job log"

    def __init__(self, files: JobFiles, *, has_results: bool = True) -> None:
        self._files = files
        self._has_results = has_results
        self._failures = FirstFailures(ERROR_COMMANDS_PER_STEP)
        self._is_printed = not has_results

    def create(self, run: CheckRun, current: CurrentUpdate | None = None) -> Published:
        """Print that no check run is created, and where the results are instead."""
        del current
        if self._has_results:
            instead = _INSTEAD if self._files.is_workflow else _INSTEAD_IN_SHELL
            self._files.log(workflow_commands.inert(f"Cannot create the check run “{run.name}”. {instead}"))
        else:
            self._files.log("Nothing was run, and no check run was created.")
        return Published(id="")

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:
        """Keep the first failures; print them when the run is completed."""
        del published
        self._failures.add(annotations)
        if run.status is Status.COMPLETED and not self._is_printed:
            self._is_printed = True
            self._print(run)

    def set_commit_status(self, published: Published, run: CheckRun) -> bool:
        """Return True: only a check run has a commit status."""
        del published, run
        return True

    def seconds_until_ready(self, urgency: Urgency) -> float:
        """Return 0.0: the log is always ready."""
        del urgency
        return 0.0

    def _print(self, run: CheckRun) -> None:
        for annotation in self._failures.chosen():
            text = "\n\n".join(part for part in (annotation.message, annotation.raw_details) if part)
            self._files.log(
                workflow_commands.error(text, title=annotation.title, file=annotation.path, line=annotation.line)
            )
        if self._failures.count > ERROR_COMMANDS_PER_STEP:
            self._files.log(
                f"Showing only the first {ERROR_COMMANDS_PER_STEP} failures. See the job summary for more."
                if self._files.is_workflow
                else f"Showing only the first {ERROR_COMMANDS_PER_STEP} failures."
            )
        if run.conclusion and not run.conclusion.passes and not self._failures.count:
            self._files.log(workflow_commands.error(run.output.title, title=run.name))
        else:
            self._files.log(workflow_commands.inert(f"{run.name}: {run.conclusion}, {run.output.title}"))
