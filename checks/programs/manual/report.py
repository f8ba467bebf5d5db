"""Report a manual check to the job: log, outputs and job summary."""

from __future__ import annotations

from ...core.model.check_run import Conclusion
from ...core.model.errors import ExitStatus
from ...core.model.ports import JobFiles
from ...core.model.session import Session
from ...core.model.settings import Settings
from ...core.runner import workflow_commands
from ...core.runner.outputs import outputs
from ...core.text.escape import prose
from .ensure import EnsuredRun

_CANCELLED = "The job was cancelled before GitHub confirmed that the check exists. Re-run the job."
_NO_CHECK = "No check was created"


def report_check(ensured: EnsuredRun, settings: Settings, job: JobFiles) -> ExitStatus:
    """Report the check run. The step passes also if the check does not: the check run is the verdict."""
    run, published = ensured.run, ensured.published
    conclusion = run.conclusion or Conclusion.ACTION_REQUIRED
    what = f"Created check run “{run.name}”" if ensured.is_new else f"The check run “{run.name}” stays as it is"
    job.log(workflow_commands.inert(f"{what}: {conclusion}, {run.output.title}: {published.page}"))
    job.outputs(outputs(Session(), conclusion, published))
    if settings.job_summary.covers(conclusion):
        link = f"[The check run]({published.page}) has the instructions and the buttons."
        job.summary(f"## {prose(run.name)}\n\n**{prose(run.output.title)}**\n\n{link}")
    return ExitStatus.PASSED


def report_elsewhere(reason: str, settings: Settings, job: JobFiles) -> ExitStatus:
    """Report why this job creates no check; the step passes."""
    sentence = f"The check “{settings.check_name}” is not created here. {job.named(reason)}"
    job.log(workflow_commands.inert(sentence))
    job.outputs(outputs(Session(), Conclusion.SKIPPED, None))
    if settings.job_summary.covers(Conclusion.SKIPPED):
        job.summary(prose(sentence))
    return ExitStatus.PASSED


def report_error(error: str, settings: Settings, job: JobFiles) -> ExitStatus:
    """Report that GitHub could not be asked, or has refused; the step fails."""
    message = job.named(error)
    job.log(workflow_commands.error(message, title=settings.check_name))
    job.outputs(outputs(Session(), Conclusion.ACTION_REQUIRED, None))
    job.summary(f"## {prose(settings.check_name)}\n\n**{_NO_CHECK}**\n\n{prose(message)}")
    return ExitStatus.FAILED


def report_cancelled(settings: Settings, job: JobFiles) -> ExitStatus:
    """Report that the job was cancelled; the step fails."""
    job.log(workflow_commands.error(job.named(_CANCELLED), title=settings.check_name))
    job.outputs(outputs(Session(), Conclusion.CANCELLED, None))
    return ExitStatus.FAILED
