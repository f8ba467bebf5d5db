"""The command line: from arguments to a program."""

from __future__ import annotations

import argparse
import gc
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from ..adapters.runner.job_files import RunnerFiles
from ..adapters.system import imports, linux, standard_streams
from ..adapters.system.variables import with_key_from_file
from ..core.inputs.names import KEY_FILE, read_inputs, unknown_variables
from ..core.inputs.settings import parse_settings
from ..core.model.errors import CheckError, ExitStatus
from ..core.model.ports import PublishError
from ..core.model.settings import Credentials
from ..core.redaction.redactor import Redactor
from ..core.redaction.values import secrets_of
from ..core.runner import workflow_commands
from .arguments import inputs_of, parse_arguments

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication  # which no other program loads

#: The programs whose standard output has the answer alone.
_ANSWERING = ("failures", "history", "verdict")
#: A folder has no rate limit.
_PREVIEW_DEFAULTS = {"live-interval": "2"}
#: Objects between two searches for garbage. There is little: reference counts free nearly everything.
_GARBAGE_THRESHOLD = 50_000


def command(arguments: Sequence[str], environ: Mapping[str, str], name: str = "entrypoint.py") -> int:
    """Run the program that `arguments` name, and return its exit status. `name` is the command's in ``--help``.

    `environ` is our whole environment. From here on no process of the same user can read it, nor our memory.
    """
    imports.prefer_installed(environ)  # so far, only modules of Python and ours are loaded
    with standard_streams.usable() as stdout:
        options, pytest_args = parse_arguments(arguments, name)
        linux.set_undumpable()
        return run_program(options, pytest_args, environ, stdout)


def run_program(
    options: argparse.Namespace, pytest_args: Sequence[str], environ: Mapping[str, str], stdout: BinaryIO
) -> int:
    """Run the program that `options` name, and return its exit status. Errors are printed."""
    files = RunnerFiles(environ, sys.stderr.buffer if options.program in _ANSWERING else stdout)
    try:
        with _without_garbage_collection():
            program = _load(options, pytest_args, environ, stdout)
        return int(program())
    except (PublishError, CheckError) as error:
        # A problem quotes the value, which may hold a secret. The path of the key may be shown.
        redact = Redactor(secrets_of(Credentials(), {name: environ[name] for name in environ if name != KEY_FILE}))
        for problem in error.problems if isinstance(error, CheckError) else [error]:
            files.log(workflow_commands.error(redact(files.named(str(problem)))))
        return ExitStatus.USAGE
    except Exception:  # noqa: BLE001 - around every program: any other error is a bug, and is reported as one
        files.log(workflow_commands.bug(traceback.format_exc()))
        return ExitStatus.FAILED


def wsgi_application(environ: Mapping[str, str], stdout: BinaryIO) -> WSGIApplication:
    """Return the receiver of `serve` for another WSGI server, whose process is then protected as ours is.

    Raises `CheckError`.
    """
    from .events.serve import application  # noqa: PLC0415

    linux.set_undumpable()
    return application(with_key_from_file(environ), stdout)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Look for no garbage while modules are loaded, and later not among what they have created.

    They leave no garbage, and to look for it takes 20 ms.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(_GARBAGE_THRESHOLD)
        gc.enable()


def _load(
    options: argparse.Namespace, pytest_args: Sequence[str], environ: Mapping[str, str], stdout: BinaryIO
) -> Callable[[], ExitStatus]:
    """Return the program. Each loads what it needs: PyGithub alone takes 0.4 s, which ``--help`` should not."""
    match options.program:
        case "serve":
            from .events.serve import serve  # noqa: PLC0415

            return partial(serve, with_key_from_file(environ), stdout, address=(options.host, options.port))
        case "finish":
            from .action import finish_step  # noqa: PLC0415

            return partial(finish_step, environ, stdout)
        case "failures" | "history" | "verdict":
            _warn_of_unknown(environ, sys.stderr.buffer)
            return partial(_load_answering(options.program), options, with_key_from_file(environ), stdout)
        case "preview":
            from .preview import preview  # noqa: PLC0415

            _warn_of_unknown(environ, stdout)
            settings = parse_settings({**_PREVIEW_DEFAULTS, **read_inputs(environ), **inputs_of(options)})
            settings = replace(settings, pytest_args=(*settings.pytest_args, *pytest_args))
            return partial(preview, settings, environ, stdout, folder=options.folder, open_browser=options.open)
        case _:
            from .action import run_step  # noqa: PLC0415

            _warn_of_unknown(environ, stdout)
            return partial(run_step, with_key_from_file(environ), stdout, inputs_of(options))


def _load_answering(program: str) -> Callable[[argparse.Namespace, Mapping[str, str], BinaryIO], ExitStatus]:
    """Return a program of `_ANSWERING`."""
    match program:
        case "failures":
            from .failures.failures import failures  # noqa: PLC0415

            return failures
        case "history":
            from .history.history import history  # noqa: PLC0415

            return history
        case _:
            from .manual.verdict import verdict  # noqa: PLC0415

            return verdict


def _warn_of_unknown(environ: Mapping[str, str], stdout: BinaryIO) -> None:
    """Warn of ``CHECKS_*`` variables that nothing reads; in a workflow they may be for something else."""
    files = RunnerFiles(environ, stdout)
    for sentence in () if files.is_workflow else unknown_variables(environ):
        files.log(workflow_commands.warning(sentence))
