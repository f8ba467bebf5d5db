"""How the tests' process ended -> what of it the verdict must tell, by the rules of `docs/rules.md`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from ..model.check_run import Conclusion
from ..model.job import ExitReason, ProcessExit
from ..model.session import Session
from ..model.settings import Settings
from ..model.verdict import Remark
from ..results.stack_dump import project_stacks, without_stacks
from ..text.truncate import truncate_lines
from .titles import number, progress

# https://docs.pytest.org/en/stable/reference/exit-codes.html
_ALL_PASSED, _TESTS_FAILED, _INTERRUPTED, _INTERNAL_ERROR, _USAGE_ERROR, _NO_TESTS = range(6)

#: How Python and pytest say that they do not find what we need there.
_NOT_IMPORTED = {
    "No module named 'pytest'": "pytest",
    'Error importing plugin "pytest_jsonreport"': "pytest-json-report",
}

#: Of output and of lists in a remark.
LINES_QUOTED = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One thing that happened: what it alone would conclude, its name for the title, its remarks.

    `tests_passed`: the tests did, whatever the conclusion.
    """

    conclusion: Conclusion
    name: str = ""
    remarks: tuple[Remark, ...] = ()
    tests_passed: bool = False


def causes(session: Session, ended: ProcessExit, settings: Settings) -> Iterator[Cause]:
    """None where pytest came to its own end and the tests tell all."""
    match ended.reason:
        case ExitReason.EXITED:
            yield from _of_exit(session, ended, settings)
        case ExitReason.KILLED:
            yield _killed(session, ended)
        case ExitReason.CANCELLED:
            yield _broken_off(Conclusion.CANCELLED, "cancelled", "The job was cancelled", session, ended)
        case ExitReason.TIMED_OUT:
            minutes = "" if settings.timeout_minutes is None else f" ({settings.timeout_minutes:g})"
            text = f"The time of timeout-minutes{minutes} was over"
            yield _broken_off(Conclusion.TIMED_OUT, "timed out", text, session, ended)
        case ExitReason.INSTALL_FAILED:
            yield _not_installed(ended, settings)
        case ExitReason.NOT_STARTED:
            yield _not_done("pytest did not start", "pytest could not be started, so no test ran.", ended.output)
        case _:
            assert_never(ended.reason)


def has_collection_errors(session: Session) -> bool:
    """Whether there are tests that pytest could not even collect."""
    return any(collector.outcome.is_failure for collector in session.collectors)


def _of_exit(session: Session, ended: ProcessExit, settings: Settings) -> Iterator[Cause]:
    """What the process's own end says beyond the tests it told of."""
    if session.exit_status is None:
        yield _unfinished(session, ended)
        return
    status = ended.exit_status or session.exit_status
    has_counts = any(stage.is_counted for item in session.items for stage in item.stages)
    if session.internal_error or status == _INTERNAL_ERROR:
        yield _internal_error(session, ended)
    elif status == _USAGE_ERROR:
        yield _usage_error(ended)
    elif session.write_error and status != _NO_TESTS:
        yield _unrecorded(session, status, ended)
    elif status in (_ALL_PASSED, _NO_TESTS) and not has_counts and not session.stop_reason:
        yield _no_tests(session, settings)
    elif _stopped_early(session, status):
        yield _stopped(session)
    elif status != _ALL_PASSED and not session.failed_items and not has_collection_errors(session):
        yield _unexplained(status, ended)
    elif not has_collection_errors(session) and session.total < (session.collected or 0):
        text = f"Collected and not begun: {number((session.collected or 0) - session.total, 'test')}."
        yield Cause(conclusion=Conclusion.SUCCESS, remarks=(Remark(text=text),))


def _unrecorded(session: Session, status: int, ended: ProcessExit) -> Cause:
    """pytest came to its end, and what it wrote of the tests did not all reach us."""
    conclusion = Conclusion.FAILURE if status == _TESTS_FAILED else Conclusion.ACTION_REQUIRED
    after = f" after {progress(session)}" if session.items else ""
    said = "pytest passed" if status == _ALL_PASSED else f"pytest exited with {status}"
    remedy = "Make room there, or set TMPDIR to a folder on another disk, and run the tests again."
    return Cause(
        conclusion=conclusion,
        name=f"results could not be recorded{after}, {said}",
        remarks=(
            Remark(text="The results could not be recorded:", quoted=session.write_error),
            Remark(text=f"Those that came after it are missing here. {remedy}"),
            *_output(ended),
        ),
        tests_passed=status == _ALL_PASSED,
    )


def _unfinished(session: Session, ended: ProcessExit) -> Cause:
    """The process exited by itself, and pytest had no chance to tell its end; of a report, nobody knows how."""
    if ended.exit_status is None:
        has_results = bool(session.items or session.collectors)
        remark = Remark(text="The report does not tell pytest's end: it breaks off, or pytest was ended before.")
        conclusion = Conclusion.FAILURE if has_results else Conclusion.ACTION_REQUIRED
        return Cause(conclusion=conclusion, name="report without an end", remarks=(remark, *_running(session)))
    if session.pytest_version or session.items or session.collectors:
        text = (
            f"The interpreter exited with status {ended.exit_status} before pytest came to its end "
            "(os._exit, or a plugin that uses it, such as pytest-timeout with its thread method)"
        )
        return _broken_off(Conclusion.FAILURE, "interpreter died", text, session, ended, *_output(ended))
    if missing := _missing_package(ended):
        return missing
    if ended.exit_status == _USAGE_ERROR:
        return _usage_error(ended)
    if ended.exit_status == _INTERNAL_ERROR:
        return _internal_error(session, ended)
    text = f"pytest exited with status {ended.exit_status} and told no results, as with --help and --version."
    return _not_done("no results", text, ended.output)


def _killed(session: Session, ended: ProcessExit) -> Cause:
    by = ended.signal or "a signal"
    hint = ", as Linux does when memory runs out" if ended.signal == "SIGKILL" else ""
    text = f"The interpreter was killed by {by}{hint}"
    return _broken_off(Conclusion.FAILURE, f"killed by {by}", text, session, ended, *_output(ended))


def _internal_error(session: Session, ended: ProcessExit) -> Cause:
    text = "pytest, or a plugin of it, failed with an internal error; results after it are missing."
    return _not_done("internal error", text, session.internal_error or ended.output)


def _missing_package(ended: ProcessExit) -> Cause | None:
    """Where the tests' environment lacks what we bring into it."""
    last = ended.output.rstrip().rpartition("\n")[2]
    package = next((package for words, package in _NOT_IMPORTED.items() if words in last), "")
    text = (
        f"{package} cannot be imported in the tests' environment, so no test ran: let `install` put it there "
        f"(`pip install {package}`), or leave there what was there before."
    )
    return _not_done(f"no {package}", text, ended.output) if package else None


def _usage_error(ended: ProcessExit) -> Cause:
    text = (
        "pytest could not begin: a wrong option in pytest-args or in the configuration, "
        "a path that does not exist, or a conftest.py that cannot be imported."
    )
    return _not_done("usage error", text, ended.output)


def _no_tests(session: Session, settings: Settings) -> Cause:
    text = "Nothing was collected or selected; pytest-args and working-directory say where the tests are looked for."
    if session.collected:
        text = f"{number(session.collected, 'test')} collected, none of them run."
    elif session.deselected:
        text = f"{number(session.deselected, 'collected test')} deselected, by -k, -m or the like, and none was left."
    return Cause(conclusion=settings.no_tests, name="no tests ran", remarks=(Remark(text=text),))


def _stopped_early(session: Session, status: int) -> bool:
    """Whether pytest was told to stop; not, when it stopped for collection errors or after its last failed test."""
    if not session.stop_reason and status != _INTERRUPTED:
        return False
    if has_collection_errors(session) and not session.items:
        return False
    finished = session.total - len(session.running_items)
    return not session.failed_items or session.collected is None or finished < session.collected


def _stopped(session: Session) -> Cause:
    conclusion = Conclusion.FAILURE if session.failed_items else Conclusion.ACTION_REQUIRED
    remark = Remark(text="pytest stopped early:", quoted=session.stop_reason or "interrupted")
    done = f"after {progress(session)}" if session.items else "before the first test"
    return Cause(conclusion=conclusion, name=f"stopped {done}", remarks=(remark, *_running(session)))


def _unexplained(status: int, ended: ProcessExit) -> Cause:
    text = (
        f"pytest exited with status {status}, although no test failed: a plugin asked for that, "
        "as pytest-cov does with --cov-fail-under."
    )
    name = f"pytest exited with {status}"
    return Cause(conclusion=Conclusion.FAILURE, name=name, remarks=(Remark(text=text), *_output(ended)))


def _broken_off(
    conclusion: Conclusion, name: str, text: str, session: Session, ended: ProcessExit, *others: Remark
) -> Cause:
    """A session that was ended in its midst: what ended it, when, what was running, and where it stood."""
    during = f" during {phase}" if (phase := _phase(session, ended)) else ""
    after = f" after {progress(session)}" if session.items else during
    remarks = (Remark(text=f"{text}{during}."), *_running(session), *_last_words(ended), *others)
    return Cause(conclusion=conclusion, name=f"{name}{after}", remarks=remarks)


def _phase(session: Session, ended: ProcessExit) -> str:
    if ended.phase != "tests":
        return ended.phase
    if session.exit_status is not None and not session.stop_reason:  # as it would be by our signal
        return "the interpreter's exit"
    return "tests" if session.collected else "collection"  # pytest tells 0 where it was interrupted


def _last_words(ended: ProcessExit) -> Iterator[Remark]:
    """Where threads stood was asked for when the time was over; of a crash Python itself tells it."""
    if stacks := project_stacks(ended.stacks or ended.output):
        yield Remark(text="Where its threads stood, the most recent call first:", quoted=stacks)
    for section in ended.captured:
        yield Remark(text=f"{section.title}:", quoted=_last_lines(section.text))


def _not_installed(ended: ProcessExit, settings: Settings) -> Cause:
    if ended.phase == "python-version":
        text = f"An environment with CPython {settings.python_version} could not be made, so no test ran."
        return _not_done("python-version failed", text, ended.output)
    return _not_done("install failed", "The commands of the input install failed, so no test ran.", ended.output)


def _not_done(name: str, text: str, output: str) -> Cause:
    remark = Remark(text=text, quoted=_last_lines(output))
    return Cause(conclusion=Conclusion.ACTION_REQUIRED, name=name, remarks=(remark,))


def _running(session: Session) -> Iterator[Remark]:
    items = session.running_items
    if items:
        text = "This test was running:" if len(items) == 1 else f"These {len(items):,} tests were running:"
        lines = (f"{item.nodeid} (in its {item.current_stage})" for item in items)
        yield Remark(text=text, quoted=truncate_lines(lines, LINES_QUOTED))


def _output(ended: ProcessExit) -> Iterator[Remark]:
    if output := without_stacks(ended.output):
        yield Remark(text="The last lines of its output:", quoted=_last_lines(output))


def _last_lines(output: str) -> str:
    return "\n".join(output.rstrip().split("\n")[-LINES_QUOTED:])
