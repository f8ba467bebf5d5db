"""The steps of the action: from a job's inputs to a program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from typing import BinaryIO

from ..adapters.github import network
from ..adapters.pytest_process.workspace import LocalWorkspace
from ..adapters.reports.saved import SavedReports
from ..adapters.runner.job_files import RunnerFiles
from ..adapters.runner.job_log import JobLog
from ..adapters.system.record_file import RecordFile
from ..adapters.system.spool import FileSpool
from ..core.inputs.job_inputs import JobInputs, parse_job
from ..core.model.check_run import CheckRun, Published
from ..core.model.errors import CheckError, ExitStatus, FileError
from ..core.model.ports import ForeignCheckRunError, JsonReport, PublishError
from ..core.model.settings import Program
from ..core.pytest_process.environment import network_variables
from ..core.redaction.redactor import Redactor
from ..core.redaction.source_lines import redacted_lines
from ..core.redaction.values import secrets_of
from ..core.runner.post_step_state import ForgedStateError, parse_state, state_key
from .publish.publish import publish
from .run.create import CheckRunCreator, new_check_run
from .run.dependencies import Dependencies
from .run.invalid_inputs import report_problems, skip
from .run.open_base import base_opener, past_opener
from .run.post_step import created_run, finish
from .run.run import run
from .wiring import Wiring, read_event

_OTHER_CERTIFICATES = (
    "The post step does not use the CA bundle of REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE: the file has changed since the "
    "main step, or cannot be read. Requests to GitHub may fail. Keep the file where tests cannot write it."
)


def run_step(environ: Mapping[str, str], stdout: BinaryIO, options: Mapping[str, str] | None = None) -> ExitStatus:
    """Run the main step: run tests, publish reports, or act on events.

    `options` are inputs that the command line sets, by their names.
    """
    network.use(network_variables(environ))
    inputs = parse_job(environ, read_event(environ), options or {})
    wiring = Wiring(inputs, environ, stdout)
    wiring.cancel.install()
    match inputs.settings.program:
        case Program.RESPOND if not inputs.problems:
            from .events.steps import respond_step  # noqa: PLC0415 - 10 ms that a run need not spend

            return respond_step(wiring)
        case Program.POLL if not inputs.problems:
            from .events.steps import poll_step  # noqa: PLC0415

            return poll_step(wiring)
        case _:
            with closing(wiring):
                return _check_run_step(wiring, environ)


def _check_run_step(wiring: Wiring, environ: Mapping[str, str]) -> ExitStatus:
    """Run the programs that create a check run."""
    wiring.protect_process()
    inputs = wiring.inputs
    initial_run = new_check_run(inputs.settings, inputs.context, wiring.clock)
    if other_names := _names_to_rerun(inputs):
        return skip(inputs.settings, f"this re-run is for {other_names}", wiring.files)
    redact = Redactor(secrets_of(inputs.credentials, environ), inputs.settings.redact)
    try:
        reports = _reports(wiring)
        spool, previous_run_spool, records = FileSpool(), FileSpool(), RecordFile()
        workspace = _workspace(wiring, environ)
    except CheckError as error:
        status = report_problems(error.problems, initial_run, _creator_for_problems(wiring), redact, wiring)
        wiring.write_comment(initial_run)
        return status
    with workspace:
        wiring.find_root = workspace.root
        wiring.source_lines = redacted_lines(workspace.source_lines, redact)
        dependencies = _dependencies(wiring, workspace, spool, previous_run_spool, records)
        status = _run_or_publish(wiring, reports, initial_run, redact, dependencies)
    wiring.tidy()
    wiring.write_comment(initial_run)
    return status


def _dependencies(
    wiring: Wiring, workspace: LocalWorkspace, spool: FileSpool, previous_run_spool: FileSpool, records: RecordFile
) -> Dependencies:
    inputs = wiring.inputs
    return Dependencies(
        creator=wiring.creator(),
        workspace=workspace,
        reports=SavedReports(wiring.folder, wiring.warn),
        job=wiring.files,
        clock=wiring.clock,
        cancel=wiring.cancel,
        spool=spool,
        records=records,
        save=wiring.save,
        # A spool of its own: the look-up may go on after a cancelled wait.
        find_previous_run=partial(wiring.find_previous_run, previous_run_spool) if inputs.context.rerun else None,
        is_app=bool(inputs.credentials.private_key),
        open_base_runs=base_opener(inputs, wiring.retry_policy, wiring.files.log),
        open_past_runs=past_opener(inputs, wiring.retry_policy, wiring.files.log),
        has_buttons=wiring.has_buttons,
        start_deadline=wiring.deadline.start,
    )


def _names_to_rerun(inputs: JobInputs) -> str:
    """Return the names of the checks that are re-run if they are other jobs', else an empty string."""
    rerun = inputs.context.rerun
    if inputs.problems or rerun is None or inputs.category_rerun is not None:
        return ""
    return ", ".join(category.name for category in rerun.categories)


def _reports(wiring: Wiring) -> Sequence[JsonReport]:
    """Return the reports to publish, if any. Raises `CheckError` with all problems of the inputs and the reports."""
    problems = wiring.inputs.problems
    try:
        reports = wiring.reports() if wiring.inputs.settings.program is Program.PUBLISH else []
    except CheckError as error:
        raise CheckError(*problems, *error.problems) from None
    if problems:
        raise CheckError(*problems)
    return reports


def _run_or_publish(
    wiring: Wiring, reports: Sequence[JsonReport], initial_run: CheckRun, redact: Redactor, dependencies: Dependencies
) -> ExitStatus:
    """Run the tests or publish reports. If the check run belongs to another job, say so."""
    try:
        if wiring.inputs.settings.program is Program.PUBLISH:
            return publish(reports, wiring.inputs.settings, wiring.inputs.context, redact, dependencies)
        return run(wiring.inputs.settings, wiring.inputs.context, redact, dependencies)
    except ForeignCheckRunError as error:
        wiring.save(Published(id=""), None)
        return skip(wiring.inputs.settings, str(error), wiring.files)
    except FileError as error:
        return report_problems(error.problems, initial_run, _creator_for_problems(wiring), redact, wiring)
    except CheckError as error:  # another job's check has this name, so none is created
        return report_problems(error.problems, initial_run, _no_check(wiring), redact, wiring)


def _creator_for_problems(wiring: Wiring) -> CheckRunCreator:
    """Return what creates a check run that reports mistakes: none if a shell names a report that is missing."""
    if wiring.inputs.settings.program is Program.PUBLISH and not wiring.files.is_workflow:
        return _no_check(wiring)
    return wiring.creator(has_results=False)


def _no_check(wiring: Wiring) -> CheckRunCreator:
    """Return what creates no check run."""
    no_results = JobLog(wiring.files, has_results=False)
    return CheckRunCreator(publishers=[], fallback=no_results, warn=wiring.warn)


def _workspace(wiring: Wiring, environ: Mapping[str, str]) -> LocalWorkspace:
    return LocalWorkspace(
        wiring.folder,
        wiring.inputs.settings.working_directory,
        wiring.inputs.settings.pytest_args,
        environ=environ,
        sink=wiring.files.write_output,
        in_colour=wiring.in_colour,
        start=wiring.start(),
        is_cancelled=wiring.cancel.is_set,
        before_tests=wiring.close_files,
    )


def finish_step(environ: Mapping[str, str], stdout: BinaryIO) -> ExitStatus:
    """Run the post step, which never fails: the main step's status is the job's.

    Tests may have written to its environment, so proxies and certificates come from the signed state alone. If that
    names a check run, GitHub has answered the main step.
    """
    network.use({})
    inputs = parse_job(environ, read_event(environ), {})
    files = RunnerFiles(environ, stdout)
    try:
        state = parse_state(environ, state_key(inputs.credentials, inputs.context))
        if state is not None:
            wiring = Wiring(inputs, environ, stdout, has_answered=bool(state.id))
            wiring.cancel.install()
            wiring.deadline.start()
            if not network.use_unchanged(state.network, state.certificates_sha256):
                wiring.warn(_OTHER_CERTIFICATES)
            finish(state, inputs.job_status, [*wiring.publishers()], wiring.files, wiring.clock)
            wiring.write_comment(created_run(state))
    except (PublishError, CheckError, ForgedStateError) as error:
        files.warn(f"The check run of this job may be missing, or still be in progress: {error}")
    return ExitStatus.PASSED
