"""Start the tests' process, follow it until it ends, and return what it leaves."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ...core.model.errors import CheckError
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

Feed = Callable[[Iterable[bytes]], None]

_POLL_SECONDS = 0.1
# The runner kills the container 10 s after its first signal:
# https://github.com/actions/runner/blob/main/src/Runner.Sdk/ProcessInvoker.cs
_CANCEL_SECONDS = 5.0
_TIMEOUT_SECONDS = 10.0
_WRITES_LOST = "records that pytest wrote are missing"
#: A line in place of those left unread; counts as one lost record.
_UNREAD_MARKER = b"?"


@dataclass(frozen=True, kw_only=True)
class ProcessResult:
    """How the tests' process ended, redacted, and what it left; `tests` is None if it was not started.

    For `head` see `head_after_tests`.
    """

    process_exit: ProcessExit
    tests: PytestRun | None
    redact: Redactor
    head: tuple[str, tuple[str, ...]] | None = None

    def session(self, collector: ResultCollector) -> Session:
        """Return the session of the lines, completed from the report or pytest's last message if lines are missing."""
        session = self._identified(collector.session())
        if self.tests is not None and _is_incomplete(session):
            if self.report_defect(session):
                session = _with_pytest_end(session, self.process_exit)
            else:
                collector.add(self.tests.report().members())
                session = self._identified(collector.session())
        collector.end(session, self.process_exit)
        return session

    def _identified(self, session: Session) -> Session:
        """Return the session with its id, even if no line could be written."""
        pytest_end = self.process_exit.pytest_end
        return session if session.id or pytest_end is None else replace(session, id=pytest_end.session_id)

    def report_defect(self, session: Session) -> str:
        """Return what is wrong with the report, such as ``is missing``; empty if nothing is."""
        return "is missing" if self.tests is None else self.tests.report().defect(session.id)

    def report(self, session: Session, completion: Completion) -> Iterator[str]:
        """Yield the redacted text of the report to save: pytest's own, else one rebuilt from the lines.

        `completion` checks for cancellation meanwhile.
        """
        if self.tests is not None and not self.report_defect(session):
            members = completion.checking_cancel(self.tests.report().members())
        else:
            members = rebuild_report.rebuild(
                () if self.tests is None else completion.checking_cancel(self.tests.all_lines())
            )
        return saved_report.pieces(members, self.redact.redact_json)


def supervise(
    settings: Settings,
    feed: Feed,
    redact: Redactor,
    dependencies: Dependencies,
    only: Sequence[str] | None = None,
) -> ProcessResult:
    """Run the tests until they end; `only` tests with these titles, None for all. `feed` receives their lines.

    Does not start them if the job is already cancelled. Calls `end_tests` in any case.
    """
    try:
        result = _run_tests(settings, feed, redact, dependencies, only)
    finally:
        is_certain = end_tests(settings, dependencies)
    return replace(result, process_exit=replace(result.process_exit, processes_may_remain=not is_certain))


def end_tests(settings: Settings, dependencies: Dependencies) -> bool:
    """End the tests with all of their processes, then empty the files that they wrote for later steps.

    Returns whether certainly no process remains.
    """
    try:
        return dependencies.workspace.end_tests()
    except Exception:  # noqa: BLE001 - outputs must be written all the same
        dependencies.job.log(workflow_commands.bug(traceback.format_exc()))
        return False
    finally:
        dependencies.job.empty(unused_file_variables(settings.pass_env))


def _run_tests(
    settings: Settings, feed: Feed, redact: Redactor, dependencies: Dependencies, only: Sequence[str] | None
) -> ProcessResult:
    if dependencies.cancel.is_set():
        return ProcessResult(process_exit=ProcessExit(reason=ExitReason.CANCELLED), tests=None, redact=redact)
    try:
        tests = dependencies.workspace.start_tests(settings, only)
    except CheckError as error:
        process_exit = ProcessExit(reason=ExitReason.NOT_STARTED, output=str(error))
        return ProcessResult(process_exit=_redacted(process_exit, redact), tests=None, redact=redact)
    process_exit = _follow(tests, feed, settings, dependencies)
    dependencies.start_deadline()
    return ProcessResult(
        process_exit=_redacted(process_exit, redact), tests=tests, redact=redact, head=head_after_tests(dependencies)
    )


def head_after_tests(dependencies: Dependencies) -> tuple[str, tuple[str, ...]] | None:
    """Return HEAD's commit and its parents: `install` or a test may have checked out another commit.

    Both are empty if git reports no commit. None in a cancelled job, which does not wait for git.
    """
    head = dependencies.workspace.head()
    return None if not head[0] and dependencies.cancel.is_set() else head


def _follow(tests: PytestRun, feed: Feed, settings: Settings, dependencies: Dependencies) -> ProcessExit:
    """Follow the tests until they have ended and all lines are read, or until they must be stopped."""
    started_at = dependencies.clock.monotonic()
    stop_reason: ExitReason | None = None
    while (process_exit := tests.wait(0 if tests.has_unread_lines else _POLL_SECONDS)) is None:
        feed(tests.lines())
        reason = _reason_to_stop(dependencies.clock.monotonic() - started_at, settings, dependencies)
        if reason is ExitReason.CANCELLED and stop_reason is not ExitReason.CANCELLED:
            stop_reason = reason
            tests.stop(seconds=_CANCEL_SECONDS)
        elif reason is ExitReason.TIMED_OUT and stop_reason is None:
            stop_reason = reason
            tests.dump_stacks()
            tests.stop(seconds=_TIMEOUT_SECONDS)
    tests.seal()
    feed(tests.lines())
    while tests.has_unread_lines:
        if reason := _reason_to_stop(dependencies.clock.monotonic() - started_at, settings, dependencies):
            feed([_UNREAD_MARKER])
            stop_reason = stop_reason or reason
            break
        feed(tests.lines())
    return process_exit if stop_reason is None else replace(process_exit, reason=stop_reason)


def _reason_to_stop(elapsed_seconds: float, settings: Settings, dependencies: Dependencies) -> ExitReason | None:
    if dependencies.cancel.is_set():
        return ExitReason.CANCELLED
    minutes = settings.timeout_minutes
    return ExitReason.TIMED_OUT if minutes is not None and elapsed_seconds >= minutes * 60 else None


def _redacted(process_exit: ProcessExit, redact: Redactor) -> ProcessExit:
    captured = tuple(Section(title=section.title, text=redact(section.text)) for section in process_exit.captured)
    pytest_end = process_exit.pytest_end
    return replace(
        process_exit,
        output=redact(process_exit.output),
        captured=captured,
        stacks=redact(process_exit.stacks),
        pytest_end=None if pytest_end is None else replace(pytest_end, write_error=redact(pytest_end.write_error)),
    )


def _with_pytest_end(session: Session, process_exit: ProcessExit) -> Session:
    """Return the session with the end that pytest reported by message if it could not write everything."""
    pytest_end = process_exit.pytest_end
    if (
        pytest_end is None
        or process_exit.reason is not ExitReason.EXITED
        or (session.exit_status is not None and not pytest_end.write_error)
    ):
        return session
    return replace(session, exit_status=pytest_end.exit_status, write_error=pytest_end.write_error or _WRITES_LOST)


def _is_incomplete(session: Session) -> bool:
    return session.exit_status is None or session.lost_records > 0
