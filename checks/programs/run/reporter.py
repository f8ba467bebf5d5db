"""Report a session while it runs, at its end, and after an unexpected error in the action."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from ...core.model.check_run import CheckRun, Conclusion, Output, Status
from ...core.model.errors import ExitStatus, Problem
from ...core.model.identity import RunKind
from ...core.model.job import Checkout, Context, ProcessExit
from ...core.model.limits import JOB_SUMMARY_BYTES
from ...core.model.ports import Member
from ...core.model.session import Session
from ...core.model.verdict import Remark, Verdict
from ...core.redaction.redactor import Redactor
from ...core.report import notes, summary
from ...core.report.failures_in_log import failures_in_log
from ...core.report.past import changes_url_builder
from ...core.report.reproduce import Reproduction
from ...core.rerun.buttons import buttons
from ...core.rerun.previous_run import complete_identity
from ...core.results.decode import in_batches
from ...core.runner import workflow_commands
from ...core.runner.outputs import SavedFiles, outputs, outputs_without_results
from ...core.text.escape import prose
from ...core.verdict import tested_commit
from ...core.verdict.conclusion import (
    PROCESSES_MAY_REMAIN,
    cancelled_during_upload,
    exit_status,
    fail_for_remaining_processes,
    verdict_despite_bug,
    verdict_from_exit,
    without_check_run,
)
from .collector import MEMBERS_AT_ONCE, ResultCollector
from .comparing import SessionComparer
from .completed_output import CompletedOutput
from .completion import Completion
from .content import CompletedContent, minimal_content
from .dependencies import Dependencies
from .failure_report import FailureReport, Passing
from .past_lookup import PastLookup
from .sender import CheckRunSender
from .supervise import head_after_tests

_ALL_ANNOTATED = "all are annotated"
_NOT_REPORTED = (
    "The check run is missing on GitHub, or not completed there, so `fail-job: false` has no effect: this step fails "
    "if the tests did not pass."
)


@dataclass(frozen=True)
class RunReporter:
    """Reports a session to its check run, the outputs, the job summary and the log.

    Everything from the tests is redacted already; `redact` is for inputs.
    """

    sender: CheckRunSender
    collector: ResultCollector
    context: Context
    dependencies: Dependencies
    redact: Redactor
    compare: SessionComparer
    past: PastLookup

    def feed(self, lines: Iterable[bytes]) -> None:
        """Add lines of the stream."""
        with self.sender.locked():
            if self.collector.feed(lines):
                self.sender.note_changes()
            if self.collector.annotation_queue.failures_put:
                self.past.start()

    def add(self, members: Iterable[Member]) -> None:
        """Add the members of a JSON report."""
        for batch in in_batches(members, MEMBERS_AT_ONCE):
            with self.sender.locked():
                self.collector.add(batch)
                self.sender.note_changes()

    def frame(self, session: Session, remarks: Iterable[Remark]) -> summary.Frame:
        """Return what the summaries of a session that has ended show besides its results; `remarks` are its last."""
        self.past.end(session)
        annotation_queue, causes = self.collector.annotation_queue, self.collector.causes(session)
        bounds = notes.limit_notes(
            self.collector.settings,
            self.collector.passing,
            failures_beyond=annotation_queue.failures_beyond,
            others_beyond=annotation_queue.others_beyond,
        )
        return summary.Frame(
            place_of=summary.place_finder(self.collector.repository, session.root),
            url_of=summary.url_builder(self.context, self.collector.repository, session.root),
            causes=causes,
            comparison=self.compare(session, causes),
            changes_url=changes_url_builder(self.context),
            omission_note="" if annotation_queue.failures_beyond else _ALL_ANNOTATED,
            notes=(*bounds, *notes.bug_notes(self.collector.bug_count), *remarks),
            reproduction=self._reproduction(session),
        )

    def end(
        self,
        session: Session,
        frame: summary.Frame,
        verdict: Verdict,
        save_report: Callable[[Completion], str],
        *,
        is_urgent: bool = False,
    ) -> ExitStatus:
        """Report the end everywhere; `save_report` saves the JSON report meanwhile, and returns its path."""
        job, cancelled_verdict = self.dependencies.job, cancelled_during_upload(verdict)
        content = self._content(session, verdict, frame)
        completion = Completion(
            self.sender,
            content,
            lambda: self._content(session, cancelled_verdict, frame),
            self.dependencies,
            is_urgent=is_urgent,
        )
        report = save_report(completion)
        saved = self._saved(session, verdict, completion.checking_cancel, report)
        compared = frame.causes, frame.comparison
        known = verdict.conclusion, self.sender.published, saved
        job.outputs(outputs(session, *known, *compared))
        job.close_fence()
        if completion.wait() is not content:
            verdict = cancelled_verdict
            saved = self._saved(session, verdict, report=report)
        verdict = self._with_problems(verdict)
        if (final := (verdict.conclusion, self.sender.published, saved)) != known:
            job.outputs(outputs(session, *final, *compared))
        if self.collector.settings.job_summary.covers(verdict.conclusion) or not self._is_whole:
            job.summary(self._job_summary(session, verdict, frame))
        self._log_failures(session, verdict, frame)
        return self._exit_status(verdict)

    def end_despite_bug(self, process_exit: ProcessExit | None, *, processes_may_remain: bool = False) -> ExitStatus:
        """Report the tests' verdict in spite of an unexpected error, at worst from `process_exit` alone.

        `process_exit` is None if the tests' process has not ended or does not exist. For `processes_may_remain` see
        `ProcessExit`.
        """
        job = self.dependencies.job
        self._log_bug()
        try:
            verdict, values, content = self._despite_bug(process_exit, processes_may_remain=processes_may_remain)
        except Exception:  # noqa: BLE001 - what has just failed is not repeated
            self._log_bug()
            verdict, values, content = self._without_results(process_exit, processes_may_remain=processes_may_remain)
        job.outputs(values)
        job.close_fence()
        job.summary(content.run.output.summary)
        try:
            Completion(self.sender, content, lambda: content, self.dependencies, is_urgent=True).wait()
        except Exception:  # noqa: BLE001 - the post step completes what is left open
            self._log_bug()
        return self._exit_status(self._with_problems(verdict))

    def _saved(self, session: Session, verdict: Verdict, passing: Passing = iter, report: str = "") -> SavedFiles:
        """Save the failure report, and return the paths of all files."""
        reproduction = self._reproduction(session)
        failure_report = FailureReport(self.collector, self.context, self.dependencies, self.redact, reproduction)
        failures, failures_json = failure_report.save(self.sender.run.name, self.sender.published, verdict, passing)
        return SavedFiles(report=report, failures=failures, failures_json=failures_json)

    def _exit_status(self, verdict: Verdict) -> ExitStatus:
        if verdict.fails_step:
            self.dependencies.job.warn(PROCESSES_MAY_REMAIN.text)
        if self._problems:
            return ExitStatus.USAGE
        if not (self.is_reported or self.collector.settings.fail_job):
            self.dependencies.job.warn(_NOT_REPORTED)
        return exit_status(verdict, self.collector.settings, is_reported=self.is_reported)

    def _log_failures(self, session: Session, verdict: Verdict, frame: summary.Frame) -> None:
        """Print what failed below the folded output of the tests. Without a check run, errors of the step say it."""
        job, published = self.dependencies.job, self.sender.published
        if verdict.conclusion.passes or published is None or not job.is_workflow:
            return
        annotate = self.collector.annotator(session.root).annotate
        text = failures_in_log(frame.causes, verdict.remarks, annotate, published.page)
        job.log(workflow_commands.inert(text))

    @property
    def is_reported(self) -> bool:
        """Whether a check run has the verdict."""
        return self.sender.is_completed and self.sender.published is not None

    @property
    def _is_whole(self) -> bool:
        """Whether a check run has the verdict and everything that was to be sent."""
        return self.is_reported and self.sender.error is None

    def _log_bug(self) -> None:
        self.dependencies.job.log(workflow_commands.bug(traceback.format_exc()))

    def _despite_bug(
        self, process_exit: ProcessExit | None, *, processes_may_remain: bool
    ) -> tuple[Verdict, dict[str, str], CompletedContent]:
        """Return the verdict on the known part of the session, the outputs and the content of the check run."""
        with self.sender.locked():
            session = self.collector.session()
        verdict = verdict_despite_bug(session, process_exit, self.collector.settings, self._checkout())
        verdict = fail_for_remaining_processes(verdict) if processes_may_remain else verdict
        causes = self.collector.causes(session)
        values = outputs(session, verdict.conclusion, self.sender.published, self._saved(session, verdict), causes)
        identity = complete_identity(self.sender.run.identity, session, tested=verdict.merge_sha, is_whole=False)
        run = replace(self._completed_run(session, verdict), identity=identity)
        return verdict, values, minimal_content(run, verdict)

    def _without_results(
        self, process_exit: ProcessExit | None, *, processes_may_remain: bool
    ) -> tuple[Verdict, dict[str, str], CompletedContent]:
        """Return the same without using the results."""
        try:
            verdict = verdict_from_exit(process_exit, self._checkout())
        except Exception:  # noqa: BLE001 - fail rather than pass another commit's tests
            verdict = verdict_from_exit(process_exit, Checkout.LOST)
        verdict = fail_for_remaining_processes(verdict) if processes_may_remain else verdict
        values = outputs_without_results(verdict.conclusion, self.sender.published)
        return verdict, values, minimal_content(self._completed_run(Session(), verdict), verdict)

    @property
    def _problems(self) -> Sequence[Problem]:
        """Return why there may be no check run."""
        active_run = self.sender.active_run
        return () if active_run is None else active_run.problems

    def _with_problems(self, verdict: Verdict) -> Verdict:
        """Return the verdict with the problems because of which there is no check run, which are logged."""
        if not self._problems:
            return verdict
        texts = [self.dependencies.job.named(str(problem)) for problem in self._problems]
        for text in texts:
            self.dependencies.job.log(workflow_commands.error(text, title=self.sender.run.name))
        return without_check_run(verdict, texts)

    def _checkout(self) -> Checkout:
        before = self.collector.repository
        repository = tested_commit.after_tests(before, head_after_tests(self.dependencies))
        return tested_commit.compare_head(self.context, repository, before.head)[0]

    def _content(self, session: Session, verdict: Verdict, frame: summary.Frame) -> CompletedContent:
        """Return what the check run is completed as."""
        is_whole = verdict.is_complete and not self.collector.annotation_queue.failures_beyond
        identity = complete_identity(self.sender.run.identity, session, tested=verdict.merge_sha, is_whole=is_whole)
        record = self.compare.own_record.text(session) if identity.kind is RunKind.COMPLETE else ""
        output = CompletedOutput(session, verdict, frame, record, self.past)
        run = replace(self._completed_run(session, verdict), identity=identity.with_failures_missing())
        return CompletedContent(run=run, whole_identity=identity, output=output, has_more=output.has_more)

    def _completed_run(self, session: Session, verdict: Verdict) -> CheckRun:
        """Return the completed check run without a summary."""
        return replace(
            self.sender.run,
            status=Status.COMPLETED,
            conclusion=verdict.conclusion,
            completed_at=self.dependencies.clock.now(),
            output=Output(title=verdict.title, summary=""),
            actions=buttons(failed=bool(session.failed_items)) if self.dependencies.has_buttons else (),
        )

    def _reproduction(self, session: Session) -> Reproduction:
        return Reproduction(
            arguments=[*map(self.redact, self.collector.settings.pytest_args)],
            invocation=session.invocation,
            root=session.root,
            repository=self.collector.repository,
        )

    def _job_summary(self, session: Session, verdict: Verdict, frame: summary.Frame) -> str:
        frame = replace(_frame_for_verdict(frame, verdict), past=self.past.now(session, frame.causes))
        if self.sender.error is not None:
            note = Remark(text=f"The check run could not be updated: {self.sender.error}")
            frame = replace(frame, omission_note="", notes=(*frame.notes, note))
        head = f"## {prose(self.sender.run.name)}\n\n**{prose(verdict.title)}**\n\n"
        budget_bytes = JOB_SUMMARY_BYTES - len(head.encode()) - 1
        return head + summary.summary(session, verdict, frame, budget_bytes=budget_bytes)


def _frame_for_verdict(frame: summary.Frame, verdict: Verdict) -> summary.Frame:
    """In a cancelled job it is unknown which annotations will still be sent."""
    return replace(frame, omission_note="") if verdict.conclusion is Conclusion.CANCELLED else frame
