"""The main step: puts up the check run, runs the tests, follows them live, and tells every end."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..translate import checkout, commands, markdown, notes
from ..translate.conclusion import cancelled_in_upload, conclude, despite_bug, exit_status
from ..translate.escape import prose
from ..translate.fold import Fold
from ..translate.outbox import Outbox
from ..translate.outputs import outputs
from ..translate.redact import Redactor
from ..translate.titles import live_title
from ..words.check_run import CheckRun, Conclusion, Output, Published, Status
from ..words.errors import BUG, ExitStatus
from ..words.job import Context, Ended, Ending, Repository
from ..words.limits import JOB_SUMMARY_BYTES
from ..words.ports import Clock, Workspace
from ..words.session import Session
from ..words.settings import Settings
from ..words.verdict import Remark, Verdict
from .attend import Attended, attend
from .follow import Follower
from .live import Link, Live
from .outside import Outside
from .put_up import opening
from .upload import Upload

_ALL_ANNOTATED = "all are annotated"


def run(settings: Settings, context: Context, redact: Redactor, outside: Outside) -> ExitStatus:
    """Run the tests and report them; the exit status tells about the tests.

    Raises `CheckError` when another job of this workflow run has a check of the same name.
    """
    repository = outside.workspace.repository()
    context = checkout.reported(context, repository)
    link = outside.put_up(opening(settings, context, outside.clock))
    follower = Follower(
        settings=settings,
        repository=repository,
        outbox=Outbox(outside.spool, settings.max_annotations),
        definition=outside.workspace.definition,
        log=outside.job.log,
        fold=Fold(redact.redact_json, outside.workspace.last_words),
    )
    live = Live(
        link,
        follower,
        clock=outside.clock,
        interval_seconds=settings.live_interval_seconds,
        render=lambda session: _live_output(session, context, repository, link.run, outside.clock),
    )
    live.start()
    try:
        return _conduct(live, follower, context, redact, outside)
    except Exception:  # noqa: BLE001 - a bug of ours: the tests' own verdict is told all the same
        outside.job.log(f"{traceback.format_exc()}\n{commands.error(BUG)}")
        with live.held():
            session = follower.session()
        verdict = despite_bug(session, settings, checkout.decide(context, repository)[0])
        output = Output(title=verdict.title, summary="\n\n".join(remark.text for remark in verdict.remarks))
        done = _completed(link.run, verdict, output, outside.clock)
        upload = Upload(live, done, lambda: done, outside, is_urgent=True)
        outside.job.outputs(outputs(session, verdict.conclusion, _put_up(link), ""))
        outside.job.summary(output.summary)
        upload.end()
        return exit_status(verdict, settings)


def _conduct(live: Live, follower: Follower, context: Context, redact: Redactor, outside: Outside) -> ExitStatus:
    """From the start of the tests to everything that tells their end."""
    settings, first = follower.settings, live.link.run
    attended = attend(settings, live, redact, outside)
    with live.held():
        session = attended.session(follower)
    if not session.duration_seconds:
        session = replace(session, duration_seconds=outside.clock.now() - first.started_at)
    verdict = _verdict(session, attended.ended, context, follower, outside.workspace)
    frame = _frame(session, context, follower, told=_of_report(attended, session, outside))
    done = _completed(first, verdict, _output(session, verdict, frame), outside.clock)
    late = cancelled_in_upload(verdict)

    def if_cancelled() -> CheckRun:
        return _completed(first, late, _output(session, late, frame), outside.clock)

    upload = Upload(live, done, if_cancelled, outside, is_urgent=attended.ended.how is Ending.CANCELLED)
    path = outside.reports.keep(settings.check_name, upload.heeding(attended.report(session)))
    outside.job.outputs(outputs(session, verdict.conclusion, _put_up(live.link), path))
    if upload.end() is not done:
        verdict = late
        outside.job.outputs(outputs(session, verdict.conclusion, _put_up(live.link), path))
    outside.job.summary(_job_summary(session, verdict, frame, live))
    return exit_status(verdict, settings)


def _live_output(session: Session, context: Context, repository: Repository, first: CheckRun, clock: Clock) -> Output:
    frame = markdown.Frame(url_of=markdown.links(context, repository, session.root))
    return Output(
        title=live_title(session, clock.now() - first.started_at), summary=markdown.live_summary(session, frame)
    )


def _verdict(session: Session, ended: Ended, context: Context, follower: Follower, workspace: Workspace) -> Verdict:
    head, parents = workspace.head()  # `install`, too, may check out another commit
    tested, said = checkout.decide(context, replace(follower.repository, head=head, parents=parents))
    verdict = conclude(session, ended, follower.settings, tested)
    return replace(verdict, remarks=(*verdict.remarks, Remark(text=said)))


def _of_report(attended: Attended, session: Session, outside: Outside) -> Iterator[Remark]:
    """What the check says of the JSON report, where it is not as expected."""
    yield from notes.of_report(attended.trouble(session), session, attended.ended)
    if refusal := outside.reports.refusal():
        yield Remark(text=f"The JSON report cannot be kept in the workspace: {refusal}.")


def _frame(session: Session, context: Context, follower: Follower, told: Iterable[Remark]) -> markdown.Frame:
    outbox = follower.outbox
    bounds = notes.of_bounds(
        follower.settings,
        follower.passing,
        failures_beyond=outbox.failures_beyond,
        others_beyond=outbox.others_beyond,
    )
    return markdown.Frame(
        url_of=markdown.links(context, follower.repository, session.root),
        elsewhere="" if outbox.failures_beyond else _ALL_ANNOTATED,
        notes=(*bounds, *notes.of_bugs(follower.bugs), *told),
    )


def _output(session: Session, verdict: Verdict, frame: markdown.Frame) -> Output:
    return Output(
        title=verdict.title,
        summary=markdown.summary(session, verdict, _in_time(frame, verdict)),
        text=markdown.text(session),
    )


def _in_time(frame: markdown.Frame, verdict: Verdict) -> markdown.Frame:
    """Where the job is cancelled, nobody knows what of the annotations will still be sent."""
    return replace(frame, elsewhere="") if verdict.conclusion is Conclusion.CANCELLED else frame


def _completed(first: CheckRun, verdict: Verdict, output: Output, clock: Clock) -> CheckRun:
    return replace(
        first, status=Status.COMPLETED, conclusion=verdict.conclusion, completed_at=clock.now(), output=output
    )


def _put_up(link: Link) -> Published | None:
    """The check run, where there is one."""
    return link.published if link.published.id else None


def _job_summary(session: Session, verdict: Verdict, frame: markdown.Frame, live: Live) -> str:
    frame = _in_time(frame, verdict)
    if live.error is not None:
        note = Remark(text=f"This could not be brought into the check run: {live.error}")
        frame = replace(frame, elsewhere="", notes=(*frame.notes, note))
    name = live.link.run.name
    head = f"## {prose(name)}\n\n**{prose(verdict.title)}**\n\n"
    budget_bytes = JOB_SUMMARY_BYTES - len(head.encode()) - 1
    return head + markdown.summary(session, verdict, frame, budget_bytes=budget_bytes)
