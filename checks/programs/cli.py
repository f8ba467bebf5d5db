"""The command line: from arguments to a program."""

from __future__ import annotations

import argparse
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from ..adapters.system import linux
from ..core.inputs.names import read_inputs
from ..core.inputs.settings import parse_settings
from ..core.model.errors import BUG, CheckError, ExitStatus
from ..core.model.ports import PublishError
from ..core.runner import workflow_commands
from .arguments import inputs_of, parse_arguments

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication  # which no other program loads


def command(arguments: Sequence[str], environ: Mapping[str, str], stdout: BinaryIO) -> int:
    """Run the program that `arguments` name, and return its exit status.

    `environ` is our whole environment. From here on no process of the same user can read it, nor our memory.
    """
    options, pytest_args = parse_arguments(arguments)
    linux.set_undumpable()
    try:
        return int(_program(options, pytest_args, environ, stdout))
    except PublishError as error:
        _print(stdout, workflow_commands.error(str(error)))
        return ExitStatus.USAGE
    except CheckError as error:
        for problem in error.problems:
            _print(stdout, workflow_commands.error(str(problem)))
        return ExitStatus.USAGE
    except Exception:  # noqa: BLE001 - around every program: a bug of ours is reported as one
        _print(stdout, traceback.format_exc())
        _print(stdout, workflow_commands.error(BUG))
        return ExitStatus.FAILED


def wsgi_application(environ: Mapping[str, str], stdout: BinaryIO) -> WSGIApplication:
    """Return the receiver of `serve` for another WSGI server, whose process is then protected as ours is.

    Raises `CheckError`.
    """
    from .events.serve import application  # noqa: PLC0415

    linux.set_undumpable()
    return application(environ, stdout)


def _program(
    options: argparse.Namespace, pytest_args: Sequence[str], environ: Mapping[str, str], stdout: BinaryIO
) -> ExitStatus:
    """Each program loads what it needs: PyGithub alone takes 0.4 s, which ``--help`` should not."""
    match options.program:
        case "serve":
            from .events.serve import serve  # noqa: PLC0415

            return serve(environ, stdout, address=(options.host, options.port))
        case "finish":
            from .action import finish_step  # noqa: PLC0415

            return finish_step(environ, stdout)
        case "preview":
            from .preview import preview  # noqa: PLC0415

            settings = parse_settings({**read_inputs(environ), **inputs_of(options)})
            settings = replace(settings, pytest_args=(*settings.pytest_args, *pytest_args))
            return preview(settings, environ, stdout, folder=options.folder, open_browser=options.open)
        case _:
            from .action import run_step  # noqa: PLC0415

            return run_step(environ, stdout, inputs_of(options))


def _print(stdout: BinaryIO, text: str) -> None:
    stdout.write(text.encode("utf-8", "backslashreplace") + b"\n")
    stdout.flush()
