"""Print failure reports as Markdown or as JSON."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from ...adapters.reports.report_file import ReportFile
from ...adapters.reports.saved import saved_failures
from ...adapters.runner.job_files import RunnerFiles
from ...adapters.system import workspace_folder
from ...adapters.system.record_file import RecordFile
from ...core.failure_report import document, parse_document
from ...core.failure_report.recorder import FailureRecorder
from ...core.inputs.failure_query import parse_query
from ...core.inputs.names import in_actions
from ...core.model.errors import CheckError, ExitStatus, Problem
from .printed import Json, Markdown, Printed
from .tests_report import print_tests_report

_NO_REPORT = Problem(
    what="No failure report",
    why=f"the folder {workspace_folder.NAME} of the current folder has none.",
    remedy="Run the tests with `pytest-check-runs preview`, change to the folder where they ran, name a report file, "
    "or name a commit on GitHub with --repo and --sha.",
)


def failures(options: argparse.Namespace, environ: Mapping[str, str], stdout: BinaryIO) -> ExitStatus:
    """Print the reports that the options ask for. Raises `CheckError`."""
    files = RunnerFiles(environ, sys.stderr.buffer)
    printed = Json(stdout) if options.json else Markdown(stdout, is_log=in_actions(environ))
    if options.repo or options.sha or options.pr:
        status = _print_remote(options, printed, environ, files)
    else:
        status = _print_local(options.report, printed, environ, files)
    printed.end()
    return status


def _print_remote(
    options: argparse.Namespace, printed: Printed, environ: Mapping[str, str], files: RunnerFiles
) -> ExitStatus:
    """Print what the check runs on GitHub have. Loads what only this needs."""
    from .check_runs import print_check_runs  # noqa: PLC0415 - PyGithub takes 0.4 s

    if options.report:
        why = "it is set, and the check runs on GitHub need no file."
        raise CheckError(Problem(what="REPORT", why=why, remedy="Leave it out, or --repo, --sha and --pr."))
    query = parse_query(environ, repository=options.repo or "", commit=options.sha or "", pull_request=options.pr or "")
    return print_check_runs(query, printed, environ, files)


def _print_local(report: str | None, printed: Printed, environ: Mapping[str, str], files: RunnerFiles) -> ExitStatus:
    """Print the reports of this folder, or of a file."""
    paths = [Path(report)] if report else saved_failures(Path.cwd())
    if not paths:
        raise CheckError(_NO_REPORT)
    for path in paths:
        _print_file(path, printed, environ, files)
    return ExitStatus.PASSED


def _print_file(path: Path, printed: Printed, environ: Mapping[str, str], files: RunnerFiles) -> None:
    """Print the report of a file: `failures.json`, whose first member is its schema, or pytest-json-report's."""
    report = ReportFile(path)
    first = next(iter(report.members()), None)
    if first is None:
        raise CheckError(_problem(path, "it cannot be read, or is not a JSON object."))
    if first[0] != "schema":
        print_tests_report(report, printed, environ, files)
    elif first[1] == document.SCHEMA:
        _print_failures_json(report, path, printed)
    else:
        raise CheckError(
            _problem(path, f"its `schema` is not {document.SCHEMA}, so another version of this program wrote it.")
        )


def _problem(path: Path, why: str) -> Problem:
    remedy = "Name the file failures.json of a run, or a report of pytest-json-report."
    return Problem(what=f"REPORT {str(path)!r}", why=why, remedy=remedy)


def _print_failures_json(report: ReportFile, path: Path, printed: Printed) -> None:
    with closing(RecordFile()) as records:
        recorder = FailureRecorder(records)
        parsed = parse_document.read(report.members(), recorder)
        if report.is_truncated:
            raise CheckError(_problem(path, "its end is missing."))
        printed.add(parsed.check, recorder.causes(parsed.source, parsed.command), recorder, missing=parsed.missing)
