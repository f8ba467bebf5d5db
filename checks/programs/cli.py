"""From a command line to a program."""

from __future__ import annotations

import argparse
import traceback
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO

from ..adapters.system import linux
from ..core.model.errors import BUG, CheckError, ExitStatus
from ..core.model.ports import PublishError
from ..core.runner import workflow_commands

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication  # which no other program loads

_PREVIEW_OPTIONS = frozenset({"-h", "--help", "--open", "--folder"})


def command(arguments: Sequence[str], environ: Mapping[str, str], stdout: BinaryIO) -> int:
    """Run the program that `arguments` name; its exit status.

    `environ` is our whole environment. From here on no process of the same user can read it, nor our memory.
    """
    own_arguments, pytest_args = _split(arguments)
    options = _parser().parse_args(own_arguments)
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
    except Exception:  # noqa: BLE001 - the shell around every program: a bug is told as one
        _print(stdout, traceback.format_exc())
        _print(stdout, workflow_commands.error(BUG))
        return ExitStatus.FAILED


def wsgi_application(environ: Mapping[str, str], stdout: BinaryIO) -> WSGIApplication:
    """The receiver of `serve` for another WSGI server, whose process becomes as closed as ours. Raises `CheckError`."""
    from .events.serve import application  # noqa: PLC0415

    linux.set_undumpable()
    return application(environ, stdout)


def _program(
    options: argparse.Namespace, pytest_args: Sequence[str], environ: Mapping[str, str], stdout: BinaryIO
) -> ExitStatus:
    """Each program loads what it needs: PyGithub alone takes 0.4 s, which ``--help`` does not."""
    match options.program:
        case "run":
            from .action import run_step  # noqa: PLC0415

            return run_step(environ, stdout)
        case "publish":
            from .action import run_step  # noqa: PLC0415

            reports = {"report": "\n".join(options.report)} if options.report else {}
            return run_step(environ, stdout, {"program": "publish", **reports})
        case "respond" | "poll":
            from .action import run_step  # noqa: PLC0415

            return run_step(environ, stdout, {"program": options.program})
        case "finish":
            from .action import finish_step  # noqa: PLC0415

            return finish_step(environ, stdout)
        case "serve":
            from .events.serve import serve  # noqa: PLC0415

            return serve(environ, stdout, address=(options.host, options.port))
        case _:
            from .preview import preview  # noqa: PLC0415

            return preview(options.folder, pytest_args, environ, stdout, open_browser=options.open)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="entrypoint.py", description="Runs pytest and reports it as a check run.")
    programs = parser.add_subparsers(dest="program", required=True, metavar="PROGRAM")
    programs.add_parser("run", help="the action's main step", description="The action's main step.")
    programs.add_parser("finish", help="the action's post step", description="The action's post step.")
    publish = programs.add_parser(
        "publish",
        help="create a check run from report files",
        description="Creates a check run from JSON reports, without running tests. "
        "Settings come from CHECKS_* variables, such as CHECKS_APP_ID and CHECKS_HEAD_SHA.",
    )
    publish.add_argument("report", nargs="*", help="a file of pytest-json-report, or a glob (default: CHECKS_REPORT)")
    programs.add_parser(
        "respond",
        help="act on the event of a workflow",
        description="Acts on the event of the workflow that it runs in, as `serve` does on a webhook's.",
    )
    programs.add_parser(
        "poll",
        help="act on webhooks that nothing has received",
        description="Acts on the events in the App's delivery log that no receiver has taken, each once. Settings come "
        "from CHECKS_APP_ID, CHECKS_PRIVATE_KEY and CHECKS_QUEUE_AT_PUSH.",
    )
    serve = programs.add_parser(
        "serve",
        help="receive GitHub's webhooks, for re-runs",
        description="Receives GitHub's webhooks at POST /webhook; GET /healthz and /readyz tell how it is. Settings "
        "come from CHECKS_APP_ID, CHECKS_PRIVATE_KEY and CHECKS_WEBHOOK_SECRET, and GITHUB_API_URL names the server.",
    )
    serve.add_argument(
        "--host", default="127.0.0.1", help="where to listen (default: %(default)s); 0.0.0.0: everywhere"
    )
    serve.add_argument("--port", type=_port, default=8080, help="at which port (default: %(default)s)")
    preview = programs.add_parser(
        "preview",
        help="run the tests here and show the check run as a page",
        description="Runs the tests here, without GitHub, and writes the check run as it would be sent. "
        "Settings come from CHECKS_* variables, such as CHECKS_WORKING_DIRECTORY; what follows goes to pytest.",
    )
    preview.add_argument("--open", action="store_true", help="open the page in the browser")
    preview.add_argument("--folder", default="preview", help="where the files go (default: %(default)s)")
    preview.usage = "%(prog)s [-h] [--open] [--folder FOLDER] [pytest arguments]"
    return parser


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65_535:
        return int(text)
    raise argparse.ArgumentTypeError("must be a number from 0 to 65535")


def _split(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Our arguments and pytest's: of a preview, whatever follows its own options, with or without a ``--`` between."""
    end = len(arguments)
    if arguments[:1] == ["preview"]:
        end = 1
        while end < len(arguments) and arguments[end].partition("=")[0] in _PREVIEW_OPTIONS:
            end += 2 if arguments[end] == "--folder" else 1
    rest = arguments[end:]
    return arguments[:end], rest[1:] if rest[:1] == ["--"] else rest


def _print(stdout: BinaryIO, text: str) -> None:
    stdout.write(text.encode("utf-8", "backslashreplace") + b"\n")
    stdout.flush()
