"""The action's main step: the program that its input asks for, and the post step, which ends what that left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import BinaryIO

from ..adapters.github import network
from ..adapters.pytest_process.workspace import LocalWorkspace
from ..adapters.reports.saved import SavedReports
from ..adapters.runner.job_log import JobLog
from ..adapters.system.spool import FileSpool
from ..core.model.check_run import CheckRun, Published
from ..core.model.errors import CheckError, ExitStatus
from ..core.model.ports import ForeignCheckRunError, JsonReport, PublishError
from ..core.model.settings import Program
from ..core.pytest_process.environment import network_variables
from ..core.redaction.redactor import Redactor
from ..core.redaction.values import secrets_of
from ..core.runner.post_step_state import ForgedStateError, parse_state
from .events.steps import poll_step, respond_step
from .publish.publish import publish
from .run.create import new_check_run, run_creator
from .run.dependencies import Dependencies
from .run.invalid_inputs import report_problems, skip
from .run.post_step import finish
from .run.run import run
from .wiring import Step

_OTHER_CERTIFICATES = (
    "The certificates that REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names are not used here: they cannot be proved to be "
    "those of the main step. GitHub may not be reached because of that; keep the file where no test writes it."
)


def run_step(environ: Mapping[str, str], stdout: BinaryIO) -> ExitStatus:
    """The main step: runs the tests, publishes the reports of others, or acts on events."""
    network.use(network_variables(environ))
    step = Step(environ, stdout)
    step.cancel.install()
    if not step.problems and step.settings.program in (Program.RESPOND, Program.POLL):
        return respond_step(step) if step.settings.program is Program.RESPOND else poll_step(step)
    return _check_run_step(step, environ)


def _check_run_step(step: Step, environ: Mapping[str, str]) -> ExitStatus:
    """What ends in a check run of this job's."""
    step.shut_out_the_tests()
    reports = step.reports() if step.settings.program is Program.PUBLISH and not step.problems else []
    initial_run = new_check_run(step.settings, step.context, step.clock)
    if not step.problems and step.rerun is not None and step.wanted is None:
        other_names = ", ".join(wanted.name for wanted in step.rerun.categories)
        return skip(step.settings.check_name, f"this re-run is for {other_names}", step.files)
    if step.problems:
        return report_problems(step.problems, initial_run, step.run_creator(), step)
    try:
        spool, previous_run_spool, workspace = FileSpool(), FileSpool(), _workspace(step, environ)
    except CheckError as error:
        return report_problems(error.problems, initial_run, step.run_creator(), step)
    with workspace:
        dependencies = Dependencies(
            create_run=step.run_creator(),
            workspace=workspace,
            reports=SavedReports(step.folder, step.warn),
            job=step.files,
            clock=step.clock,
            cancel=step.cancel,
            spool=spool,
            save=step.save,
            find_previous_run=partial(
                step.find_previous_run, previous_run_spool
            ),  # not shared: the look-up may go on after a cancelled wait
            has_buttons=step.has_buttons,
            start_deadline=step.deadline.start,
        )
        redact = Redactor(secrets_of(step.credentials, environ), step.settings.redact)
        return _run_or_publish(step, reports, initial_run, redact, dependencies)


def _run_or_publish(
    step: Step, reports: Sequence[JsonReport], initial_run: CheckRun, redact: Redactor, dependencies: Dependencies
) -> ExitStatus:
    """Run the tests, or take the reports of others; where the check run is another job's, say so."""
    try:
        if step.settings.program is Program.PUBLISH:
            return publish(reports, step.settings, step.context, redact, dependencies)
        return run(step.settings, step.context, redact, dependencies)
    except ForeignCheckRunError as error:
        step.save(Published(id=""), None)
        return skip(step.settings.check_name, str(error), step.files)
    except CheckError as error:  # another job's check has this name: there is none of ours
        no_check = run_creator([], JobLog(step.files), save=step.save, warn=step.warn, cancel=step.cancel)
        return report_problems(error.problems, initial_run, no_check, step)


def _workspace(step: Step, environ: Mapping[str, str]) -> LocalWorkspace:
    return LocalWorkspace(
        step.folder,
        step.settings.working_directory,
        environ=environ,
        sink=step.files.write_output,
        in_colour=True,
        start=step.start(),
        is_cancelled=step.cancel.is_set,
    )


def finish_step(environ: Mapping[str, str], stdout: BinaryIO) -> ExitStatus:
    """The post step; it never fails the job, whose verdict the main step has given.

    Tests may have written its environment, so proxies and certificates come from the signed state alone.
    """
    network.use({})
    step = Step(environ, stdout)
    step.cancel.install()
    try:
        state = parse_state(environ, step.key)
        if state is not None:
            if not network.use_unchanged(state.network, state.certificates_sha256):
                step.warn(_OTHER_CERTIFICATES)
            finish(state, step.inputs.get("job-status", ""), [*step.publishers()], step.files, step.clock)
    except (PublishError, ForgedStateError) as error:
        step.warn(f"The check run that the main step left may still be in progress: {error}")
    return ExitStatus.PASSED
