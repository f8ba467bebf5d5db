"""The main step: puts up the check run, runs the tests, follows them live, and tells every end."""

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
from ...core.verdict import tested_commit
from ...core.verdict.conclusion import conclude
from .dependencies import Dependencies
from .reporter import RunReporter, begin
from .supervise import ProcessResult, attend, end_tests


def run(settings: Settings, context: Context, redact: Redactor, outside: Dependencies) -> ExitStatus:
    """Run the tests and report them; the exit status tells about the tests.

    Raises `CheckError` when another job of this workflow run has a check of the same name, and
    `ForeignCheckRunError` when the check run that is to be taken over is another job's.
    """
    repository = outside.workspace.repository()
    telling = begin(settings, tested_commit.with_reported_commit(context, repository), repository, redact, outside)
    with outside.job.fence(settings.check_name):  # which whoever writes the outputs closes
        try:
            attended = attend(settings, telling.live, redact, outside, telling.follower.former.only)
        except Exception:  # noqa: BLE001 - a bug of ours: the tests' own verdict is told all the same
            return telling.end_despite_bug(None, processes_may_remain=not end_tests(settings, outside))
        try:
            return _report(telling, attended)
        except Exception:  # noqa: BLE001 - the same
            may_remain = attended.ended.processes_may_remain
            return telling.end_despite_bug(attended.ended, processes_may_remain=may_remain)


def _report(telling: RunReporter, attended: ProcessResult) -> ExitStatus:
    """Everything that tells the end of the tests."""
    settings, outside = telling.follower.settings, telling.outside
    with telling.live.held():
        session = replace(attended.session(telling.follower), carried_over=telling.follower.former.carried_over)
    if not session.duration_seconds:
        session = replace(session, duration_seconds=outside.clock.now() - telling.live.link.run.started_at)
    return telling.end(
        session,
        _verdict(session, attended, telling),
        _of_report(session, attended, outside),
        lambda upload: outside.reports.save(settings.check_name, attended.report(session, upload)),
        is_urgent=attended.ended.reason is ExitReason.CANCELLED,
    )


def _verdict(session: Session, attended: ProcessResult, telling: RunReporter) -> Verdict:
    follower = telling.follower
    head, parents = attended.head or (follower.repository.head, follower.repository.parents)
    tested, said = tested_commit.compare_head(telling.context, replace(follower.repository, head=head, parents=parents))
    verdict = conclude(session, attended.ended, follower.settings, tested)
    return replace(
        verdict,
        remarks=(*follower.former.remarks, *verdict.remarks, Remark(text=said)),
        merge_sha=head if tested is Checkout.MERGE else "",
    )


def _of_report(session: Session, attended: ProcessResult, outside: Dependencies) -> Iterator[Remark]:
    """What the check says of the JSON report, where it is not as expected."""
    yield from notes.report_notes(attended.trouble(session), session, attended.ended)
    if unavailable_reason := outside.reports.unavailable_reason():
        yield Remark(text=f"The JSON report cannot be kept in the workspace: {unavailable_reason}.")
