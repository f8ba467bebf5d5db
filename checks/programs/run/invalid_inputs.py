"""Report the user's mistakes in the log, in the job summary and in a check run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...adapters.runner.job_log import JobLog
from ...core.model.check_run import CheckRun, Conclusion, Output, Published, Status
from ...core.model.errors import ExitStatus, Problem
from ...core.model.ports import JobFiles, PublishError
from ...core.model.session import Session
from ...core.model.settings import Settings
from ...core.redaction.redactor import Redactor
from ...core.runner import workflow_commands
from ...core.runner.outputs import outputs
from ...core.text.amounts import pluralize
from ...core.text.escape import prose
from ..wiring import Wiring
from .create import CheckRunCreator
from .grace import AbandonedError, abandon_on_cancel

_ABANDONED = (
    "The job was cancelled before GitHub confirmed that the check run is completed. The post step completes it."
)


def report_problems(
    problems: Sequence[Problem], initial_run: CheckRun, creator: CheckRunCreator, redact: Redactor, wiring: Wiring
) -> ExitStatus:
    """Complete a check run as `action_required` with all problems; `initial_run` is the run without them.

    A problem quotes the user's value, which may hold a secret.
    """
    job = wiring.files
    title = problems[0].title or pluralize(len(problems), "invalid input")
    texts = [redact(job.named(str(problem))) for problem in problems]
    summary = "\n".join(["Nothing was run.", "", *(f"- {prose(text)}" for text in texts)])
    for text in texts:
        job.log(workflow_commands.error(text, title=initial_run.name))
    completed_run = replace(
        initial_run,
        status=Status.COMPLETED,
        conclusion=Conclusion.ACTION_REQUIRED,
        completed_at=initial_run.started_at,
        output=Output(title=title, summary=summary),
    )
    if creator.may_create(initial_run):
        wiring.save(Published(id=""), completed_run)
    wiring.deadline.start()
    published: Published | None = None
    try:
        published = abandon_on_cancel(lambda: _publish(creator, initial_run, completed_run, wiring), wiring.cancel)
    except AbandonedError:
        wiring.warn(_ABANDONED)
    job.outputs(outputs(Session(), Conclusion.ACTION_REQUIRED, published))
    job.summary(f"## {prose(initial_run.name)}\n\n**{title}**\n\n{summary}")
    return ExitStatus.USAGE


def _publish(
    creator: CheckRunCreator, initial_run: CheckRun, completed_run: CheckRun, wiring: Wiring
) -> Published | None:
    """Create and complete the check run. Return None if it was not created."""
    active_run = creator.create(initial_run) or creator.without_check_run(initial_run)
    for problem in active_run.problems:
        wiring.files.log(workflow_commands.error(wiring.files.named(str(problem)), title=initial_run.name))
    published = active_run.published
    is_open = bool(published.id) or active_run.is_unsettled
    wiring.save(published, completed_run if is_open else None)
    try:
        active_run.publisher.update(published, completed_run, ())
    except PublishError as error:
        wiring.warn(str(error))
    else:
        is_settled = active_run.publisher.set_commit_status(published, completed_run)
        wiring.save(published, None if is_settled and not active_run.is_unsettled else completed_run)
    return published if published.id else None


def no_check(wiring: Wiring) -> CheckRunCreator:
    """Return what creates no check run."""
    no_results = JobLog(wiring.files, has_results=False)
    return CheckRunCreator(publishers=[], fallback=no_results, warn=wiring.warn)


def skip(settings: Settings, reason: str, job: JobFiles) -> ExitStatus:
    """Report why this job does not run its check; `reason` ends the sentence."""
    sentence = f"This job does not run {settings.check_name}: {reason}."
    job.log(workflow_commands.inert(sentence))
    job.outputs(outputs(Session(), Conclusion.SKIPPED, None))
    if settings.job_summary.covers(Conclusion.SKIPPED):
        job.summary(prose(sentence))
    return ExitStatus.PASSED
