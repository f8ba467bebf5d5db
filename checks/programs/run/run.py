"""The main step: run the tests, and report them in a check run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...core.model.errors import ExitStatus
from ...core.model.job import Checkout, Context, ExitReason
from ...core.model.session import Session
from ...core.model.settings import Settings
from ...core.model.verdict import Remark, Verdict
from ...core.redaction.redactor import Redactor
from ...core.report import notes
from ...core.report.quarantine_notes import notes_on_change, quarantine_notes
from ...core.report.summary import Frame
from ...core.verdict import tested_commit
from ...core.verdict.conclusion import conclude
from .begin import begin_reporting
from .dependencies import Dependencies
from .failed_first import FailedFirst
from .reporter import RunReporter
from .supervise import ProcessResult, end_tests, supervise


def run(settings: Settings, context: Context, redact: Redactor, dependencies: Dependencies) -> ExitStatus:
    """Run the tests and report them; return the exit status for their result. Raises as `begin_reporting` does."""
    repository = dependencies.workspace.repository()
    reporter = begin_reporting(
        settings, tested_commit.with_reported_commit(context, repository), repository, redact, dependencies
    )
    previous_run = reporter.collector.previous_run
    failed_first = FailedFirst(
        is_on=settings.failed_first,
        answer=reporter.compare.answer,
        previous_run=previous_run,
        run_first=dependencies.workspace.run_first,
    )
    with dependencies.job.fence(settings.check_name):  # closed before the outputs are written
        try:
            result = supervise(settings, failed_first.before(reporter.feed), redact, dependencies, previous_run.only)
        except Exception:  # noqa: BLE001 - a bug in the action must not hide the tests' verdict
            return reporter.end_despite_bug(None, processes_may_remain=not end_tests(settings, dependencies))
        try:
            return _report(reporter, result, failed_first)
        except Exception:  # noqa: BLE001 - the same
            processes_may_remain = result.process_exit.processes_may_remain
            return reporter.end_despite_bug(result.process_exit, processes_may_remain=processes_may_remain)


def _report(reporter: RunReporter, result: ProcessResult, failed_first: FailedFirst) -> ExitStatus:
    """Report the end of the tests."""
    settings, dependencies = reporter.collector.settings, reporter.dependencies
    with reporter.sender.locked():
        session = replace(result.session(reporter.collector), carried_over=reporter.collector.previous_run.carried_over)
    if not session.duration_seconds:
        session = replace(session, duration_seconds=dependencies.clock.now() - reporter.sender.run.started_at)
    remarks = [*failed_first.remarks(session), *_report_remarks(session, result, dependencies)]
    frame = reporter.frame(session, remarks)
    return reporter.end(
        session,
        frame,
        _verdict(session, result, reporter, frame),
        lambda completion: dependencies.reports.save(settings.check_name, result.report(session, completion)),
        is_urgent=result.process_exit.reason is ExitReason.CANCELLED,
    )


def _verdict(session: Session, result: ProcessResult, reporter: RunReporter, frame: Frame) -> Verdict:
    collector = reporter.collector
    repository = tested_commit.after_tests(collector.repository, result.head)
    tested, explanation = tested_commit.compare_head(reporter.context, repository, collector.repository.head)
    verdict = conclude(
        session, result.process_exit, collector.settings, tested, len(frame.causes), comparison=frame.comparison
    )
    in_force = collector.quarantine()
    before = (*collector.previous_run.remarks, *notes_on_change(in_force, session))
    after = (*quarantine_notes(in_force, session), Remark(text=explanation))
    return replace(
        verdict,
        remarks=(*before, *verdict.remarks, *after),
        merge_sha=repository.head if tested is Checkout.MERGE else "",
    )


def _report_remarks(session: Session, result: ProcessResult, dependencies: Dependencies) -> Iterator[Remark]:
    """Yield remarks about a JSON report that is not as expected."""
    yield from notes.report_notes(result.report_defect(session), session, result.process_exit)
    if unavailable_reason := dependencies.reports.unavailable_reason():
        yield Remark(text=f"The JSON report cannot be saved in the workspace: {unavailable_reason}.")
