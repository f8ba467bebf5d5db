"""The main step of a job with a manual check: from its inputs to the check run. It runs no tests, and no process."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from contextlib import closing

from ...adapters.github.client import CHECK_PERMISSIONS, GithubApi
from ...adapters.github.commit_status import JobCommitStatus
from ...adapters.github.earlier_runs import SECONDS, GithubEarlierRuns
from ...core.manual import instructions
from ...core.manual.carry import Carried, NotCarried
from ...core.manual.place import why_not_here
from ...core.manual.record import digest
from ...core.manual.runs import ManualCheck
from ...core.model.check_run import CheckRun
from ...core.model.errors import CheckError, ExitStatus
from ...core.model.manual import ManualRecord
from ...core.model.ports import PublishError
from ...core.redaction.redactor import Redactor
from ...core.redaction.values import secrets_of
from ...core.runner import workflow_commands
from ..run.create import new_check_run
from ..run.grace import AbandonedError, abandon_on_cancel
from ..run.invalid_inputs import no_check, report_problems, skip
from ..run.open_base import reading_api
from ..wiring import Wiring
from .earlier import find_verdict
from .ensure import EnsuredRun, ensure_run
from .instructions import read_instructions
from .report import report_cancelled, report_check, report_elsewhere, report_error

_BUG = "Nothing is carried over, because this action has a bug, which the job log shows."
_NO_COMMIT = (
    "The event {event} names no commit that the check could belong to. Set the input `head-sha` to the commit, or "
    "remove this event from the workflow."
)


def manual_step(wiring: Wiring, environ: Mapping[str, str]) -> ExitStatus:
    """Create the manual check of the job's commit, unless it exists; the step passes if the check run exists."""
    inputs = wiring.inputs
    settings, context = inputs.settings, inputs.context
    initial_run = new_check_run(settings, context, wiring.clock)
    redact = Redactor(secrets_of(inputs.credentials, environ), settings.redact)
    if other_names := inputs.names_to_rerun:
        return skip(settings, f"this re-run is for {other_names}", wiring.files)
    try:
        check = _check(wiring, initial_run, redact)
    except CheckError as error:
        status = report_problems(error.problems, initial_run, wiring.creator(has_results=False), redact, wiring)
        wiring.write_comment(initial_run)
        return status
    is_app = bool(inputs.credentials.private_key)
    if reason := why_not_here(settings.manual, context, is_app=is_app):
        return report_elsewhere(reason, settings, wiring.files)
    if not check.head_sha:
        return report_error(_NO_COMMIT.format(event=context.event or "none"), settings, wiring.files)
    return _create(check, initial_run, redact, wiring)


def _check(wiring: Wiring, initial_run: CheckRun, redact: Redactor) -> ManualCheck:
    """Return the check as it waits for a verdict. Raises `CheckError` with all mistakes in the inputs."""
    problems, text = wiring.inputs.problems, ""
    try:
        text = redact(read_instructions(wiring.folder, wiring.inputs.settings.instructions))
        text = instructions.checked(text)
    except CheckError as error:
        problems = (*problems, *error.problems)
    if problems:
        raise CheckError(*problems)
    return ManualCheck(
        name=initial_run.name,
        head_sha=initial_run.head_sha,
        identity=initial_run.identity,
        instructions=text,
        record=ManualRecord(instructions=digest(text), is_fork=wiring.inputs.context.is_fork),
        details_url=initial_run.details_url,
    )


def _create(check: ManualCheck, initial_run: CheckRun, redact: Redactor, wiring: Wiring) -> ExitStatus:
    """Ensure that the check exists, in a thread that a cancelled job does not wait for, and report it."""
    settings, context, job = wiring.inputs.settings, wiring.inputs.context, wiring.files
    api = wiring.new_api(wiring.inputs.credentials, CHECK_PERMISSIONS)
    wiring.deadline.start()

    def find() -> Carried | NotCarried:
        try:
            return find_verdict(check, context, settings.carry, lambda: _earlier_runs(wiring))
        except Exception:  # noqa: BLE001 - the check asks then
            job.log(workflow_commands.bug(traceback.format_exc()))
            return NotCarried(reason=_BUG)

    try:
        ensured = abandon_on_cancel(lambda: ensure_run(check, find, api), wiring.cancel, after_seconds=0.0)
    except AbandonedError:
        return report_cancelled(settings, job)
    except PublishError as error:
        return report_error(str(error), settings, job)
    except CheckError as error:  # another job's check has this name
        return report_problems(error.problems, initial_run, no_check(wiring), redact, wiring)
    status = report_check(ensured, settings, job)
    _show_elsewhere(ensured, api, wiring)
    return status


def _show_elsewhere(ensured: EnsuredRun, api: GithubApi, wiring: Wiring) -> None:
    """Copy the check run to the folder of the preview, and repeat its state as commit status and in the comment."""
    if wiring.inputs.settings.preview:
        from ...adapters.preview.folder import FolderPublisher  # noqa: PLC0415 - 0.3 s that most jobs need not spend

        try:
            with closing(FolderPublisher(wiring.folder / wiring.inputs.settings.preview)) as preview:
                preview.create(ensured.run)
        except PublishError as error:
            wiring.warn(str(error))
    if wiring.cancel.is_set():
        return
    if ensured.is_new:
        JobCommitStatus(api, wiring.warn).set(ensured.published, ensured.run)
    wiring.write_comment(ensured.run)


def _earlier_runs(wiring: Wiring) -> GithubEarlierRuns:
    """Return what reads earlier commits, within some seconds."""
    api = reading_api(wiring.inputs, wiring.retry_policy(), SECONDS)
    return GithubEarlierRuns(api, lambda line: wiring.files.log(workflow_commands.inert(line)), wiring.cancel.is_set)
