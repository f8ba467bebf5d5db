from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.inputs.names import for_shell
from checks.core.model import job
from checks.core.model.check_run import Conclusion
from checks.core.model.errors import ExitStatus
from checks.core.model.item import Item, Outcome, Section, StageName
from checks.core.model.job import ExitReason, ProcessExit, PytestEnd
from checks.core.model.session import CarriedOverCounts, Session
from checks.core.model.settings import Settings
from checks.core.model.verdict import Verdict
from checks.core.results.stream import merge_sessions
from checks.core.verdict.conclusion import (
    cancelled_during_upload,
    conclude,
    exit_status,
    verdict_despite_bug,
    verdict_from_exit,
)
from tests.support.any_session import PROCESS_EXITS, SESSIONS
from tests.support.rules import rule
from tests.support.sessions import collector, error, failed, flaky, item, running_item, session, skipped, stage

SUCCESS, FAILURE, NEUTRAL = Conclusion.SUCCESS, Conclusion.FAILURE, Conclusion.NEUTRAL
ACTION_REQUIRED, CANCELLED, TIMED_OUT = Conclusion.ACTION_REQUIRED, Conclusion.CANCELLED, Conclusion.TIMED_OUT
FAILED_ITEM = item("tests/test_a.py::test_bad", call=failed())


def verdict_on(
    results: Session,
    process_exit: ProcessExit | None = None,
    tested: job.Checkout = job.Checkout.HEAD,
    **inputs: object,
) -> Verdict:
    """Return the verdict on a session; by default its process exited with the session's status."""
    exited = ProcessExit(reason=ExitReason.EXITED, exit_status=results.exit_status)
    settings = replace(Settings(), **inputs)  # type: ignore[arg-type]  # the names are those of `Settings`
    return conclude(results, process_exit or exited, settings, tested)


def remarks_text(result: Verdict) -> str:
    """Return all remarks as one text."""
    return "\n".join(map(str, result.remarks))


@rule("Conclusions: all tests passed")
def test_all_tests_passed_concludes_success() -> None:
    assert verdict_on(session(item(), item(), seconds=72)) == Verdict(
        conclusion=SUCCESS, title="2 passed in 1 m 12 s", remarks=(), is_complete=True
    )


@rule("Conclusions: some tests were skipped, failed as expected, or passed unexpectedly (not strict)")
@pytest.mark.parametrize("outcome", [Outcome.SKIPPED, Outcome.XFAILED, Outcome.XPASSED])
def test_skipped_xfailed_and_xpassed_conclude_success(outcome: Outcome) -> None:
    result = verdict_on(session(item(), item(call=stage(outcome))))
    assert result.conclusion is SUCCESS
    assert result.title == f"1 passed, 1 {outcome} in 1.00 s"


@rule("Conclusions: a test, a subtest or a fixture failed, or an xdist worker crashed")
@pytest.mark.parametrize(
    ("failed_item", "title"),
    [
        pytest.param(item(call=failed()), "1 failed in 1.00 s", id="call"),
        pytest.param(item(setup=error()), "1 error in 1.00 s", id="setup"),
        pytest.param(item(teardown=error()), "1 error, 1 passed in 1.00 s", id="teardown"),
        pytest.param(item(call=failed(), teardown=error()), "1 failed, 1 error in 1.00 s", id="call and teardown"),
        pytest.param(
            item(earlier_attempts=[replace(failed(), subtest="i=1")]),
            "1 failed, 1 passed in 1.00 s",
            id="subtest alone",
        ),
        pytest.param(
            replace(item(), stages=(replace(failed(), name=StageName.CRASHED),)),
            "1 failed in 1.00 s",
            id="xdist worker",
        ),
    ],
)
@pytest.mark.parametrize("status", [1, 0], ids=["exit 1", "exit 0 by a plugin's wish"])
def test_failed_test_concludes_failure_whatever_the_exit_status(failed_item: Item, title: str, status: int) -> None:
    result = verdict_on(session(failed_item, exit_status=status))
    assert (result.conclusion, result.title) == (FAILURE, title)


@rule("Conclusions: all titles")
def test_title_counts_like_pytest_with_failures_first() -> None:
    items = [FAILED_ITEM] * 3 + [item(setup=error())] + [item()] * 940 + [item(call=skipped())] * 4
    result = verdict_on(session(*items, exit_status=1, seconds=72.3))
    assert result.title == "3 failed, 1 error, 940 passed, 4 skipped in 1 m 12 s"


@rule("Conclusions: something could not be collected")
@pytest.mark.parametrize("status", [2, 1], ids=["pytest", "pytest-xdist"])
def test_collection_error_requires_action(status: int) -> None:
    result = verdict_on(session(collectors=[collector()], exit_status=status))
    assert (result.conclusion, result.title) == (ACTION_REQUIRED, "collection failed · 1 error in 1.00 s")
    assert result.remarks[0].text.startswith("No test ran, because some could not be collected. ")


@rule("Conclusions: a collection error, and a test failed")
def test_collection_error_with_failed_test_concludes_failure() -> None:
    result = verdict_on(session(FAILED_ITEM, collectors=[collector()], exit_status=1))
    assert (result.conclusion, result.title) == (FAILURE, "collection failed · 1 failed, 1 error in 1.00 s")
    assert result.remarks[0].text.startswith("Tests that could not be collected did not run. ")


@rule("Conclusions: an invalid option or path, or a conftest.py that cannot be imported (exit status 4)")
@pytest.mark.parametrize("session_status", [4, None], ids=["exit status known", "exit status unknown"])
def test_usage_error_requires_action_and_shows_output(session_status: int | None) -> None:
    process_exit = ProcessExit(reason=ExitReason.EXITED, exit_status=4, output="ERROR: unrecognized arguments: --wrong")
    result = verdict_on(Session(exit_status=session_status), process_exit)
    assert (result.conclusion, result.title) == (ACTION_REQUIRED, "usage error")
    assert "unrecognized arguments: --wrong" in remarks_text(result)


@rule("Conclusions: an INTERNALERROR (exit status 3)")
def test_internal_error_requires_action_and_is_shown() -> None:
    results = replace(session(item(), exit_status=3), internal_error="INTERNALERROR> KeyError: 'x'")
    result = verdict_on(results)
    assert (result.conclusion, result.title) == (ACTION_REQUIRED, "internal error · 1 passed in 1.00 s")
    assert "KeyError: 'x'" in remarks_text(result)


@rule("Conclusions: pytest itself or a plugin's pytest_sessionfinish ended with a traceback")
def test_death_of_pytest_after_a_failure_is_an_internal_error() -> None:
    results = session(FAILED_ITEM, running_item("tests/test_a.py::test_len"), exit_status=3)
    process_exit = ProcessExit(reason=ExitReason.EXITED, exit_status=1, output="TypeError: from getrepr")
    result = verdict_on(results, process_exit)
    assert (result.conclusion, result.title) == (FAILURE, "internal error · 1 failed in 1.00 s")
    assert "TypeError: from getrepr" in remarks_text(result)
    assert "tests/test_a.py::test_len" in remarks_text(result)


def test_internal_error_before_the_session_starts_is_shown() -> None:
    process_exit = ProcessExit(reason=ExitReason.EXITED, exit_status=3, output="INTERNALERROR> in pytest_configure")
    result = verdict_on(Session(), process_exit)
    assert (result.conclusion, result.title) == (ACTION_REQUIRED, "internal error")
    assert "in pytest_configure" in remarks_text(result)


@rule("Conclusions: install or python-version failed, or pytest cannot be started")
@pytest.mark.parametrize(
    ("reason", "phase", "title"),
    [
        (ExitReason.INSTALL_FAILED, "install", "install failed"),
        (ExitReason.INSTALL_FAILED, "python-version", "python-version failed"),
        (ExitReason.NOT_STARTED, "tests", "pytest did not start"),
    ],
)
def test_start_failure_requires_action_and_shows_output(reason: ExitReason, phase: str, title: str) -> None:
    result = verdict_on(
        Session(), ProcessExit(reason=reason, phase=phase, output="ERROR: No matching distribution found for x")
    )
    assert (result.conclusion, result.title) == (ACTION_REQUIRED, title)
    assert "No matching distribution" in remarks_text(result)


@rule("Conclusions: the process ended, and pytest reported nothing")
@pytest.mark.parametrize("status", [0, 1])
def test_no_results_require_action(status: int) -> None:
    process_exit = ProcessExit(reason=ExitReason.EXITED, exit_status=status, output="usage: pytest [options]")
    result = verdict_on(Session(), process_exit)
    assert (result.conclusion, result.title) == (ACTION_REQUIRED, "no results")
    assert "usage: pytest" in remarks_text(result)


@rule("Conclusions: pytest finished, but not all results could be written, and the report is missing (a full disk)")
@pytest.mark.parametrize(
    ("status", "conclusion", "end", "step"),
    [
        (0, ACTION_REQUIRED, "pytest passed", ExitStatus.PASSED),
        (1, FAILURE, "pytest exited with status 1", ExitStatus.FAILED),
        (2, ACTION_REQUIRED, "pytest exited with status 2", ExitStatus.FAILED),
        (-1, ACTION_REQUIRED, "pytest exited with status -1", ExitStatus.FAILED),
    ],
)
def test_unrecorded_results_conclude_by_exit_status(
    status: int, conclusion: Conclusion, end: str, step: ExitStatus
) -> None:
    results = replace(session(item(), collected=9), exit_status=status, write_error="No space left on device (/tmp)")
    result = verdict_on(results)
    assert result.conclusion is conclusion
    assert result.title == f"results could not be recorded after 1 of 9, {end} · 1 passed in 1.00 s"
    assert "Results could not be recorded:\nNo space left on device (/tmp)" in remarks_text(result)
    assert "TMPDIR" in remarks_text(result)
    assert not result.is_complete
    assert exit_status(result, Settings(), is_reported=True) is step
    assert verdict_on(replace(results, items=())).title == f"results could not be recorded, {end}"


def test_unrecorded_results_do_not_hide_other_failures() -> None:
    results = replace(session(item(), FAILED_ITEM), exit_status=0, write_error="No space left on device (/tmp)")
    assert exit_status(verdict_on(results), Settings(), is_reported=True) is ExitStatus.FAILED
    passed = replace(results, items=(item(),))
    other = verdict_on(passed, tested=job.Checkout.OTHER)
    assert (other.conclusion, exit_status(other, Settings(), is_reported=True)) == (ACTION_REQUIRED, ExitStatus.FAILED)


CONFTEST = "ImportError while loading conftest '/repo/tests/conftest.py'.\ntests/conftest.py:1: in <module>\n"
PATH = "ERROR: file or directory not found: nowhere"
ARGPARSE = "ERROR: usage: pytest [options] [...]\npytest: error: unrecognized arguments: --nope\n  rootdir: /repo"


@pytest.mark.parametrize(
    ("output", "quoted"),
    [
        (f"{PATH}\n\n", [PATH]),
        (f"a warning\n{PATH}\n", [PATH, f"a warning\n{PATH}"]),
        (f"{ARGPARSE}\n", ["pytest: error: unrecognized arguments: --nope", ARGPARSE]),
        (f"a warning\n{CONFTEST}E   NameError: name 'a'\n", [f"{CONFTEST}E   NameError: name 'a'"]),
        ("", [""]),
        ("usage\n", ["", "usage"]),
    ],
    ids=["path", "path below", "option", "conftest", "nothing", "other"],
)
def test_usage_error_shows_pytests_own_words_once_and_first(output: str, quoted: list[str]) -> None:
    process_exit = ProcessExit(reason=ExitReason.EXITED, exit_status=4, output=output)
    assert [remark.quoted for remark in verdict_on(Session(), process_exit).remarks] == quoted


def test_conftest_that_cannot_be_imported_is_named_first() -> None:
    calls = "a.py:1: in a\n" * 100
    output = f"{CONFTEST}{calls}E   ModuleNotFoundError: No module named 'a.b'"
    process_exit = ProcessExit(reason=ExitReason.EXITED, exit_status=4, output=output)
    error, hint = verdict_on(Session(), process_exit).remarks
    assert error.text.startswith("A `conftest.py` could not be imported")
    assert error.quoted.startswith(CONFTEST)
    assert error.quoted.endswith("E   ModuleNotFoundError: No module named 'a.b'")
    assert len(error.quoted.splitlines()) == 40
    assert "If `a.b` is a module of the repository" in hint.text
    assert "`pythonpath`" in hint.text


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("--workers 2", ["workers"]),
        ("--workers=2 --nope --redact x", ["workers", "redact"]),
        ("--worker 2", []),
        ("workers", []),
    ],
)
def test_input_among_arguments_of_pytest_is_named(arguments: str, named: list[str]) -> None:
    output = f"pytest: error: unrecognized arguments: {arguments}"
    process_exit = ProcessExit(reason=ExitReason.EXITED, exit_status=4, output=output)
    _, *hints = verdict_on(Session(), process_exit).remarks
    assert sorted(hint.text.split("`")[1] for hint in hints) == sorted(named)
    assert all("before the arguments for pytest" in hint.text for hint in hints)


@pytest.mark.parametrize(("status", "title"), [(3, "internal error"), (4, "usage error"), (5, "no tests ran")])
def test_known_exit_status_names_the_title_without_results(status: int, title: str) -> None:
    results = replace(Session(), exit_status=status, write_error="No space left on device (/tmp)")
    assert verdict_on(results).title == title


@rule("The tests' side: pytest or pytest-json-report cannot be imported")
@pytest.mark.parametrize(
    ("package", "status", "output"),
    [
        ("pytest", 1, "Traceback (most recent call last):\nModuleNotFoundError: No module named 'pytest'"),
        ("pytest-json-report", 4, "ERROR: Error importing plugin \"pytest_jsonreport\": No module named 'x'\n"),
    ],
)
def test_missing_package_is_named(package: str, status: int, output: str) -> None:
    result = verdict_on(Session(), ProcessExit(reason=ExitReason.EXITED, exit_status=status, output=output))
    assert (result.conclusion, result.title) == (ACTION_REQUIRED, f"{package} not installed")
    assert f"pip install {package}" in remarks_text(result)
    assert "For a preview, you can also set the variable `CHECKS_PYTHON`" in for_shell(remarks_text(result))


@rule("Conclusions: stopped early (-x, --maxfail, pytest.exit, KeyboardInterrupt), and nothing failed")
@pytest.mark.parametrize(
    ("results", "title"),
    [
        pytest.param(
            session(item(), running_item(), exit_status=2, collected=948, stopped="interrupted"),
            "stopped after 1 of 948 · 1 passed in 1.00 s",
            id="KeyboardInterrupt",
        ),
        pytest.param(
            session(item(), exit_status=0, collected=2, stopped="pytest.exit: enough"),
            "stopped after 1 of 2 · 1 passed in 1.00 s",
            id="pytest.exit with status 0",
        ),
        pytest.param(
            session(item(), exit_status=2, collected=2),
            "stopped after 1 of 2 · 1 passed in 1.00 s",
            id="no reason given",
        ),
        pytest.param(
            replace(session(exit_status=2, stopped="pytest.exit: no"), collected=None),
            "stopped before the first test",
            id="before the first test",
        ),
    ],
)
def test_early_stop_requires_action(results: Session, title: str) -> None:
    result = verdict_on(results)
    assert (result.conclusion, result.title) == (ACTION_REQUIRED, title)
    assert (results.stop_reason or "interrupted") in remarks_text(result)


@rule("Conclusions: stopped early, and a test failed")
def test_early_stop_with_failed_test_concludes_failure() -> None:
    result = verdict_on(session(item(), FAILED_ITEM, exit_status=1, collected=948, stopped="stopping after 1 failures"))
    assert (result.conclusion, result.title) == (FAILURE, "stopped after 2 of 948 · 1 failed, 1 passed in 1.00 s")


@rule("Conclusions: the failure that stops pytest is in the last test")
def test_stop_after_the_last_test_is_not_an_early_stop() -> None:
    result = verdict_on(session(item(), FAILED_ITEM, exit_status=1, stopped="stopping after 1 failures"))
    assert result.title == "1 failed, 1 passed in 1.00 s"


@rule("Quarantine: a quarantined test fails")
def test_stop_after_a_quarantined_last_test_is_not_an_early_stop() -> None:
    ended = replace(item("a.py::b", call=stage(Outcome.QUARANTINED)), is_quarantined=True)
    result = verdict_on(session(item(), ended, exit_status=1, stopped="stopping after 1 failures"))
    assert (result.conclusion, result.title) == (SUCCESS, "1 passed, 1 quarantined in 1.00 s")
    result = verdict_on(session(ended, collected=2, exit_status=1, stopped="stopping after 1 failures"))
    assert (result.conclusion, result.title) == (ACTION_REQUIRED, "stopped after 1 of 2 · 1 quarantined in 1.00 s")


@rule("Conclusions: nothing was collected or selected (exit status")
@pytest.mark.parametrize(
    ("no_tests", "conclusion"), [(None, FAILURE), (NEUTRAL, NEUTRAL), (SUCCESS, SUCCESS), (FAILURE, FAILURE)]
)
@pytest.mark.parametrize("status", [5, 0], ids=["exit 5", "--collect-only, or a plugin that makes it 0"])
def test_no_tests_conclude_as_the_input_says(status: int, no_tests: Conclusion | None, conclusion: Conclusion) -> None:
    result = verdict_on(session(exit_status=status), no_tests=no_tests)
    assert (result.conclusion, result.title) == (conclusion, "no tests ran")


SKIPPED_MODULE = replace(collector("tests/test_windows.py", "only on Windows"), outcome=Outcome.SKIPPED)
RERUN_AND_SKIPPED = item(call=skipped(), earlier_attempts=[stage(Outcome.RERUN, "too slow")])
SKIPPED_SUBTEST = item(earlier_attempts=[replace(skipped(), subtest="i=1")])


@rule("Conclusions: every test was skipped")
@pytest.mark.parametrize(
    ("no_tests", "conclusion"), [(None, NEUTRAL), (NEUTRAL, NEUTRAL), (SUCCESS, NEUTRAL), (FAILURE, FAILURE)]
)
@pytest.mark.parametrize(
    ("results", "title"),
    [
        pytest.param(session(item(call=skipped()), item(setup=skipped())), "2 skipped in 1.00 s", id="tests"),
        pytest.param(session(item(setup=skipped()), collectors=[SKIPPED_MODULE]), "2 skipped in 1.00 s", id="module"),
        pytest.param(session(RERUN_AND_SKIPPED), "1 skipped, 1 rerun in 1.00 s", id="after an attempt"),
    ],
)
def test_skipped_tests_alone_never_succeed(
    results: Session, title: str, no_tests: Conclusion | None, conclusion: Conclusion
) -> None:
    result = verdict_on(results, no_tests=no_tests)
    assert (result.conclusion, result.title) == (conclusion, title)
    assert "Every test was skipped." in remarks_text(result)


@pytest.mark.parametrize(
    "results",
    [
        pytest.param(session(item(), item(call=skipped())), id="a passed test"),
        pytest.param(session(item(), collectors=[SKIPPED_MODULE]), id="a passed test beside a skipped module"),
        pytest.param(session(SKIPPED_SUBTEST), id="a passed test with a skipped subtest"),
        pytest.param(session(item(call=skipped()), item(call=stage(Outcome.XFAILED))), id="an xfailed test"),
        pytest.param(
            replace(session(item(call=skipped())), carried_over=CarriedOverCounts(passed=1)), id="a carried-over test"
        ),
    ],
)
def test_skipped_tests_beside_others_succeed(results: Session) -> None:
    assert verdict_on(results, no_tests=FAILURE).conclusion is SUCCESS


@rule("Conclusions: every module was skipped while it was collected (exit status 5)")
@pytest.mark.parametrize(("no_tests", "conclusion"), [(None, FAILURE), (NEUTRAL, NEUTRAL), (SUCCESS, SUCCESS)])
def test_skipped_modules_alone_count_as_no_tests(no_tests: Conclusion | None, conclusion: Conclusion) -> None:
    result = verdict_on(session(collectors=[SKIPPED_MODULE], exit_status=5), no_tests=no_tests)
    assert (result.conclusion, result.title) == (conclusion, "no tests ran · 1 skipped in 1.00 s")


@rule("Conclusions: one of several published reports has no tests (exit status 5)")
@pytest.mark.parametrize(
    ("statuses", "no_tests", "conclusion", "title"),
    [
        ((0, 5), None, FAILURE, "1 report without tests · 1 passed"),
        ((5, 0), NEUTRAL, NEUTRAL, "1 report without tests · 1 passed"),
        ((5, 0), SUCCESS, SUCCESS, "1 report without tests · 1 passed"),
        ((5, 0, 5), None, FAILURE, "2 reports without tests · 1 passed"),
        ((5,), SUCCESS, FAILURE, "pytest exited with status 5 · 1 passed"),
        ((7, 5), SUCCESS, FAILURE, "pytest exited with status 7 · 1 passed"),
    ],
)
def test_report_without_tests_concludes_as_the_input_says(
    statuses: tuple[int, ...], no_tests: Conclusion | None, conclusion: Conclusion, title: str
) -> None:
    merged = merge_sessions([session(exit_status=status, seconds=0) for status in statuses])
    result = verdict_on(replace(merged, items=(item(),)), no_tests=no_tests)
    assert (result.conclusion, result.title) == (conclusion, title)


@pytest.mark.parametrize("no_tests", [None, NEUTRAL, SUCCESS, FAILURE])
def test_no_tests_rank_below_what_requires_action(no_tests: Conclusion | None) -> None:
    results = replace(session(exit_status=5), not_collected=("test_a.py::test_gone",))
    result = verdict_on(results, no_tests=no_tests)
    assert (result.conclusion, result.title) == (ACTION_REQUIRED, "1 failed test not collected · no tests ran")


@rule("Conclusions: tests were set up, but none was called (--setup-only)")
def test_tests_that_are_only_set_up_count_as_no_tests() -> None:
    only_setup = item()
    only_setup = replace(only_setup, stages=(only_setup.stages[0], only_setup.stages[-1]))
    assert verdict_on(session(only_setup)).title == "no tests ran"


@rule("Conclusions: all tests were deselected")
def test_deselected_tests_are_given_as_reason_for_no_tests() -> None:
    result = verdict_on(replace(session(exit_status=5), deselected=12))
    assert "12 collected tests deselected" in remarks_text(result)


@rule("Conclusions: the job was cancelled")
@pytest.mark.parametrize(
    ("phase", "collected", "during"),
    [("install", None, "install"), ("tests", None, "collection"), ("tests", 3, "tests")],
)
def test_cancelled_job_concludes_cancelled(phase: str, collected: int | None, during: str) -> None:
    result = verdict_on(Session(collected=collected), ProcessExit(reason=ExitReason.CANCELLED, phase=phase))
    assert (result.conclusion, result.title) == (CANCELLED, f"cancelled during {during}")


@rule("Conclusions: the time limit timeout-minutes was reached")
def test_timeout_names_the_running_test() -> None:
    results = session(item(), running_item("tests/test_a.py::test_hangs"), exit_status=None, collected=948, seconds=0)
    result = verdict_on(results, ProcessExit(reason=ExitReason.TIMED_OUT, phase="tests"), timeout_minutes=1.5)
    assert (result.conclusion, result.title) == (TIMED_OUT, "timed out after 1 of 948 · 1 passed")
    assert "Timed out after 1.5 minutes (`timeout-minutes`)" in remarks_text(result)
    assert "tests/test_a.py::test_hangs (in call)" in remarks_text(result)


@rule("Conclusions: the interpreter died: a signal, or os._exit with any status")
@pytest.mark.parametrize(
    ("process_exit", "title"),
    [
        pytest.param(
            ProcessExit(reason=ExitReason.KILLED, signal="SIGSEGV"),
            "killed by SIGSEGV after 1 of 9 · 1 passed",
            id="SIGSEGV",
        ),
        pytest.param(
            ProcessExit(reason=ExitReason.KILLED, signal="SIGKILL"),
            "killed by SIGKILL after 1 of 9 · 1 passed",
            id="SIGKILL",
        ),
        pytest.param(
            ProcessExit(reason=ExitReason.EXITED, exit_status=0),
            "interpreter died after 1 of 9 · 1 passed",
            id="os._exit(0)",
        ),
        pytest.param(
            ProcessExit(reason=ExitReason.EXITED, exit_status=1),
            "interpreter died after 1 of 9 · 1 passed",
            id="os._exit(1)",
        ),
        pytest.param(
            ProcessExit(reason=ExitReason.EXITED, exit_status=4),
            "interpreter died after 1 of 9 · 1 passed",
            id="os._exit(4)",
        ),
    ],
)
def test_interpreter_death_fails_and_names_the_running_test(process_exit: ProcessExit, title: str) -> None:
    results = session(item(), running_item("tests/test_a.py::test_crashes"), exit_status=None, collected=9, seconds=0)
    result = verdict_on(results, replace(process_exit, output="Fatal Python error: Segmentation fault"))
    assert (result.conclusion, result.title) == (FAILURE, title)
    assert "tests/test_a.py::test_crashes (in call)" in remarks_text(result)
    assert "Fatal Python error" in remarks_text(result)


STACKS = 'Current thread 0x1 (most recent call first):\n  File "/repo/a.py", line 3 in wait'


@pytest.mark.parametrize(
    "process_exit",
    [
        ProcessExit(reason=ExitReason.TIMED_OUT, stacks=STACKS),
        ProcessExit(reason=ExitReason.KILLED, signal="SIGSEGV", output=STACKS),
    ],
)
def test_interrupted_session_shows_stacks_and_captured_output(process_exit: ProcessExit) -> None:
    captured = (Section(title="Captured stdout before exit", text="printed before"),)
    result = verdict_on(
        session(running_item(), exit_status=None), replace(process_exit, captured=captured, phase="tests")
    )
    assert 'File "/repo/a.py", line 3 in wait' in remarks_text(result)
    assert "printed before" in remarks_text(result)


def test_timeout_after_pytests_end_names_the_interpreters_exit() -> None:
    result = verdict_on(session(item()), ProcessExit(reason=ExitReason.TIMED_OUT, phase="tests"))
    assert "during interpreter shutdown" in remarks_text(result)


@rule("Conclusions: the interpreter died during collection")
def test_interpreter_death_during_collection_fails() -> None:
    result = verdict_on(
        Session(pytest_version="9.2.0"), ProcessExit(reason=ExitReason.EXITED, exit_status=7, phase="collection")
    )
    assert (result.conclusion, result.title) == (FAILURE, "interpreter died during collection")


@rule("Conclusions: the process was killed after the last test")
def test_kill_after_the_last_test_concludes_failure() -> None:
    result = verdict_on(session(item()), ProcessExit(reason=ExitReason.KILLED, signal="SIGABRT"))
    assert result.conclusion is FAILURE


@rule("Conclusions: pytest exited with a status that its tests do not explain (--cov-fail-under)")
@pytest.mark.parametrize("status", [1, 7])
@pytest.mark.parametrize("session_status", [0, None], ids=["after the session", "by the session"])
def test_unexplained_exit_status_concludes_failure(status: int, session_status: int | None) -> None:
    process_exit = ProcessExit(
        reason=ExitReason.EXITED, exit_status=status, output="FAIL Required test coverage of 90% not reached"
    )
    result = verdict_on(session(item(), exit_status=status if session_status is None else session_status), process_exit)
    assert (result.conclusion, result.title) == (FAILURE, f"pytest exited with status {status} · 1 passed in 1.00 s")
    assert "Required test coverage" in remarks_text(result)


@rule("Conclusions: pytest reported a failing status, but its process exited with 0")
def test_pytest_status_hidden_by_its_process_still_fails() -> None:
    result = verdict_on(session(item(), exit_status=1), ProcessExit(reason=ExitReason.EXITED, exit_status=0))
    assert result.conclusion is FAILURE


@rule("Conclusions: the workspace has a commit that is neither the reported one nor a merge of it")
def test_results_of_another_commit_require_action() -> None:
    result = verdict_on(session(item()), tested=job.Checkout.OTHER)
    assert (result.conclusion, result.title) == (ACTION_REQUIRED, "a different commit was tested · 1 passed in 1.00 s")


@rule("Conclusions: git reports a commit before the tests, and none after them")
def test_results_of_a_lost_commit_require_action() -> None:
    result = verdict_on(session(item()), tested=job.Checkout.LOST)
    assert (result.conclusion, result.title) == (ACTION_REQUIRED, "the tested commit is unknown · 1 passed in 1.00 s")
    assert not result.is_complete


@pytest.mark.parametrize("tested", job.Checkout)
def test_exit_status_alone_passes_no_other_commit(tested: job.Checkout) -> None:
    end = PytestEnd(session_id="", exit_status=0)
    result = verdict_from_exit(ProcessExit(reason=ExitReason.EXITED, exit_status=0, pytest_end=end), tested)
    assert (result.conclusion is SUCCESS) == (tested not in (job.Checkout.OTHER, job.Checkout.LOST))


@rule("Conclusions: the workspace has the reported commit, its pull request's merge commit, or no git repository")
@pytest.mark.parametrize("tested", [job.Checkout.HEAD, job.Checkout.MERGE, job.Checkout.UNKNOWN])
def test_results_of_head_merge_or_unknown_commit_count(tested: job.Checkout) -> None:
    assert verdict_on(session(item()), tested=tested).conclusion is SUCCESS


@rule("Conclusions: a test failed first and passed in a rerun")
def test_flaky_tests_conclude_success() -> None:
    assert verdict_on(session(flaky())).conclusion is SUCCESS


@rule("Conclusions: a test is flaky, with fail-on-flaky")
def test_fail_on_flaky_concludes_failure_and_names_tests() -> None:
    result = verdict_on(session(flaky("tests/test_a.py::test_flaky")), fail_on_flaky=True)
    assert (result.conclusion, result.title) == (FAILURE, "1 flaky test · 1 passed, 1 rerun in 1.00 s")
    assert "tests/test_a.py::test_flaky" in remarks_text(result)


@rule("Conclusions: records of the tests' results were lost")
def test_lost_records_are_reported_without_changing_conclusion() -> None:
    result = verdict_on(replace(session(item()), lost_records=3))
    assert result.conclusion is SUCCESS
    assert "3 records" in remarks_text(result)


@pytest.mark.parametrize(
    "results",
    [
        pytest.param(session(item(), FAILED_ITEM, exit_status=1, collected=3), id="one did not start"),
        pytest.param(session(running_item(), FAILED_ITEM, exit_status=1), id="one did not finish"),
    ],
)
def test_results_are_incomplete_if_not_all_tests_ran(results: Session) -> None:
    assert not verdict_on(results).is_complete
    assert verdict_on(session(item(), FAILED_ITEM, exit_status=1)).is_complete


# A process exit and a session for each conclusion.
EXAMPLES = {
    CANCELLED: (ProcessExit(reason=ExitReason.CANCELLED), session(item(), collected=9)),
    TIMED_OUT: (ProcessExit(reason=ExitReason.TIMED_OUT), session(item(), collected=9)),
    FAILURE: (None, session(FAILED_ITEM, exit_status=1)),
    ACTION_REQUIRED: (None, session(collectors=[collector()], exit_status=1)),
    NEUTRAL: (None, session(item(call=skipped()))),
    SUCCESS: (None, session(item(call=stage(Outcome.XFAILED)))),
}
EXCLUSIVE = {
    (CANCELLED, TIMED_OUT): "one end",
    (NEUTRAL, SUCCESS): "not all were skipped",
}


@rule("Conclusions: two of these")
@pytest.mark.parametrize(
    ("stronger", "weaker"), [pair for pair in combinations(EXAMPLES, 2) if pair not in EXCLUSIVE], ids=str
)
def test_stronger_of_two_reasons_decides_the_conclusion(stronger: Conclusion, weaker: Conclusion) -> None:
    process_exit, first = EXAMPLES[stronger]
    _, second = EXAMPLES[weaker]
    combined = replace(
        first,
        items=(*first.items, *second.items),
        collectors=first.collectors + second.collectors,
    )
    assert verdict_on(combined, process_exit).conclusion is stronger


@rule("Conclusions: the job was cancelled after the tests, before GitHub had the verdict")
def test_cancellation_during_upload_keeps_title_and_remarks() -> None:
    original = verdict_on(session(FAILED_ITEM, exit_status=1))
    cancelled = cancelled_during_upload(original)
    assert (cancelled.conclusion, cancelled.title) == (CANCELLED, f"cancelled during upload · {original.title}")
    assert cancelled.remarks[1:] == original.remarks
    assert "cancelled while these results were being sent" in cancelled.remarks[0].text


def test_cancelled_verdict_is_unchanged_by_upload_cancellation() -> None:
    original = verdict_on(session(FAILED_ITEM, exit_status=None), ProcessExit(reason=ExitReason.CANCELLED))
    assert cancelled_during_upload(original) is original


@rule("Conclusions: processes of the tests may still be running, because not all could be found and ended")
@pytest.mark.parametrize("status", [0, 1, None])
def test_remaining_processes_fail_the_step_and_are_reported(status: int | None) -> None:
    results = session(item(), exit_status=status)
    process_exit = ProcessExit(reason=ExitReason.EXITED, exit_status=status, processes_may_remain=True)
    normal = verdict_on(results, process_exit)
    assert normal.conclusion is verdict_on(results, replace(process_exit, processes_may_remain=False)).conclusion
    despite_bug = verdict_despite_bug(results, process_exit, Settings(), job.Checkout.HEAD)
    for result in (normal, cancelled_during_upload(normal), despite_bug):
        assert "Processes of the tests may still be running" in remarks_text(result)
        assert exit_status(result, Settings(fail_job=False), is_reported=True) is ExitStatus.FAILED


@rule("Conclusions: all of these")
def test_title_names_all_reasons_strongest_first() -> None:
    results = session(
        FAILED_ITEM, flaky(), running_item(), collectors=[collector()], exit_status=None, collected=948, seconds=0
    )
    result = verdict_on(
        results, ProcessExit(reason=ExitReason.CANCELLED, phase="tests"), job.Checkout.OTHER, fail_on_flaky=True
    )
    assert result.conclusion is CANCELLED
    assert result.title == (
        "cancelled after 2 of 948 · 1 flaky test · collection failed · a different commit was tested"
        " · 1 failed, 1 error, 1 passed, 1 rerun"
    )


@rule("Conclusions: the conclusion is not success, neutral or skipped")
@pytest.mark.parametrize(
    ("conclusion", "expected"),
    [
        (SUCCESS, 0),
        (NEUTRAL, 0),
        (Conclusion.SKIPPED, 0),
        (FAILURE, 1),
        (ACTION_REQUIRED, 1),
        (CANCELLED, 1),
        (TIMED_OUT, 1),
    ],
)
def test_step_fails_with_the_check_unless_fail_job_is_off(conclusion: Conclusion, expected: int) -> None:
    result = Verdict(conclusion=conclusion, title="")
    assert exit_status(result, Settings(), is_reported=True) == expected
    assert exit_status(result, Settings(fail_job=False), is_reported=True) is ExitStatus.PASSED


@rule("Conclusions: fail-job is false, but no check run has the verdict")
@pytest.mark.parametrize("fail_job", [True, False])
@pytest.mark.parametrize(
    ("results", "expected"),
    [
        pytest.param(session(item()), ExitStatus.PASSED, id="passed"),
        pytest.param(session(item(call=skipped())), ExitStatus.PASSED, id="skipped"),
        pytest.param(session(FAILED_ITEM, exit_status=1), ExitStatus.FAILED, id="failed"),
        pytest.param(session(collectors=[collector()], exit_status=2), ExitStatus.FAILED, id="collection error"),
        pytest.param(session(exit_status=5), ExitStatus.FAILED, id="no tests"),
        pytest.param(
            replace(session(item()), write_error="No space left on device"),
            ExitStatus.PASSED,
            id="passed, not recorded",
        ),
    ],
)
def test_step_fails_with_the_tests_without_a_check_run(
    results: Session, expected: ExitStatus, *, fail_job: bool
) -> None:
    assert exit_status(verdict_on(results), Settings(fail_job=fail_job), is_reported=False) is expected


@rule("Conclusions: any combination")
@given(results=SESSIONS, process_exit=PROCESS_EXITS, tested=st.sampled_from(job.Checkout), fail_on_flaky=st.booleans())
def test_only_a_session_without_failures_passes(
    results: Session, process_exit: ProcessExit, tested: job.Checkout, fail_on_flaky: bool
) -> None:
    result = verdict_on(results, process_exit, tested, fail_on_flaky=fail_on_flaky)
    assert result.title
    is_clean = (
        not results.failed_items
        and process_exit.reason is ExitReason.EXITED
        and tested not in (job.Checkout.OTHER, job.Checkout.LOST)
    )
    assert is_clean or not result.conclusion.passes
    assert results.exit_status is not None or not result.conclusion.passes
