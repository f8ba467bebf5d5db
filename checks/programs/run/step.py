"""The main step of a job that runs tests or publishes reports: from its inputs to a check run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from ...adapters.pytest_process.workspace import LocalWorkspace
from ...adapters.reports.saved import SavedReports
from ...adapters.system.record_file import RecordFile
from ...adapters.system.spool import FileSpool
from ...core.model.check_run import CheckRun, Published
from ...core.model.errors import CheckError, ExitStatus, FileError
from ...core.model.ports import ForeignCheckRunError, JsonReport
from ...core.model.settings import Program
from ...core.redaction.redactor import Redactor
from ...core.redaction.source_lines import redacted_lines
from ...core.redaction.values import secrets_of
from ..publish.publish import publish
from ..wiring import Wiring
from .create import CheckRunCreator, new_check_run
from .dependencies import Dependencies
from .invalid_inputs import no_check, report_problems, skip
from .open_base import base_opener, past_opener
from .run import run


def check_run_step(wiring: Wiring, environ: Mapping[str, str]) -> ExitStatus:
    """Run the programs that create a check run."""
    wiring.protect_process()
    inputs = wiring.inputs
    initial_run = new_check_run(inputs.settings, inputs.context, wiring.clock)
    if other_names := inputs.names_to_rerun:
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
        return report_problems(error.problems, initial_run, no_check(wiring), redact, wiring)


def _creator_for_problems(wiring: Wiring) -> CheckRunCreator:
    """Return what creates a check run that reports mistakes: none if a shell names a report that is missing."""
    if wiring.inputs.settings.program is Program.PUBLISH and not wiring.files.is_workflow:
        return no_check(wiring)
    return wiring.creator(has_results=False)


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
