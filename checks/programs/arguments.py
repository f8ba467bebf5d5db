"""The arguments of the command line: the programs, and the inputs that are options of each."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .. import __version__
from ..adapters.system import workspace_folder
from ..core.inputs.input import Group, Input
from ..core.inputs.names import SECRETS
from ..core.inputs.table import INPUTS

_RUN = frozenset({Group.CHECK, Group.TESTS, Group.CONTENT, Group.VERDICT})
_VARIABLES = "Every option with a VALUE can also be set by a variable, such as CHECKS_PYTEST_ARGS for --pytest-args."
_PREVIEW = f"{workspace_folder.NAME}/preview"
#: A preview has a folder of its own, no commit and no job.
_UNUSED_BY_PREVIEW = frozenset({"preview", "head-sha", "job-summary", "commit-status", "comment"})
_FLAGS = frozenset({"-h", "--help", "--version", "--open"})


def parse_arguments(
    arguments: Sequence[str], command: str = "entrypoint.py"
) -> tuple[argparse.Namespace, Sequence[str]]:
    """Return the options of the program that `arguments` name, and pytest's arguments.

    Exits for ``--help``, which shows the name of the `command`, and for ``--version``.
    """
    own, pytest_args = _split(arguments)
    return _parser(own[0] if own else "", command).parse_args(own), pytest_args


def inputs_of(options: argparse.Namespace) -> dict[str, str]:
    """Return the inputs that the command line gives, by their names; `run` leaves the program to the variables."""
    given = {known.name: getattr(options, known.name, None) for known in INPUTS}
    given["program"] = None if options.program in ("run", "preview") else options.program
    given["report"] = "\n".join(getattr(options, "report", ()))
    return {name: value for name, value in given.items() if value}


def _parser(chosen: str, command: str) -> argparse.ArgumentParser:
    """Return the parser, with the options of the `chosen` program alone."""
    parser = argparse.ArgumentParser(
        prog=command, description="Run pytest and report the results as a check run on GitHub."
    )
    _add_version(parser)
    programs = parser.add_subparsers(dest="program", required=True, metavar="PROGRAM")
    for name, known in _PROGRAMS.items():
        program = programs.add_parser(name, help=known.summary, description=known.description)
        _add_version(program)
        if name == chosen:
            known.add_arguments(program)
            _add_inputs(program, _inputs_of(name))
    return parser


def _add_version(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--version", action="version", version=f"pytest-check-runs {__version__}")


def _inputs_of(program: str) -> list[Input]:
    """Return the inputs that are options of a program."""
    unused = SECRETS | (_UNUSED_BY_PREVIEW if program == "preview" else frozenset())
    return [known for known in INPUTS if known.group in _PROGRAMS[program].groups and known.name not in unused]


def _add_inputs(program: argparse.ArgumentParser, inputs: Sequence[Input]) -> None:
    """Add the inputs as options, by group, in the order of the table."""
    for group in dict.fromkeys(known.group for known in inputs):
        program.epilog = _VARIABLES
        heading = program.add_argument_group(group)
        for known in inputs:
            if known.group is group:
                default = f" (default: {known.default})" if known.default else ""
                text = (known.description + default).replace("%", "%%")
                heading.add_argument(f"--{known.name}", dest=known.name, metavar="VALUE", help=text)


def _add_publish(publish: argparse.ArgumentParser) -> None:
    publish.usage = "%(prog)s [options] [REPORT ...]"
    publish.add_argument(
        "report",
        nargs="*",
        metavar="REPORT",
        help="report file of pytest-json-report, or a glob",
    )


def _add_serve(serve: argparse.ArgumentParser) -> None:
    serve.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: %(default)s); 0.0.0.0 for all"
    )
    serve.add_argument("--port", type=_port, default=8080, help="port to listen on (default: %(default)s)")


def _add_failures(failures: argparse.ArgumentParser) -> None:
    failures.usage = "%(prog)s [--json] [REPORT]\n       %(prog)s [--json] [--repo OWNER/NAME] --sha SHA | --pr NUMBER"
    failures.add_argument(
        "report",
        nargs="?",
        metavar="REPORT",
        help=f"failures.json, or a report of pytest-json-report (default: all in {workspace_folder.NAME})",
    )
    failures.add_argument("--json", action="store_true", help="print a JSON array with an object for each check")
    failures.add_argument("--repo", metavar="OWNER/NAME", help="repository on GitHub (default: $GITHUB_REPOSITORY)")
    failures.add_argument("--sha", help="commit whose check runs are read, 40 hexadecimal digits")
    failures.add_argument("--pr", metavar="NUMBER", help="pull request whose last commit's check runs are read")


def _add_history(history: argparse.ArgumentParser) -> None:
    history.usage = "%(prog)s [options] NODEID | --flaky | --slow | --export FILE"
    history.add_argument("nodeid", nargs="?", metavar="NODEID", help="test whose results are printed")
    history.add_argument("--flaky", action="store_true", help="print the flaky tests")
    history.add_argument("--slow", action="store_true", help="print the tests that take longest")
    history.add_argument("--export", metavar="FILE", help="write every result to a file, as JSON Lines")
    history.add_argument("--json", action="store_true", help="print a JSON object in place of a table")
    history.add_argument("--names", metavar="FILE", help="node IDs of tests, as `pytest --collect-only -q` prints them")
    history.add_argument("--check", metavar="NAME", help="name of the check (default: pytest, or that of --category)")
    history.add_argument("--category", help="category of the check, such as unit for pytest (unit)")
    history.add_argument("--branch", default="main", help="branch whose commits are looked at (default: %(default)s)")
    history.add_argument("--limit", metavar="COMMITS", default="50", help="how many of them (default: %(default)s)")
    history.add_argument("--repo", metavar="OWNER/NAME", help="repository on GitHub (default: $GITHUB_REPOSITORY)")


def _add_verdict(verdict: argparse.ArgumentParser) -> None:
    verdict.usage = "%(prog)s VERDICT NAME [--repo OWNER/NAME] --sha SHA --by PERSON [--reason TEXT]"
    verdict.add_argument("verdict", nargs="?", metavar="VERDICT", help="pass, fail, or undo to ask again")
    verdict.add_argument("name", nargs="?", metavar="NAME", help="name of the check, or its category")
    verdict.add_argument("--repo", metavar="OWNER/NAME", help="repository on GitHub (default: $GITHUB_REPOSITORY)")
    verdict.add_argument("--sha", help="commit of the check, 40 hexadecimal digits")
    verdict.add_argument("--by", metavar="PERSON", help="who has decided; the check shows the name")
    verdict.add_argument("--reason", metavar="TEXT", help="why, in one line; the check shows it")


def _add_preview(preview: argparse.ArgumentParser) -> None:
    preview.usage = "%(prog)s [options] [pytest arguments]"
    preview.add_argument("--open", action="store_true", help="open the page in the browser when the tests start")
    preview.add_argument("--folder", default=_PREVIEW, help="folder for the files (default: %(default)s)")


@dataclass(frozen=True, kw_only=True)
class _Program:
    """What ``--help`` says of a program, which inputs are its options, and what adds arguments of its own."""

    summary: str
    description: str
    groups: frozenset[Group] = frozenset()
    add_arguments: Callable[[argparse.ArgumentParser], None] = lambda _: None


_PROGRAMS = {
    "run": _Program(
        summary="run the action's main step",
        description="Run the action's main step.",
        groups=_RUN | {Group.CREDENTIALS, Group.MANUAL},
    ),
    "finish": _Program(summary="run the action's post step", description="Run the action's post step."),
    "publish": _Program(
        summary="create a check run from report files",
        description="Create a check run from reports of pytest-json-report, without running tests. Set the "
        "credentials by variables: CHECKS_APP_ID and CHECKS_PRIVATE_KEY, or CHECKS_GITHUB_TOKEN.",
        groups=frozenset({Group.CREDENTIALS, Group.CHECK, Group.CONTENT, Group.VERDICT}),
        add_arguments=_add_publish,
    ),
    "respond": _Program(
        summary="act on the event of this workflow",
        description="Act on the event that started this workflow, as `serve` acts on a webhook's.",
        groups=frozenset({Group.CREDENTIALS}),
    ),
    "poll": _Program(
        summary="act on missed webhook deliveries",
        description="Act once on each event in the App's delivery log that no receiver has taken. Set the "
        "credentials by variables: CHECKS_APP_ID and CHECKS_PRIVATE_KEY.",
        groups=frozenset({Group.CREDENTIALS, Group.EVENTS}),
    ),
    "serve": _Program(
        summary="receive GitHub's webhooks",
        description="Receive GitHub's webhooks at POST /webhook, and answer GET /healthz and /readyz. Set the "
        "variables CHECKS_APP_ID, CHECKS_PRIVATE_KEY and CHECKS_WEBHOOK_SECRET, and GITHUB_API_URL for an "
        "Enterprise Server.",
        add_arguments=_add_serve,
    ),
    "failures": _Program(
        summary="print what failed, and why",
        description="Print the failure reports of the runs in this folder, or of a report file. With --sha or --pr, "
        "print those of a commit's check runs on GitHub, from their annotations. Set the credentials by variables: "
        "CHECKS_GITHUB_TOKEN, or CHECKS_APP_ID and CHECKS_PRIVATE_KEY.",
        add_arguments=_add_failures,
    ),
    "history": _Program(
        summary="print the results of tests over the last commits",
        description="Print what a test did at the last commits of a branch, the flaky or the slowest tests, or export "
        "all results, from check runs on GitHub. Set the credentials by variables: CHECKS_GITHUB_TOKEN, or "
        "CHECKS_APP_ID and CHECKS_PRIVATE_KEY.",
        add_arguments=_add_history,
    ),
    "verdict": _Program(
        summary="pass or fail a manual check",
        description="Pass or fail a manual check for a person, or ask again, and print its state. Whoever has the "
        "App's key may do so. Set the credentials by variables: CHECKS_APP_ID and CHECKS_PRIVATE_KEY.",
        add_arguments=_add_verdict,
    ),
    "preview": _Program(
        summary="run the tests here and show the check run as a page",
        description="Run the tests here, without GitHub, and write the check run as it would be sent. Arguments that "
        "are not options of this program go to pytest.",
        groups=_RUN,
        add_arguments=_add_preview,
    ),
}


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65_535:
        return int(text)
    raise argparse.ArgumentTypeError("must be a number from 0 to 65535")


def _split(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Return our arguments and pytest's: for `preview`, all that follows its own options, with or without ``--``."""
    end = len(arguments)
    if arguments[:1] == ["preview"]:
        with_value = {f"--{known.name}" for known in _inputs_of("preview")} | {"--folder"}
        end = 1
        while end < len(arguments) and (option := arguments[end].partition("=")[0]) in with_value | _FLAGS:
            end += 2 if arguments[end] == option and option in with_value else 1
    rest = arguments[end:]
    return arguments[:end], rest[1:] if rest[:1] == ["--"] else rest
