"""Print the results of tests over the last commits of a branch, or export them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from ...adapters.github.reading import COMPARE_PERMISSIONS
from ...adapters.runner.job_files import RunnerFiles
from ...adapters.system import safe_files
from ...core.history.past_results import keys_in
from ...core.history_report import export, flaky_tests, one_test, slow_tests
from ...core.history_report.found import Found, as_json, names_of_lines, shown
from ...core.inputs.history_query import parse_query
from ...core.inputs.names import in_actions
from ...core.model.errors import CheckError, ExitStatus, Problem
from ...core.model.history import TestKey
from ...core.runner import workflow_commands
from ..open_api import open_api
from .from_github import GithubHistory

_NAMES_BYTES = 64 * 1024 * 1024
_COLLECT = "pytest --collect-only -q > FILE"
_Answer = tuple[str, dict[str, Any]]


def history(options: argparse.Namespace, environ: Mapping[str, str], stdout: BinaryIO) -> ExitStatus:
    """Answer the question that the options ask. Raises `CheckError` or `PublishError`."""
    files = RunnerFiles(environ, sys.stderr.buffer)
    query = parse_query(environ, _values(options), _questions(options))
    path = _export_path(options.export) if options.export else None
    names = _names(Path(options.names)) if options.names else {}
    requests = list[str]()
    api = open_api(query.access, COMPARE_PERMISSIONS, environ, files, requests.append)
    github = GithubHistory(query, api, names)
    found = github.find()
    if path:
        found = github.with_names(found, keys_in(found.look_back))
        files.log(f"{_export(found, path):,} results are in {shown(options.export)}.")
    else:
        text, document = _answer(options, github, found)
        _print(as_json(document) if options.json else text, stdout, is_log=in_actions(environ))
    files.log(f"{len(requests)} requests to GitHub.")
    return ExitStatus.PASSED


def _answer(options: argparse.Namespace, github: GithubHistory, found: Found) -> _Answer:
    """Return the answer as text and as JSON."""
    if options.flaky:
        flaky = flaky_tests.entries(found)
        found = github.with_names(found, [entry.key for entry in flaky])
        return flaky_tests.render(found, flaky), flaky_tests.document(found, flaky)
    if options.slow:
        slow = slow_tests.entries(found)
        found = github.with_names(found, [entry.key for entry in slow])
        return slow_tests.render(found, slow), slow_tests.document(found, slow)
    return _answer_about(options.nodeid.removeprefix("./"), github, found)


def _answer_about(nodeid: str, github: GithubHistory, found: Found) -> _Answer:
    results = one_test.results(found, nodeid)
    if not results:
        similar = ", ".join(map(shown, one_test.similar_names(found, nodeid)))
        raise CheckError(
            Problem(
                what="NODEID",
                why=f'no record of the last {len(found.runs)} runs has a test "{shown(nodeid)}".',
                remedy=f"Similar ones are {similar}." if similar else "Set it to a node ID as pytest prints it.",
            )
        )
    failure = one_test.newest_failure(results)
    message = github.message(failure, nodeid) if failure else ""
    return one_test.render(found, nodeid, results, message), one_test.document(found, nodeid, results, message)


def _values(options: argparse.Namespace) -> dict[str, str]:
    return {name: getattr(options, name) or "" for name in ("repo", "check", "category", "branch", "limit")}


def _questions(options: argparse.Namespace) -> int:
    return sum(map(bool, (options.nodeid, options.flaky, options.slow, options.export)))


def _export_path(file: str) -> Path:
    """Return the path of the file to write. Raises `CheckError` if that would replace anything but a file."""
    path = Path(file).resolve()
    if path.exists() and not path.is_file():
        raise CheckError(Problem(what="--export", why=f'"{file}" is not a file.', remedy="Set it to a path of a file."))
    return path


def _names(path: Path) -> dict[TestKey, str]:
    """Return the node ids in a file, by key. Raises `CheckError` if it cannot be read."""
    try:
        with safe_files.open_file(path.resolve()) as file:
            text = file.read(_NAMES_BYTES).decode(errors="replace")
    except OSError as error:
        why = f"it cannot be read: {error.strerror or error}."
        raise CheckError(Problem(what="--names", why=why, remedy=f"Write it with `{_COLLECT}`.")) from error
    return names_of_lines(text)


def _export(found: Found, path: Path) -> int:
    """Write the file, all of it or nothing, and return the number of its lines, which may be a million."""
    written = 0

    def counted() -> Iterator[bytes]:
        nonlocal written
        for line in export.lines(found):
            written += 1
            yield line

    try:
        safe_files.replace(path, counted())
    except OSError as error:
        why = f"it cannot be written: {error.strerror}."
        raise CheckError(Problem(what="--export", why=why, remedy="Check the folder and its permissions.")) from error
    return written


def _print(text: str, stdout: BinaryIO, *, is_log: bool) -> None:
    with suppress(BrokenPipeError):  # of `| head`
        stdout.write((workflow_commands.inert(text) if is_log else text).encode("utf-8", "backslashreplace"))
        stdout.flush()
