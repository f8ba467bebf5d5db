"""Report a session while it runs, at its end, and after an unexpected error in the action."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from ...core.github.annotation_queue import AnnotationQueue
from ...core.model.check_run import CheckRun, Conclusion, Output, Published, Status
from ...core.model.errors import ExitStatus
from ...core.model.job import Checkout, Context, ProcessExit, Repository
from ...core.model.limits import JOB_SUMMARY_BYTES
from ...core.model.session import Session
from ...core.model.settings import Settings
from ...core.model.verdict import Remark, Verdict
from ...core.redaction.redactor import Redactor
from ...core.report import notes, summary
from ...core.rerun.buttons import buttons
from ...core.rerun.previous_run import PreviousRun, complete_identity
from ...core.results.session_builder import SessionBuilder
from ...core.runner import workflow_commands
from ...core.runner.outputs import outputs, outputs_without_results
from ...core.text.escape import prose
from ...core.verdict import tested_commit
from ...core.verdict.conclusion import (
    PROCESSES_MAY_REMAIN,
    cancelled_during_upload,
    exit_status,
    fail_for_remaining_processes,
    verdict_despite_bug,
    verdict_from_exit,
)
from ...core.verdict.titles import live_title
from .collector import ResultCollector
from .completion import Completion
from .create import new_check_run
from .dependencies import Dependencies
from .grace import AbandonedError, abandon_on_cancel
from .sender import ActiveCheckRun, CheckRunSender
from .supervise import head_after_tests

_ALL_ANNOTATED = "all are annotated"
_NOT_REPORTED = (
    "The check run is missing on GitHub, or not completed there, so `fail-job: false` has no effect: this step fails "
    "if the tests did not pass."
)


@dataclass(frozen=True, kw_only=True)
class RunReporter:
    """Reports a session to its check run, the outputs, the job summary and the log."""

    sender: CheckRunSender
    collector: ResultCollector
    context: Context
    dependencies: Dependencies

    def end(
        self,
        session: Session,
        verdict: Verdict,
        remarks: Iterable[Remark],
        save_report: Callable[[Completion], str],
        *,
        is_urgent: bool = False,
    ) -> ExitStatus:
        """Report the end everywhere; `save_report` saves the JSON report meanwhile, and returns its path."""
        frame, job = self._frame(session, remarks), self.dependencies.job
        cancelled_verdict, published = cancelled_during_upload(verdict), _published(self.sender.active_run)
        completed_run = self._completed_run(session, verdict, _output(session, verdict, frame))
        completion = Completion(
            self.sender,
            completed_run,
            lambda: self._completed_run(session, cancelled_verdict, _output(session, cancelled_verdict, frame)),
            self.dependencies,
            is_urgent=is_urgent,
        )
        path = save_report(completion)
        job.outputs(outputs(session, verdict.conclusion, published, path))
        job.close_fence()
        if completion.wait() is not completed_run:
            verdict = cancelled_verdict
            job.outputs(outputs(session, verdict.conclusion, published, path))
        job.summary(self._job_summary(session, verdict, frame))
        return self._exit_status(verdict)

    def end_despite_bug(self, process_exit: ProcessExit | None, *, processes_may_remain: bool = False) -> ExitStatus:
        """Report the tests' verdict in spite of an unexpected error, at worst from `process_exit` alone.

        `process_exit` is None if the tests' process has not ended or does not exist. For `processes_may_remain` see
        `ProcessExit`.
        """
        job = self.dependencies.job
        self._log_bug()
        try:
            verdict, values, completed_run = self._despite_bug(process_exit, processes_may_remain=processes_may_remain)
        except Exception:  # noqa: BLE001 - what has just failed is not repeated
            self._log_bug()
            verdict, values, completed_run = self._without_results(
                process_exit, processes_may_remain=processes_may_remain
            )
        job.outputs(values)
        job.close_fence()
        job.summary(completed_run.output.summary)
        try:
            Completion(self.sender, completed_run, lambda: completed_run, self.dependencies, is_urgent=True).wait()
        except Exception:  # noqa: BLE001 - the post step completes what is left open
            self._log_bug()
        return self._exit_status(verdict)

    def _exit_status(self, verdict: Verdict) -> ExitStatus:
        if verdict.fails_step:
            self._warn(PROCESSES_MAY_REMAIN.text)
        if not (self.is_reported or self.collector.settings.fail_job):
            self._warn(_NOT_REPORTED)
        return exit_status(verdict, self.collector.settings, is_reported=self.is_reported)

    @property
    def is_reported(self) -> bool:
        """Whether a check run has the verdict."""
        return self.sender.is_completed and _published(self.sender.active_run) is not None

    def _warn(self, sentence: str) -> None:
        job = self.dependencies.job
        job.log(workflow_commands.warning(job.named(sentence)))

    def _log_bug(self) -> None:
        self.dependencies.job.log(workflow_commands.bug(traceback.format_exc()))

    def _despite_bug(
        self, process_exit: ProcessExit | None, *, processes_may_remain: bool
    ) -> tuple[Verdict, dict[str, str], CheckRun]:
        """Return the verdict on the known part of the session, the outputs and the completed check run."""
        with self.sender.locked():
            session = self.collector.session()
        verdict = verdict_despite_bug(session, process_exit, self.collector.settings, self._checkout())
        verdict = fail_for_remaining_processes(verdict) if processes_may_remain else verdict
        values = outputs(session, verdict.conclusion, _published(self.sender.active_run), "")
        return verdict, values, self._completed_run(session, verdict, _minimal_output(verdict))

    def _without_results(
        self, process_exit: ProcessExit | None, *, processes_may_remain: bool
    ) -> tuple[Verdict, dict[str, str], CheckRun]:
        """Return the same without using the results."""
        try:
            verdict = verdict_from_exit(process_exit, self._checkout())
        except Exception:  # noqa: BLE001 - fail rather than pass another commit's tests
            verdict = verdict_from_exit(process_exit, Checkout.LOST)
        verdict = fail_for_remaining_processes(verdict) if processes_may_remain else verdict
        completed_run = replace(
            self.sender.active_run.run,
            status=Status.COMPLETED,
            conclusion=verdict.conclusion,
            completed_at=self.dependencies.clock.now(),
            output=_minimal_output(verdict),
        )
        return verdict, outputs_without_results(verdict.conclusion, _published(self.sender.active_run)), completed_run

    def _checkout(self) -> Checkout:
        before = self.collector.repository
        repository = tested_commit.after_tests(before, head_after_tests(self.dependencies))
        return tested_commit.compare_head(self.context, repository, before.head)[0]

    def _completed_run(self, session: Session, verdict: Verdict, output: Output) -> CheckRun:
        is_whole = verdict.is_complete and not self.collector.annotation_queue.failures_beyond
        return replace(
            self.sender.active_run.run,
            identity=complete_identity(
                self.sender.active_run.run.identity, session, tested=verdict.merge_sha, is_whole=is_whole
            ),
            status=Status.COMPLETED,
            conclusion=verdict.conclusion,
            completed_at=self.dependencies.clock.now(),
            output=output,
            actions=buttons(failed=bool(session.failed_items)) if self.dependencies.has_buttons else (),
        )

    def _frame(self, session: Session, remarks: Iterable[Remark]) -> summary.Frame:
        annotation_queue = self.collector.annotation_queue
        bounds = notes.limit_notes(
            self.collector.settings,
            self.collector.passing,
            failures_beyond=annotation_queue.failures_beyond,
            others_beyond=annotation_queue.others_beyond,
        )
        return summary.Frame(
            url_of=summary.url_builder(self.context, self.collector.repository, session.root),
            omission_note="" if annotation_queue.failures_beyond else _ALL_ANNOTATED,
            notes=(*bounds, *notes.bug_notes(self.collector.bug_count), *remarks),
        )

    def _job_summary(self, session: Session, verdict: Verdict, frame: summary.Frame) -> str:
        frame = _frame_for_verdict(frame, verdict)
        if self.sender.error is not None:
            note = Remark(text=f"The check run could not be updated: {self.sender.error}")
            frame = replace(frame, omission_note="", notes=(*frame.notes, note))
        head = f"## {prose(self.sender.active_run.run.name)}\n\n**{prose(verdict.title)}**\n\n"
        budget_bytes = JOB_SUMMARY_BYTES - len(head.encode()) - 1
        return head + summary.summary(session, verdict, frame, budget_bytes=budget_bytes)


def begin_reporting(
    settings: Settings, context: Context, repository: Repository, redact: Redactor, dependencies: Dependencies
) -> RunReporter:
    """Create the check run, and keep it up to date from now on.

    Raises `CheckError` if another job of this workflow run has a check of the same name.
    """
    active_run = dependencies.create_run(new_check_run(settings, context, dependencies.clock))
    previous_run = _previous_run(dependencies)
    collector = ResultCollector(
        settings=settings,
        repository=repository,
        annotation_queue=AnnotationQueue(dependencies.spool, settings.max_annotations),
        definition=dependencies.workspace.definition,
        log=dependencies.job.log,
        builder=SessionBuilder(redact.redact_json, dependencies.workspace.crash_output),
        previous_run=previous_run,
    )

    def render(session: Session) -> Output:
        frame = summary.Frame(url_of=summary.url_builder(context, collector.repository, session.root))
        title = live_title(session, dependencies.clock.now() - active_run.run.started_at)
        return Output(title=title, summary=summary.live_summary(session, frame))

    sender = CheckRunSender(
        active_run, collector, clock=dependencies.clock, interval_seconds=settings.live_interval_seconds, render=render
    )
    sender.start()
    return RunReporter(sender=sender, collector=collector, context=context, dependencies=dependencies)


def _previous_run(dependencies: Dependencies) -> PreviousRun:
    """Return the previous run; an empty one if the job is cancelled, which then runs no tests."""
    if dependencies.cancel.is_set():
        return PreviousRun()
    try:
        return abandon_on_cancel(dependencies.find_previous_run, dependencies.cancel)
    except AbandonedError:
        return PreviousRun()


def _output(session: Session, verdict: Verdict, frame: summary.Frame) -> Output:
    return Output(
        title=verdict.title,
        summary=summary.summary(session, verdict, _frame_for_verdict(frame, verdict)),
        text=summary.text(session),
    )


def _minimal_output(verdict: Verdict) -> Output:
    return Output(title=verdict.title, summary="\n\n".join(remark.text for remark in verdict.remarks))


def _frame_for_verdict(frame: summary.Frame, verdict: Verdict) -> summary.Frame:
    """In a cancelled job it is unknown which annotations will still be sent."""
    return replace(frame, omission_note="") if verdict.conclusion is Conclusion.CANCELLED else frame


def _published(active_run: ActiveCheckRun) -> Published | None:
    """Return the check run, or None if none was created."""
    return active_run.published if active_run.published.id else None
