"""Reasons for a conclusion in how the tests' process ended, by the rules of `docs/rules.md`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import assert_never

from ..model.check_run import Conclusion
from ..model.job import ExitReason, ProcessExit
from ..model.session import ExitCode, Session
from ..model.settings import Settings
from ..model.verdict import Remark
from ..results.stack_dump import project_stacks, without_stacks
from ..text.amounts import pluralize
from ..text.escape import one_line
from ..text.truncate import truncate_characters, truncate_lines
from .reason import ConclusionReason
from .titles import progress
from .usage_error import usage_remarks

#: Messages of Python and pytest about a missing package, and the package.
_NOT_IMPORTED = {
    "No module named 'pytest'": "pytest",
    'Error importing plugin "pytest_jsonreport"': "pytest-json-report",
}

#: The longest reason in a title.
_REASON_CHARACTERS = 100
#: The most lines of output or of a list in a remark.
LINES_QUOTED = 40


def conclusion_reasons(session: Session, process_exit: ProcessExit, settings: Settings) -> Iterator[ConclusionReason]:
    """Yield the reasons in the process's exit; none if pytest finished and the tests alone decide."""
    match process_exit.reason:
        case ExitReason.EXITED:
            yield from _reasons_from_exit(session, process_exit, settings)
        case ExitReason.KILLED:
            yield _killed(session, process_exit)
        case ExitReason.CANCELLED:
            yield _interrupted(Conclusion.CANCELLED, "cancelled", "The job was cancelled", session, process_exit)
        case ExitReason.TIMED_OUT:
            yield _interrupted(Conclusion.TIMED_OUT, "timed out", _timeout_text(settings), session, process_exit)
        case ExitReason.INSTALL_FAILED:
            yield _install_failed(process_exit, settings)
        case ExitReason.NOT_STARTED:
            yield _action_required(
                "pytest did not start", "pytest could not start, so no tests ran.", process_exit.output
            )
        case _:
            assert_never(process_exit.reason)


def has_collection_errors(session: Session) -> bool:
    """Whether pytest could not collect some of the tests."""
    return any(collector.outcome.is_failure for collector in session.collectors)


def _reasons_from_exit(session: Session, process_exit: ProcessExit, settings: Settings) -> Iterator[ConclusionReason]:
    """Yield the reasons of a process that exited by itself, beyond the results of the tests."""
    if session.exit_status is None:
        yield _incomplete_session(session, process_exit)
        return
    status = process_exit.exit_status or session.exit_status
    has_counts = any(stage.is_counted for item in session.items for stage in item.stages)
    if session.internal_error or ExitCode.INTERNAL_ERROR in (status, session.exit_status):
        yield _internal_error(session, process_exit)
    elif status == ExitCode.USAGE_ERROR:
        yield _usage_error(process_exit)
    elif session.write_error and status != ExitCode.NO_TESTS_COLLECTED:
        yield _write_failure(session, status, process_exit)
    elif status in (ExitCode.OK, ExitCode.NO_TESTS_COLLECTED) and not has_counts and not session.stop_reason:
        yield _no_tests(session, settings)
    elif session.workers_reason and session.total < (session.collected or 0):
        yield _too_few_workers(session, session.collected or 0)
    elif _stopped_early(session, status):
        yield _early_stop(session)
    elif status != ExitCode.OK and not _has_failures(session):
        has_reports = status == ExitCode.NO_TESTS_COLLECTED and session.reports_without_tests
        yield _reports_without_tests(session, settings) if has_reports else _unexplained_status(status, process_exit)
    elif not has_collection_errors(session) and session.total < (session.collected or 0):
        text = f"{pluralize((session.collected or 0) - session.total, 'collected test')} did not start."
        yield ConclusionReason(conclusion=Conclusion.SUCCESS, remarks=(Remark(text=text),))


def _write_failure(session: Session, status: int, process_exit: ProcessExit) -> ConclusionReason:
    """Return the reason for a session that pytest finished, but could not record completely."""
    conclusion = Conclusion.FAILURE if status == ExitCode.TESTS_FAILED else Conclusion.ACTION_REQUIRED
    after = f" after {progress(session)}" if session.items else ""
    exit_text = "pytest passed" if status == ExitCode.OK else f"pytest exited with status {status}"
    remedy = "Free up disk space there or set `TMPDIR` to a folder on another disk, then run the tests again."
    return ConclusionReason(
        conclusion=conclusion,
        name=f"results could not be recorded{after}, {exit_text}",
        remarks=(
            Remark(text="Results could not be recorded:", quoted=session.write_error),
            Remark(text=f"All later results are missing here. {remedy}"),
            *_last_output(process_exit),
        ),
        tests_passed=status == ExitCode.OK,
    )


def _incomplete_session(session: Session, process_exit: ProcessExit) -> ConclusionReason:
    """Return the reason for a process that exited before its session ended; a report has no exit status."""
    if process_exit.exit_status is None:
        has_results = bool(session.items or session.collectors)
        text = "The report does not say how pytest ended. It is truncated, or pytest was stopped before it finished."
        conclusion = Conclusion.FAILURE if has_results else Conclusion.ACTION_REQUIRED
        return ConclusionReason(
            conclusion=conclusion, name="incomplete report", remarks=(Remark(text=text), *_running_tests(session))
        )
    if session.pytest_version or session.items or session.collectors:
        text = (
            f"The interpreter exited with status {process_exit.exit_status} before pytest finished "
            "(`os._exit`, or a plugin that calls it, such as pytest-timeout with its `thread` method)"
        )
        return _interrupted(
            Conclusion.FAILURE, "interpreter died", text, session, process_exit, *_last_output(process_exit)
        )
    if missing := _missing_package(process_exit):
        return missing
    if process_exit.exit_status == ExitCode.USAGE_ERROR:
        return _usage_error(process_exit)
    if process_exit.exit_status == ExitCode.INTERNAL_ERROR:
        return _internal_error(session, process_exit)
    text = (
        f"pytest exited with status {process_exit.exit_status} and reported no results, "
        "as it does with `--help` and `--version`."
    )
    return _action_required("no results", text, process_exit.output)


def _killed(session: Session, process_exit: ProcessExit) -> ConclusionReason:
    signal = process_exit.signal or "a signal"
    hint = " (often because memory ran out)" if process_exit.signal == "SIGKILL" else ""
    text = f"The interpreter was killed by {signal}{hint}"
    return _interrupted(
        Conclusion.FAILURE, f"killed by {signal}", text, session, process_exit, *_last_output(process_exit)
    )


def _internal_error(session: Session, process_exit: ProcessExit) -> ConclusionReason:
    text = "pytest or one of its plugins failed with an internal error. All later results are missing."
    reason = _action_required("internal error", text, session.internal_error or process_exit.output)
    return replace(reason, remarks=(*reason.remarks, *_running_tests(session)))


def _missing_package(process_exit: ProcessExit) -> ConclusionReason | None:
    """Return the reason if the tests' environment lacks a package that this action needs, else None."""
    last_line = process_exit.output.rstrip().rpartition("\n")[2]
    package = next((package for message, package in _NOT_IMPORTED.items() if message in last_line), "")
    text = (
        f"{package} cannot be imported in the tests' environment, so no tests ran. Add `pip install {package}` to the "
        "input `install`, or do not remove the package there. For a preview, you can also set the variable "
        "`CHECKS_PYTHON` to the path of a Python that has pytest."
    )
    return _action_required(f"{package} not installed", text, process_exit.output) if package else None


def _usage_error(process_exit: ProcessExit) -> ConclusionReason:
    remarks = tuple(usage_remarks(process_exit.output, LINES_QUOTED))
    return ConclusionReason(conclusion=Conclusion.ACTION_REQUIRED, name="usage error", remarks=remarks)


def _no_tests(session: Session, settings: Settings) -> ConclusionReason:
    text = "No tests were collected or selected. Check `pytest-args` and `working-directory`."
    if session.collected:
        text = f"{pluralize(session.collected, 'test')} collected, but none of them ran."
    elif session.deselected:
        text = f"{pluralize(session.deselected, 'collected test')} deselected (`-k`, `-m` or similar), none remaining."
    return ConclusionReason(
        conclusion=settings.no_tests or Conclusion.FAILURE,
        name="no tests ran",
        remarks=(Remark(text=text),),
        ranks_as=Conclusion.NEUTRAL,
    )


def _reports_without_tests(session: Session, settings: Settings) -> ConclusionReason:
    reports = pluralize(session.reports_without_tests, "report")
    text = f"No tests were collected or selected in {reports}. If that is right, set `no-tests: success`."
    return ConclusionReason(
        conclusion=settings.no_tests or Conclusion.FAILURE,
        name=f"{reports} without tests",
        remarks=(Remark(text=text),),
        ranks_as=Conclusion.NEUTRAL,
    )


def _stopped_early(session: Session, status: int) -> bool:
    """Whether pytest stopped before its last test; collection errors do not count."""
    if not session.stop_reason and status != ExitCode.INTERRUPTED:
        return False
    if has_collection_errors(session) and not session.items:
        return False
    finished = session.total - len(session.running_items)
    has_failed = bool(session.failed_items or session.quarantined_items)
    return not has_failed or session.collected is None or finished < session.collected


def _early_stop(session: Session) -> ConclusionReason:
    conclusion = Conclusion.FAILURE if session.failed_items else Conclusion.ACTION_REQUIRED
    remark = Remark(text="pytest stopped early:", quoted=session.stop_reason or "interrupted")
    when = f"after {progress(session)}" if session.items else "before the first test"
    return ConclusionReason(conclusion=conclusion, name=f"stopped {when}", remarks=(remark, *_running_tests(session)))


def _too_few_workers(session: Session, collected: int) -> ConclusionReason:
    """Return the reason for a session that xdist ended because workers had crashed."""
    conclusion = Conclusion.FAILURE if session.failed_items else Conclusion.ACTION_REQUIRED
    reason = truncate_characters(one_line(session.workers_reason), _REASON_CHARACTERS)
    name = f"{collected - session.total:,} of {pluralize(collected, 'test')} never ran ({reason})"
    remark = Remark(text="pytest-xdist ended before all tests had run:", quoted=session.workers_reason)
    return ConclusionReason(conclusion=conclusion, name=name, remarks=(remark, *_running_tests(session)))


def _has_failures(session: Session) -> bool:
    """Whether failures explain pytest's exit status."""
    failed_items = session.failed_items or session.quarantined_items
    return bool(failed_items or session.unreported_failures) or has_collection_errors(session)


def _unexplained_status(status: int, process_exit: ProcessExit) -> ConclusionReason:
    text = (
        f"pytest exited with status {status}, although no test failed. "
        "A plugin set this status, as pytest-cov does with `--cov-fail-under`."
    )
    name = f"pytest exited with status {status}"
    return ConclusionReason(
        conclusion=Conclusion.FAILURE, name=name, remarks=(Remark(text=text), *_last_output(process_exit))
    )


def _interrupted(
    conclusion: Conclusion, name: str, text: str, session: Session, process_exit: ProcessExit, *more_remarks: Remark
) -> ConclusionReason:
    """Return the reason for an interrupted session: what ended it and when, the running tests, and their stacks."""
    during = f" during {phase}" if (phase := _phase(session, process_exit)) else ""
    after = f" after {progress(session)}" if session.items else during
    remarks = (Remark(text=f"{text}{during}."), *_running_tests(session), *_crash_output(process_exit), *more_remarks)
    return ConclusionReason(conclusion=conclusion, name=f"{name}{after}", remarks=remarks)


def _timeout_text(settings: Settings) -> str:
    minutes = settings.timeout_minutes
    after = "" if minutes is None else f" after {minutes:g} minute{'' if minutes == 1 else 's'}"
    return f"Timed out{after} (`timeout-minutes`)"


def _phase(session: Session, process_exit: ProcessExit) -> str:
    if process_exit.phase != "tests":
        return process_exit.phase
    if session.exit_status is not None and not session.stop_reason:  # our signal sets a stop reason
        return "interpreter shutdown"
    return "tests" if session.collected else "collection"  # 0 if pytest was interrupted during collection


def _crash_output(process_exit: ProcessExit) -> Iterator[Remark]:
    """Yield the thread stacks and the captured output; Python prints the stacks of a crash itself."""
    if stacks := project_stacks(process_exit.stacks or process_exit.output):
        yield Remark(text="Thread stacks (most recent call first):", quoted=stacks)
    for section in process_exit.captured:
        yield Remark(text=f"{section.title}:", quoted=_last_lines(section.text))


def _install_failed(process_exit: ProcessExit, settings: Settings) -> ConclusionReason:
    if process_exit.phase == "python-version":
        text = f"Could not create an environment with CPython {settings.python_version}, so no tests ran."
        return _action_required("python-version failed", text, process_exit.output)
    return _action_required(
        "install failed", "The commands in the input `install` failed, so no tests ran.", process_exit.output
    )


def _action_required(name: str, text: str, output: str) -> ConclusionReason:
    remark = Remark(text=text, quoted=_last_lines(output))
    return ConclusionReason(conclusion=Conclusion.ACTION_REQUIRED, name=name, remarks=(remark,))


def _running_tests(session: Session) -> Iterator[Remark]:
    items = session.running_items
    if items:
        text = "This test was running:" if len(items) == 1 else f"These {len(items):,} tests were running:"
        lines = (f"{item.nodeid} (in {item.current_stage})" for item in items)
        yield Remark(text=text, quoted=truncate_lines(lines, LINES_QUOTED))


def _last_output(process_exit: ProcessExit) -> Iterator[Remark]:
    if output := without_stacks(process_exit.output):
        yield Remark(text="Last lines of output:", quoted=_last_lines(output))


def _last_lines(output: str) -> str:
    return "\n".join(output.rstrip().split("\n")[-LINES_QUOTED:])
