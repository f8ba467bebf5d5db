"""The action's main step: the program that its input asks for, and the post step, which ends what that left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import BinaryIO

from ..edges.job_log import JobLog
from ..edges.kept_reports import KeptReports
from ..edges.spool import FileSpool
from ..edges.workspace import LocalWorkspace
from ..translate.redact import Redactor
from ..translate.secret_values import secrets_of
from ..translate.state import ForgedStateError, parse_state
from ..words.check_run import CheckRun, Published
from ..words.errors import CheckError, ExitStatus
from ..words.ports import JsonReport, NotOursError, PublishError
from ..words.settings import Program
from .event_steps import poll_step, respond_step
from .finish import finish
from .outside import Outside
from .publish import publish
from .put_up import opening, put_up
from .refuse import refuse
from .run import run
from .skip import skip
from .step import Step


def run_step(environ: Mapping[str, str], stdout: BinaryIO) -> ExitStatus:
    """The main step: runs the tests, publishes the reports of others, or acts on events."""
    step = Step(environ, stdout)
    step.cancel.install()
    if not step.problems and step.settings.program in (Program.RESPOND, Program.POLL):
        return respond_step(step) if step.settings.program is Program.RESPOND else poll_step(step)
    return _checked_step(step, environ)


def _checked_step(step: Step, environ: Mapping[str, str]) -> ExitStatus:
    """What ends in a check run of this job's."""
    step.shut_out_the_tests()
    reports = step.reports() if step.settings.program is Program.PUBLISH and not step.problems else []
    first = opening(step.settings, step.context, step.clock)
    if not step.problems and step.rerun is not None and step.wanted is None:
        others = ", ".join(wanted.name for wanted in step.rerun.wanted)
        return skip(step.settings.check_name, f"this re-run is for {others}", step.files)
    if step.problems:
        return refuse(step.problems, first, step.put_up(), step.files, step.save)
    try:
        spool, workspace = FileSpool(), _workspace(step, environ)
    except CheckError as error:
        return refuse(error.problems, first, step.put_up(), step.files, step.save)
    with workspace:
        outside = Outside(
            put_up=step.put_up(),
            workspace=workspace,
            reports=KeptReports(step.folder, step.warn),
            job=step.files,
            clock=step.clock,
            cancel=step.cancel,
            spool=spool,
            save=step.save,
            former=partial(step.former, spool),
            has_buttons=step.has_buttons,
        )
        redact = Redactor(secrets_of(step.credentials, environ), step.settings.redact)
        return _reported(step, reports, first, redact, outside)


def _reported(
    step: Step, reports: Sequence[JsonReport], first: CheckRun, redact: Redactor, outside: Outside
) -> ExitStatus:
    """Run the tests, or take the reports of others; where the check run is another job's, say so."""
    try:
        if step.settings.program is Program.PUBLISH:
            return publish(reports, step.settings, step.context, redact, outside)
        return run(step.settings, step.context, redact, outside)
    except NotOursError as taken:
        step.save(Published(id=""), None)
        return skip(step.settings.check_name, str(taken), step.files)
    except CheckError as error:  # another job's check has this name: there is none of ours
        nowhere = put_up([], JobLog(step.files), save=step.save, warn=step.warn)
        return refuse(error.problems, first, nowhere, step.files, step.save)


def _workspace(step: Step, environ: Mapping[str, str]) -> LocalWorkspace:
    sink = step.files.pass_on
    return LocalWorkspace(step.folder, step.settings.working_directory, environ=environ, sink=sink, in_colour=True)


def finish_step(environ: Mapping[str, str], stdout: BinaryIO) -> ExitStatus:
    """The post step; it never fails the job, whose verdict the main step has given."""
    step = Step(environ, stdout)
    try:
        unfinished = parse_state(environ, step.key)
        if unfinished is not None:
            finish(unfinished, step.inputs.get("job-status", ""), [*step.publishers()], step.files, step.clock)
    except (PublishError, ForgedStateError) as error:
        step.warn(f"The check run that the main step left may still be in progress: {error}")
    return ExitStatus.PASSED
