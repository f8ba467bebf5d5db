"""The steps of the action: from a job's inputs to a program."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import BinaryIO

from ..adapters.github import network
from ..adapters.runner.job_files import RunnerFiles
from ..core.inputs.job_inputs import parse_job
from ..core.model.errors import CheckError, ExitStatus
from ..core.model.ports import PublishError
from ..core.model.settings import ManualMode, Program
from ..core.pytest_process.environment import network_variables
from ..core.runner.post_step_state import ForgedStateError, parse_state, state_key
from .wiring import Wiring, read_event

_OTHER_CERTIFICATES = (
    "The post step does not use the CA bundle of REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE: the file has changed since the "
    "main step, or cannot be read. Requests to GitHub may fail. Keep the file where tests cannot write it."
)


def run_step(environ: Mapping[str, str], stdout: BinaryIO, options: Mapping[str, str] | None = None) -> ExitStatus:
    """Run the main step: run tests, publish reports, create a manual check, or act on events.

    `options` are inputs that the command line sets, by their names. Each program loads what it needs. The steps that
    create a check report the mistakes in the inputs, also those of `respond` and `poll`.
    """
    network.use(network_variables(environ))
    inputs = parse_job(environ, read_event(environ), options or {})
    wiring = Wiring(inputs, environ, stdout)
    wiring.cancel.install()
    match inputs.settings.program:
        case Program.RESPOND if not inputs.problems:
            from .events.steps import respond_step  # noqa: PLC0415

            return respond_step(wiring)
        case Program.POLL if not inputs.problems:
            from .events.steps import poll_step  # noqa: PLC0415

            return poll_step(wiring)
        case _ if inputs.settings.manual is not ManualMode.OFF:
            from .manual.step import manual_step  # noqa: PLC0415

            with closing(wiring):
                return manual_step(wiring, environ)
        case _:
            from .run.step import check_run_step  # noqa: PLC0415

            with closing(wiring):
                return check_run_step(wiring, environ)


def finish_step(environ: Mapping[str, str], stdout: BinaryIO) -> ExitStatus:
    """Run the post step, which never fails: the main step's status is the job's.

    Tests may have written to its environment, so proxies and certificates come from the signed state alone. If that
    names a check run, GitHub has answered the main step.
    """
    from .run.post_step import created_run, finish  # noqa: PLC0415

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
