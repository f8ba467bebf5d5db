"""What is told of a session: while it goes on, in the end, and where a bug of ours broke it off."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from ...core.github.annotation_queue import AnnotationQueue
from ...core.model.check_run import CheckRun, Conclusion, Output, Published, Status
from ...core.model.errors import BUG, ExitStatus
from ...core.model.job import Checkout, Context, ProcessExit, Repository
from ...core.model.limits import JOB_SUMMARY_BYTES
from ...core.model.session import Session
from ...core.model.settings import Settings
from ...core.model.verdict import Remark, Verdict
from ...core.redaction.redactor import Redactor
from ...core.report import notes, summary
from ...core.rerun.buttons import buttons
from ...core.rerun.previous_run import PreviousRun, complete_external_id
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
from .create import opening
from .dependencies import Dependencies
from .grace import GivenUpError, in_time
from .sender import ActiveCheckRun, CheckRunSender

_ALL_ANNOTATED = "all are annotated"


@dataclass(frozen=True, kw_only=True)
class RunReporter:
    """A session, its check run, and who is told besides."""

    live: CheckRunSender
    follower: ResultCollector
    context: Context
    outside: Dependencies

    def end(
        self,
        session: Session,
        verdict: Verdict,
        remarks: Iterable[Remark],
        keep: Callable[[Completion], str],
        *,
        is_urgent: bool = False,
    ) -> ExitStatus:
        """Tell the end everywhere; `keep` keeps the report meanwhile, and says where it is."""
        frame, job = self._frame(session, remarks), self.outside.job
        late, published = cancelled_during_upload(verdict), _put_up(self.live.link)
        done = self._completed(session, verdict, _output(session, verdict, frame))
        upload = Completion(
            self.live,
            done,
            lambda: self._completed(session, late, _output(session, late, frame)),
            self.outside,
            is_urgent=is_urgent,
        )
        path = keep(upload)
        job.outputs(outputs(session, verdict.conclusion, published, path))
        job.close_fence()
        if upload.end() is not done:
            verdict = late
            job.outputs(outputs(session, verdict.conclusion, published, path))
        job.summary(self._job_summary(session, verdict, frame))
        return self._exit_status(verdict)

    def end_despite_bug(self, ended: ProcessExit | None, *, processes_may_remain: bool = False) -> ExitStatus:
        """A bug of ours is under way: the tests' own verdict is told all the same, in the worst case by `ended` alone.

        `ended` is None where the tests' process has not ended, or there is none; the other is as in `ProcessExit`.
        """
        job = self.outside.job
        self._log_bug()
        try:
            verdict, values, done = self._despite_bug(ended, may_remain=processes_may_remain)
        except Exception:  # noqa: BLE001 - what has just failed is not tried again
            self._log_bug()
            verdict, values, done = self._without_results(ended, may_remain=processes_may_remain)
        job.outputs(values)
        job.close_fence()
        job.summary(done.output.summary)
        try:
            Completion(self.live, done, lambda: done, self.outside, is_urgent=True).end()
        except Exception:  # noqa: BLE001 - the post step completes what is left open
            self._log_bug()
        return self._exit_status(verdict)

    def _exit_status(self, verdict: Verdict) -> ExitStatus:
        if verdict.fails_step:
            self.outside.job.log(workflow_commands.warning(PROCESSES_MAY_REMAIN.text))
        return exit_status(verdict, self.follower.settings)

    def _log_bug(self) -> None:
        self.outside.job.log(f"{workflow_commands.inert(traceback.format_exc())}\n{workflow_commands.error(BUG)}")

    def _despite_bug(self, ended: ProcessExit | None, *, may_remain: bool) -> tuple[Verdict, dict[str, str], CheckRun]:
        """Return the verdict on what is known of the session, the outputs and the completed check run."""
        with self.live.held():
            session = self.follower.session()
        verdict = verdict_despite_bug(session, ended, self.follower.settings, self._checkout())
        verdict = fail_for_remaining_processes(verdict) if may_remain else verdict
        values = outputs(session, verdict.conclusion, _put_up(self.live.link), "")
        return verdict, values, self._completed(session, verdict, _bare_output(verdict))

    def _without_results(
        self, ended: ProcessExit | None, *, may_remain: bool
    ) -> tuple[Verdict, dict[str, str], CheckRun]:
        """Return the same without any look at the results."""
        try:
            verdict = verdict_from_exit(ended, self._checkout())
        except Exception:  # noqa: BLE001 - so that another commit's tests are not green
            verdict = verdict_from_exit(ended, Checkout.OTHER)
        verdict = fail_for_remaining_processes(verdict) if may_remain else verdict
        done = replace(
            self.live.link.run,
            status=Status.COMPLETED,
            conclusion=verdict.conclusion,
            completed_at=self.outside.clock.now(),
            output=_bare_output(verdict),
        )
        return verdict, outputs_without_results(verdict.conclusion, _put_up(self.live.link)), done

    def _checkout(self) -> Checkout:
        return tested_commit.compare_head(self.context, self.follower.repository)[0]

    def _completed(self, session: Session, verdict: Verdict, output: Output) -> CheckRun:
        is_whole = verdict.is_complete and not self.follower.outbox.failures_beyond
        return replace(
            self.live.link.run,
            external_id=complete_external_id(
                self.live.link.run.external_id, session, tested=verdict.merge_sha, is_whole=is_whole
            ),
            status=Status.COMPLETED,
            conclusion=verdict.conclusion,
            completed_at=self.outside.clock.now(),
            output=output,
            actions=buttons(failed=bool(session.failed_items)) if self.outside.has_buttons else (),
        )

    def _frame(self, session: Session, remarks: Iterable[Remark]) -> summary.Frame:
        outbox = self.follower.outbox
        bounds = notes.limit_notes(
            self.follower.settings,
            self.follower.passing,
            failures_beyond=outbox.failures_beyond,
            others_beyond=outbox.others_beyond,
        )
        return summary.Frame(
            url_of=summary.url_builder(self.context, self.follower.repository, session.root),
            omission_note="" if outbox.failures_beyond else _ALL_ANNOTATED,
            notes=(*bounds, *notes.bug_notes(self.follower.bugs), *remarks),
        )

    def _job_summary(self, session: Session, verdict: Verdict, frame: summary.Frame) -> str:
        frame = _in_time(frame, verdict)
        if self.live.error is not None:
            note = Remark(text=f"This could not be brought into the check run: {self.live.error}")
            frame = replace(frame, omission_note="", notes=(*frame.notes, note))
        head = f"## {prose(self.live.link.run.name)}\n\n**{prose(verdict.title)}**\n\n"
        budget_bytes = JOB_SUMMARY_BYTES - len(head.encode()) - 1
        return head + summary.summary(session, verdict, frame, budget_bytes=budget_bytes)


def begin(
    settings: Settings, context: Context, repository: Repository, redact: Redactor, outside: Dependencies
) -> RunReporter:
    """Put the check run up, and keep it up to date from here on.

    Raises `CheckError` when another job of this workflow run has a check of the same name.
    """
    link = outside.put_up(opening(settings, context, outside.clock))
    former = _former(outside)
    follower = ResultCollector(
        settings=settings,
        repository=repository,
        outbox=AnnotationQueue(outside.spool, settings.max_annotations),
        definition=outside.workspace.definition,
        log=outside.job.log,
        fold=SessionBuilder(redact.redact_json, outside.workspace.crash_output),
        former=former,
    )

    def render(session: Session) -> Output:
        frame = summary.Frame(url_of=summary.url_builder(context, follower.repository, session.root))
        title = live_title(session, outside.clock.now() - link.run.started_at)
        return Output(title=title, summary=summary.live_summary(session, frame))

    live = CheckRunSender(
        link, follower, clock=outside.clock, interval_seconds=settings.live_interval_seconds, render=render
    )
    live.start()
    return RunReporter(live=live, follower=follower, context=context, outside=outside)


def _former(outside: Dependencies) -> PreviousRun:
    """What the earlier run says; nothing where the job is cancelled, which then runs no test."""
    if outside.cancel.is_set():
        return PreviousRun()
    try:
        return in_time(outside.former, outside.cancel)
    except GivenUpError:
        return PreviousRun()


def _output(session: Session, verdict: Verdict, frame: summary.Frame) -> Output:
    return Output(
        title=verdict.title,
        summary=summary.summary(session, verdict, _in_time(frame, verdict)),
        text=summary.text(session),
    )


def _bare_output(verdict: Verdict) -> Output:
    return Output(title=verdict.title, summary="\n\n".join(remark.text for remark in verdict.remarks))


def _in_time(frame: summary.Frame, verdict: Verdict) -> summary.Frame:
    """Where the job is cancelled, nobody knows what of the annotations will still be sent."""
    return replace(frame, omission_note="") if verdict.conclusion is Conclusion.CANCELLED else frame


def _put_up(link: ActiveCheckRun) -> Published | None:
    """The check run, where there is one."""
    return link.published if link.published.id else None
