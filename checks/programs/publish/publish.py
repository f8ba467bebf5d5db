"""Publish the JSON reports of tests that ran elsewhere as a check run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

from ...core.model.errors import ExitStatus
from ...core.model.job import Checkout, Context, ExitReason, ProcessExit
from ...core.model.ports import JsonReport, Member
from ...core.model.settings import Settings
from ...core.model.verdict import Remark, Verdict
from ...core.redaction.redactor import Redactor
from ...core.results.locations import relocate_repository
from ...core.runner import workflow_commands
from ...core.text.truncate import truncate_lines
from ...core.verdict.conclusion import conclude
from ...core.verdict.process_exit import LINES_QUOTED
from ..run.begin import begin_reporting
from ..run.dependencies import Dependencies
from ..run.reporter import RunReporter

#: How much of a report is read before its first test.
_MAX_LEADING_MEMBERS, _MAX_LEADING_CHARACTERS = 100_000, 16 * 1024 * 1024
_NOT_PUBLISHED = (
    "The check run is not on GitHub, or not completed there, so the exit status is 2. Do what the messages above say, "
    "then run this command again."
)
_UNKNOWN_COMMIT = "The tested commit is unknown because the reports do not contain it."
_TRUNCATED = (
    "These reports are truncated, are not JSON, or have values that are too long, so results are missing here. Create "
    "them again:"
)


def publish(
    reports: Sequence[JsonReport], settings: Settings, context: Context, redact: Redactor, dependencies: Dependencies
) -> ExitStatus:
    """Report the reports' results in one check run; return the exit status for the tests' result.

    In a shell, where nothing else is left of them, the status is `USAGE` if no check run has the results.
    """
    reporter = begin_reporting(settings, context, dependencies.workspace.repository(), redact, dependencies)
    status = report_results(reports, redact, reporter)
    if dependencies.job.is_workflow or reporter.is_reported:
        return status
    dependencies.job.log(workflow_commands.error(_NOT_PUBLISHED))
    return ExitStatus.USAGE


def report_results(reports: Sequence[JsonReport], redact: Redactor, reporter: RunReporter) -> ExitStatus:
    """Report the reports' results, at worst without some of them; return the exit status for the tests' result."""
    try:
        truncated = _collect(reports, reporter)
    except Exception:  # noqa: BLE001 - a bug in the action must not hide the tests' verdict
        with reporter.sender.locked():
            reporter.collector.builder.forget_end()
        return reporter.end_despite_bug(None)
    try:
        return _report(reporter, redact.redact_json(truncated))
    except Exception:  # noqa: BLE001 - the same
        return reporter.end_despite_bug(None)


def _collect(reports: Sequence[JsonReport], reporter: RunReporter) -> list[str]:
    """Read the reports; return the names of those that end too early."""
    truncated: list[str] = []
    collector, sender = reporter.collector, reporter.sender
    repository = collector.repository
    for report in reports:
        members = report.members()
        leading_members = [*_through_first_test(members)]
        with sender.locked():
            collector.builder.begin_report()
            collector.repository = relocate_repository(repository, *_root_and_first_file(leading_members))
        reporter.add(chain(leading_members, members))
        if report.is_truncated:
            truncated.append(report.name)
            with sender.locked():
                collector.builder.forget_end()
    return truncated


def _report(reporter: RunReporter, truncated: Sequence[str]) -> ExitStatus:
    """Report the end of the tests."""
    collector, sender = reporter.collector, reporter.sender
    with sender.locked():
        session = collector.session()
        process_exit = ProcessExit(reason=ExitReason.EXITED, exit_status=session.exit_status, phase="tests")
        collector.end(session, process_exit)
    frame = reporter.frame(session, ())
    settings, checkout = collector.settings, Checkout.UNKNOWN
    verdict = conclude(session, process_exit, settings, checkout, len(frame.causes), comparison=frame.comparison)
    return reporter.end(session, frame, _with_remarks(verdict, truncated), lambda _: "")


def _through_first_test(members: Iterator[Member]) -> Iterator[Member]:
    """Yield the members up to the first test, within limits, to find where the tests are."""
    remaining_characters = _MAX_LEADING_CHARACTERS
    for member in islice(members, _MAX_LEADING_MEMBERS):
        yield member
        remaining_characters -= len(member[2])
        if member[0] == "tests" or remaining_characters < 0:
            return


def _root_and_first_file(members: Sequence[Member]) -> tuple[str, str]:
    """Return a report's rootdir and the file of its first test."""
    root = next((str(value) for name, value, _ in members if name == "root"), "")
    first = next((value for name, value, _ in members if name == "tests" and isinstance(value, dict)), {})
    return root, str(first.get("nodeid", "")).partition("::")[0]


def _with_remarks(verdict: Verdict, truncated: Sequence[str]) -> Verdict:
    remarks = [Remark(text=_TRUNCATED, quoted=truncate_lines(truncated, LINES_QUOTED))] if truncated else []
    return replace(verdict, remarks=(*verdict.remarks, *remarks, Remark(text=_UNKNOWN_COMMIT)))
