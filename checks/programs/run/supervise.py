"""Attends the tests' process: starts it, follows it to whatever end, ends all of it; what it left makes the session."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ...core.model.errors import BUG, CheckError
from ...core.model.item import Section
from ...core.model.job import ExitReason, ProcessExit
from ...core.model.ports import PytestRun
from ...core.model.session import Session
from ...core.model.settings import Settings
from ...core.pytest_process.environment import unused_file_variables
from ...core.redaction.redactor import Redactor
from ...core.results import rebuild_report, saved_report
from ...core.runner import workflow_commands
from .collector import ResultCollector
from .completion import Completion
from .dependencies import Dependencies
from .sender import CheckRunSender

_POLL_SECONDS = 0.1
# The runner kills the container 10 s after its first signal:
# https://github.com/actions/runner/blob/main/src/Runner.Sdk/ProcessInvoker.cs
_CANCEL_SECONDS = 5.0
_TIMEOUT_SECONDS = 10.0
_LOST = "what pytest had written was lost"
#: Stands for all that is left unread; no JSON, it counts as one lost record.
_UNREAD = b"?"


@dataclass(frozen=True, kw_only=True)
class ProcessResult:
    """How the tests ended, with no secret in it, and what they left; `tests` is None where they were never started.

    `head` is the commit of HEAD after them, and its parents; None in a cancelled job, which has no time to ask.
    """

    ended: ProcessExit
    tests: PytestRun | None
    redact: Redactor
    head: tuple[str, tuple[str, ...]] | None = None

    def session(self, follower: ResultCollector) -> Session:
        """The session of the lines; where they are not whole, with what only the report and pytest's message have."""
        session = self._identified(follower.session())
        if self.tests is not None and _is_broken(session):
            if self.trouble(session):
                session = _as_pytest_ended(session, self.ended)
            else:
                follower.add(self.tests.report().members())
                session = self._identified(follower.session())
        follower.end(session, self.ended)
        return session

    def _identified(self, session: Session) -> Session:
        """The session with its id, although not one line could be written."""
        end = self.ended.pytest_end
        return session if session.id or end is None else replace(session, id=end.session_id)

    def trouble(self, session: Session) -> str:
        """What is wrong with the report of pytest's process, as ``is missing``; empty where nothing is."""
        return "is missing" if self.tests is None else self.tests.report().defect(session.id)

    def report(self, session: Session, upload: Completion) -> Iterator[str]:
        """The text of the report to keep, without secrets: of pytest's process, else of its lines.

        `upload` heeds a cancel while either is read.
        """
        if self.tests is not None and not self.trouble(session):
            found = upload.heeding(self.tests.report().members())
        else:
            found = rebuild_report.rebuild(() if self.tests is None else upload.heeding(self.tests.all_lines()))
        return saved_report.pieces(found, self.redact.redact_json)


def attend(
    settings: Settings, live: CheckRunSender, redact: Redactor, outside: Dependencies, only: Sequence[str] | None = None
) -> ProcessResult:
    """Run the tests to whatever end; `only` those of these titles, None for all.

    Does not start them if the job is cancelled already. Calls `end_tests` whether it returns or raises.
    """
    try:
        attended = _run_tests(settings, live, redact, outside, only)
    finally:
        is_certain = end_tests(settings, outside)
    return replace(attended, ended=replace(attended.ended, processes_may_remain=not is_certain))


def end_tests(settings: Settings, outside: Dependencies) -> bool:
    """End the tests with all that they left, then take back what they have written for later steps.

    Returns whether no process of theirs is left for certain.
    """
    try:
        return outside.workspace.end_tests()
    except Exception:  # noqa: BLE001 - a bug of ours: what is to be written after this is written all the same
        outside.job.log(f"{workflow_commands.inert(traceback.format_exc())}\n{workflow_commands.error(BUG)}")
        return False
    finally:
        outside.job.empty(unused_file_variables(settings.pass_env))


def _run_tests(
    settings: Settings, live: CheckRunSender, redact: Redactor, outside: Dependencies, only: Sequence[str] | None
) -> ProcessResult:
    if outside.cancel.is_set():
        return ProcessResult(ended=ProcessExit(reason=ExitReason.CANCELLED), tests=None, redact=redact)
    try:
        tests = outside.workspace.start_tests(settings, only)
    except CheckError as error:
        return ProcessResult(
            ended=ProcessExit(reason=ExitReason.NOT_STARTED, output=str(error)), tests=None, redact=redact
        )
    ended = _followed(tests, live, settings, outside)
    outside.start_deadline()
    attended = ProcessResult(ended=_redacted(ended, redact), tests=tests, redact=redact)
    if outside.cancel.is_set():
        return attended
    return replace(attended, head=outside.workspace.head())  # `install`, too, may check out another commit


def _followed(tests: PytestRun, live: CheckRunSender, settings: Settings, outside: Dependencies) -> ProcessExit:
    """Follow the tests until they have ended and all they told is read, or until that is to be stopped."""
    began = outside.clock.monotonic()
    stopped: ExitReason | None = None
    while (ended := tests.wait(0 if tests.has_unread_lines else _POLL_SECONDS)) is None:
        live.feed(tests.lines())
        reason = _reason_to_stop(outside.clock.monotonic() - began, settings, outside)
        if reason is ExitReason.CANCELLED and stopped is not ExitReason.CANCELLED:
            stopped = reason
            tests.stop(seconds=_CANCEL_SECONDS)
        elif reason is ExitReason.TIMED_OUT and stopped is None:
            stopped = reason
            tests.dump_stacks()
            tests.stop(seconds=_TIMEOUT_SECONDS)
    tests.seal()
    live.feed(tests.lines())
    while tests.has_unread_lines:
        if reason := _reason_to_stop(outside.clock.monotonic() - began, settings, outside):
            live.feed([_UNREAD])
            stopped = stopped or reason
            break
        live.feed(tests.lines())
    return ended if stopped is None else replace(ended, reason=stopped)


def _reason_to_stop(elapsed_seconds: float, settings: Settings, outside: Dependencies) -> ExitReason | None:
    if outside.cancel.is_set():
        return ExitReason.CANCELLED
    minutes = settings.timeout_minutes
    return ExitReason.TIMED_OUT if minutes is not None and elapsed_seconds >= minutes * 60 else None


def _redacted(ended: ProcessExit, redact: Redactor) -> ProcessExit:
    captured = tuple(Section(title=each.title, text=redact(each.text)) for each in ended.captured)
    end = ended.pytest_end
    return replace(
        ended,
        output=redact(ended.output),
        captured=captured,
        stacks=redact(ended.stacks),
        pytest_end=None if end is None else replace(end, write_error=redact(end.write_error)),
    )


def _as_pytest_ended(session: Session, ended: ProcessExit) -> Session:
    """The session with the end of which pytest said in a message that not all could be written."""
    end = ended.pytest_end
    if (
        end is None
        or ended.reason is not ExitReason.EXITED
        or (session.exit_status is not None and not end.write_error)
    ):
        return session
    return replace(session, exit_status=end.exit_status, write_error=end.write_error or _LOST)


def _is_broken(session: Session) -> bool:
    return session.exit_status is None or session.lost_records > 0
