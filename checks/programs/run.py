"""The main step: puts up the check run, runs the tests, follows them live, and tells every end."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..translate import checkout, commands, markdown, notes, rebuilt_report, report
from ..translate.conclusion import conclude, despite_bug, exit_status
from ..translate.environment import unspoken
from ..translate.escape import prose
from ..translate.events import Fold
from ..translate.outbox import Outbox
from ..translate.outputs import outputs
from ..translate.redact import Redactor
from ..translate.titles import live_title
from ..words.check_run import CheckRun, Output, Published, Status
from ..words.errors import BUG, CheckError, ExitStatus
from ..words.job import Context, Ended, Ending, Repository
from ..words.limits import JOB_SUMMARY_BYTES
from ..words.ports import Cancel, Clock, JobFiles, PytestRun, Reports, Spool, Workspace
from ..words.session import Session
from ..words.settings import Settings
from ..words.verdict import Remark, Verdict
from .follow import Follower
from .live import Link, Live
from .put_up import PutUp, opening

_POLL_SECONDS = 0.05
# The runner kills the container 10 s after its first signal:
# https://github.com/actions/runner/blob/main/src/Runner.Sdk/ProcessInvoker.cs
_CANCEL_SECONDS = 5.0
_CANCELLED_UPLOAD_SECONDS = 3.5
_TIMEOUT_SECONDS = 10.0
_ALL_ANNOTATED = "all are annotated"


@dataclass(frozen=True, kw_only=True)
class Outside:
    """Everything outside that a run touches; `save` keeps for the post step what it is to send, None for nothing."""

    put_up: PutUp
    workspace: Workspace
    reports: Reports
    job: JobFiles
    clock: Clock
    cancel: Cancel
    spool: Spool
    save: Callable[[Published, CheckRun | None], None]


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
        fold=Fold(redact.redact_json),
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
        session = follower.session()
        verdict = despite_bug(session, settings, checkout.decide(context, repository)[0])
        output = Output(title=verdict.title, summary="\n\n".join(remark.text for remark in verdict.remarks))
        done = _completed(link.run, verdict, output, outside.clock)
        live.complete(done, is_urgent=True)
        outside.job.outputs(outputs(session, verdict.conclusion, _put_up(link), ""))
        outside.job.summary(output.summary)
        _finish(live, done, outside)
        return exit_status(verdict, settings)


def _conduct(live: Live, follower: Follower, context: Context, redact: Redactor, outside: Outside) -> ExitStatus:
    """From the start of the tests to everything that tells their end."""
    settings, first = follower.settings, live.link.run
    ended, kept = _tests(settings, live, redact, outside)
    session = _whole(follower, kept, ended)
    if not session.duration_seconds:
        session = replace(session, duration_seconds=outside.clock.now() - first.started_at)
    verdict = _verdict(session, ended, context, follower, outside.workspace)
    frame = _frame(session, context, follower)
    output = Output(title=verdict.title, summary=markdown.summary(session, verdict, frame), text=markdown.text(session))
    done = _completed(first, verdict, output, outside.clock)
    live.complete(done, is_urgent=ended.how is Ending.CANCELLED)
    path = outside.reports.keep(settings.check_name, kept or rebuilt_report.render(session))
    outside.job.outputs(outputs(session, verdict.conclusion, _put_up(live.link), path))
    _finish(live, done, outside)
    outside.job.summary(_job_summary(session, verdict, frame, live))
    return exit_status(verdict, settings)


def _tests(
    settings: Settings, live: Live, redact: Redactor, outside: Outside
) -> tuple[Ended, Mapping[str, Any] | None]:
    """Run the tests to whatever end; how they ended, and their redacted report."""
    try:
        tests = outside.workspace.start_tests(settings)
    except CheckError as error:
        return Ended(how=Ending.NOT_STARTED, output=str(error)), None
    with outside.job.fence(settings.check_name):
        ended = _followed(tests, live, settings, outside)
    outside.job.empty(unspoken(settings.pass_env))
    found = tests.report()
    return replace(ended, output=redact(ended.output)), None if found is None else redact.redact_json(found)


def _followed(tests: PytestRun, live: Live, settings: Settings, outside: Outside) -> Ended:
    """Follow the tests to their end, or end them when that is asked for or the time is over."""
    began = outside.clock.monotonic()
    limit_seconds = float("inf") if settings.timeout_minutes is None else settings.timeout_minutes * 60
    stopped: Ending | None = None
    while (ended := tests.wait(_POLL_SECONDS)) is None:
        live.feed(tests.lines())
        if outside.cancel.is_set() and stopped is not Ending.CANCELLED:
            stopped = Ending.CANCELLED
            tests.stop(seconds=_CANCEL_SECONDS)
        elif stopped is None and outside.clock.monotonic() - began >= limit_seconds:
            stopped = Ending.TIMED_OUT
            tests.stop(seconds=_TIMEOUT_SECONDS)
    while lines := list(tests.lines()):
        live.feed(lines)
    return ended if stopped is None else replace(ended, how=stopped)


def _whole(follower: Follower, kept: Mapping[str, Any] | None, ended: Ended) -> Session:
    """The session of the stream; where that is not whole, with what only the report has."""
    told = follower.session()
    session = told
    if kept is not None and (told.exit_status is None or told.lost):
        session = report.fill(told, report.parse(kept))
        follower.add(session, told)
    follower.end(session, ended)
    return session


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


def _frame(session: Session, context: Context, follower: Follower) -> markdown.Frame:
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
        notes=tuple(bounds),
    )


def _completed(first: CheckRun, verdict: Verdict, output: Output, clock: Clock) -> CheckRun:
    return replace(
        first, status=Status.COMPLETED, conclusion=verdict.conclusion, completed_at=clock.now(), output=output
    )


def _finish(live: Live, done: CheckRun, outside: Outside) -> None:
    """Wait for the check run's completion; once the job is cancelled, only as long as the runner lets us."""
    deadline: float | None = None
    while not live.join(_POLL_SECONDS):
        now = outside.clock.monotonic()
        if deadline is None and outside.cancel.is_set():
            deadline = now + _CANCELLED_UPLOAD_SECONDS
            live.complete(done, is_urgent=True)
        if deadline is not None and now >= deadline:
            return
    if live.error is not None:
        outside.job.log(commands.warning(f"{live.error} The job summary and the report have everything."))
    outside.save(live.link.published, None if live.error is None else done)


def _put_up(link: Link) -> Published | None:
    """The check run, where there is one."""
    return link.published if link.published.id else None


def _job_summary(session: Session, verdict: Verdict, frame: markdown.Frame, live: Live) -> str:
    if live.error is not None:
        note = Remark(text=f"This could not be brought into the check run: {live.error}")
        frame = replace(frame, elsewhere="", notes=(*frame.notes, note))
    name = live.link.run.name
    head = f"## {prose(name)}\n\n**{prose(verdict.title)}**\n\n"
    budget_bytes = JOB_SUMMARY_BYTES - len(head.encode()) - 1
    return head + markdown.summary(session, verdict, frame, budget_bytes=budget_bytes)
