from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.model import job
from checks.core.model.check_run import Conclusion
from checks.core.model.errors import ExitStatus
from checks.core.model.item import Item, Outcome, Section, StageName
from checks.core.model.job import ExitReason, ProcessExit
from checks.core.model.session import Session
from checks.core.model.settings import Settings
from checks.core.model.verdict import Verdict
from checks.core.verdict.conclusion import cancelled_during_upload, conclude, exit_status, verdict_despite_bug
from tests.support.any_session import ENDED, SESSIONS
from tests.support.rules import rule
from tests.support.sessions import begun, collector, error, failed, flaky, item, session, skipped, stage

SUCCESS, FAILURE, NEUTRAL = Conclusion.SUCCESS, Conclusion.FAILURE, Conclusion.NEUTRAL
ACTION_REQUIRED, CANCELLED, TIMED_OUT = Conclusion.ACTION_REQUIRED, Conclusion.CANCELLED, Conclusion.TIMED_OUT
BAD = item("tests/test_a.py::test_bad", call=failed())


def verdict(
    told: Session, ended: ProcessExit | None = None, tested: job.Checkout = job.Checkout.HEAD, **inputs: object
) -> Verdict:
    """The verdict on a session whose process exited with the session's own status, unless told otherwise."""
    exited = ProcessExit(reason=ExitReason.EXITED, exit_status=told.exit_status)
    settings = replace(Settings(), **inputs)  # type: ignore[arg-type]  # the names are those of `Settings`
    return conclude(told, ended or exited, settings, tested)


def said(result: Verdict) -> str:
    """All remarks as one text."""
    return "\n".join(map(str, result.remarks))


@rule("Conclusions: all passed")
def test_all_passed_is_a_success() -> None:
    assert verdict(session(item(), item(), seconds=72)) == Verdict(
        conclusion=SUCCESS, title="2 passed in 1 m 12 s", remarks=(), is_complete=True
    )


@rule("Conclusions: some were skipped, failed as expected, or passed")
@pytest.mark.parametrize("outcome", [Outcome.SKIPPED, Outcome.XFAILED, Outcome.XPASSED])
def test_skips_xfails_and_xpasses_are_a_success(outcome: Outcome) -> None:
    result = verdict(session(item(), item(call=stage(outcome))))
    assert result.conclusion is SUCCESS
    assert result.title == f"1 passed, 1 {outcome} in 1.00 s"


@rule("Conclusions: a test, a subtest or a fixture failed; an xdist worker crashed")
@pytest.mark.parametrize(
    ("bad", "title"),
    [
        pytest.param(item(call=failed()), "1 failed in 1.00 s", id="call"),
        pytest.param(item(setup=error()), "1 error in 1.00 s", id="setup"),
        pytest.param(item(teardown=error()), "1 error, 1 passed in 1.00 s", id="teardown"),
        pytest.param(item(call=failed(), teardown=error()), "1 failed, 1 error in 1.00 s", id="call and teardown"),
        pytest.param(
            item(before=[replace(failed(), subtest="i=1")]), "1 failed, 1 passed in 1.00 s", id="subtest alone"
        ),
        pytest.param(
            replace(item(), stages=(replace(failed(), name=StageName.CRASHED),)),
            "1 failed in 1.00 s",
            id="xdist worker",
        ),
    ],
)
@pytest.mark.parametrize("status", [1, 0], ids=["exit 1", "exit 0 by a plugin's wish"])
def test_a_failure_or_error_is_a_failure_whatever_the_exit_status(bad: Item, title: str, status: int) -> None:
    result = verdict(session(bad, exit_status=status))
    assert (result.conclusion, result.title) == (FAILURE, title)


@rule("Conclusions: all titles")
def test_the_title_counts_as_pytest_does_with_the_bad_first() -> None:
    items = [BAD] * 3 + [item(setup=error())] + [item()] * 940 + [item(call=skipped())] * 4
    result = verdict(session(*items, exit_status=1, seconds=72.3))
    assert result.title == "3 failed, 1 error, 940 passed, 4 skipped in 1 m 12 s"


@rule("Conclusions: something could not be collected")
@pytest.mark.parametrize("status", [2, 1], ids=["pytest", "pytest-xdist"])
def test_a_collection_error_requires_action(status: int) -> None:
    result = verdict(session(collectors=[collector()], exit_status=status))
    assert (result.conclusion, result.title) == (ACTION_REQUIRED, "collection failed · 1 error in 1.00 s")


@rule("Conclusions: a collection error, and a test failed")
def test_a_collection_error_beside_a_failed_test_is_a_failure() -> None:
    result = verdict(session(BAD, collectors=[collector()], exit_status=1))
    assert (result.conclusion, result.title) == (FAILURE, "collection failed · 1 failed, 1 error in 1.00 s")


@rule("Conclusions: a wrong option or path, a conftest.py that")
@pytest.mark.parametrize("exit_status_told", [4, None], ids=["told by pytest", "before pytest could tell"])
def test_a_usage_error_requires_action_and_shows_the_output(exit_status_told: int | None) -> None:
    ended = ProcessExit(reason=ExitReason.EXITED, exit_status=4, output="ERROR: unrecognized arguments: --wrong")
    result = verdict(Session(exit_status=exit_status_told), ended)
    assert (result.conclusion, result.title) == (ACTION_REQUIRED, "usage error")
    assert "unrecognized arguments: --wrong" in said(result)


@rule("Conclusions: an INTERNALERROR (exit status 3)")
def test_an_internal_error_requires_action_and_is_shown() -> None:
    told = replace(session(item(), exit_status=3), internal_error="INTERNALERROR> KeyError: 'x'")
    result = verdict(told)
    assert (result.conclusion, result.title) == (ACTION_REQUIRED, "internal error · 1 passed in 1.00 s")
    assert "KeyError: 'x'" in said(result)


def test_an_internal_error_before_the_session_has_begun_is_shown() -> None:
    ended = ProcessExit(reason=ExitReason.EXITED, exit_status=3, output="INTERNALERROR> in pytest_configure")
    result = verdict(Session(), ended)
    assert (result.conclusion, result.title) == (ACTION_REQUIRED, "internal error")
    assert "in pytest_configure" in said(result)


@rule("Conclusions: install or python-version failed, or pytest cannot be started")
@pytest.mark.parametrize(
    ("how", "phase", "title"),
    [
        (ExitReason.INSTALL_FAILED, "install", "install failed"),
        (ExitReason.INSTALL_FAILED, "python-version", "python-version failed"),
        (ExitReason.NOT_STARTED, "tests", "pytest did not start"),
    ],
)
def test_what_keeps_pytest_from_starting_requires_action_and_shows_the_output(
    how: ExitReason, phase: str, title: str
) -> None:
    result = verdict(
        Session(), ProcessExit(reason=how, phase=phase, output="ERROR: No matching distribution found for x")
    )
    assert (result.conclusion, result.title) == (ACTION_REQUIRED, title)
    assert "No matching distribution" in said(result)


@rule("Conclusions: the process ended, and pytest told nothing at all")
@pytest.mark.parametrize("status", [0, 1])
def test_no_results_at_all_require_action(status: int) -> None:
    ended = ProcessExit(reason=ExitReason.EXITED, exit_status=status, output="usage: pytest [options]")
    result = verdict(Session(), ended)
    assert (result.conclusion, result.title) == (ACTION_REQUIRED, "no results")
    assert "usage: pytest" in said(result)


@rule("Conclusions: pytest came to its end, but its results could")
@pytest.mark.parametrize(
    ("status", "conclusion", "end", "step"),
    [
        (0, ACTION_REQUIRED, "pytest passed", ExitStatus.PASSED),
        (1, FAILURE, "pytest exited with 1", ExitStatus.FAILED),
        (2, ACTION_REQUIRED, "pytest exited with 2", ExitStatus.FAILED),
        (-1, ACTION_REQUIRED, "pytest exited with -1", ExitStatus.FAILED),
    ],
)
def test_unrecorded_results_leave_pytest_s_exit_status(
    status: int, conclusion: Conclusion, end: str, step: ExitStatus
) -> None:
    told = replace(session(item(), collected=9), exit_status=status, write_error="No space left on device (/tmp)")
    result = verdict(told)
    assert result.conclusion is conclusion
    assert result.title == f"results could not be recorded after 1 of 9, {end} · 1 passed in 1.00 s"
    assert "The results could not be recorded:\nNo space left on device (/tmp)" in said(result)
    assert "TMPDIR" in said(result)
    assert not result.is_complete
    assert exit_status(result, Settings()) is step
    assert verdict(replace(told, items=())).title == f"results could not be recorded, {end}"


def test_unrecorded_results_do_not_hide_another_cause() -> None:
    told = replace(session(item(), BAD), exit_status=0, write_error="No space left on device (/tmp)")
    assert exit_status(verdict(told), Settings()) is ExitStatus.FAILED
    passed = replace(told, items=(item(),))
    other = verdict(passed, tested=job.Checkout.OTHER)
    assert (other.conclusion, exit_status(other, Settings())) == (ACTION_REQUIRED, ExitStatus.FAILED)


@pytest.mark.parametrize(("status", "title"), [(3, "internal error"), (4, "usage error"), (5, "no tests ran")])
def test_an_exit_status_that_explains_itself_is_told_without_results(status: int, title: str) -> None:
    told = replace(Session(), exit_status=status, write_error="No space left on device (/tmp)")
    assert verdict(told).title == title


@rule("The tests' side: pytest or pytest-json-report cannot be imported")
@pytest.mark.parametrize(
    ("package", "status", "output"),
    [
        ("pytest", 1, "Traceback (most recent call last):\nModuleNotFoundError: No module named 'pytest'"),
        ("pytest-json-report", 4, "ERROR: Error importing plugin \"pytest_jsonreport\": No module named 'x'\n"),
    ],
)
def test_a_package_that_the_tests_environment_lacks_is_named(package: str, status: int, output: str) -> None:
    result = verdict(Session(), ProcessExit(reason=ExitReason.EXITED, exit_status=status, output=output))
    assert (result.conclusion, result.title) == (ACTION_REQUIRED, f"no {package}")
    assert f"pip install {package}" in said(result)


@rule("Conclusions: stopped early: -x, --maxfail, pytest.exit")
@pytest.mark.parametrize(
    ("told", "title"),
    [
        pytest.param(
            session(item(), begun(), exit_status=2, collected=948, stopped="interrupted"),
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
            id="no reason told",
        ),
        pytest.param(
            replace(session(exit_status=2, stopped="pytest.exit: no"), collected=None),
            "stopped before the first test",
            id="before the first test",
        ),
    ],
)
def test_an_early_stop_requires_action(told: Session, title: str) -> None:
    result = verdict(told)
    assert (result.conclusion, result.title) == (ACTION_REQUIRED, title)
    assert (told.stop_reason or "interrupted") in said(result)


@rule("Conclusions: an early stop, and a test failed")
def test_an_early_stop_with_a_failure_is_a_failure() -> None:
    result = verdict(session(item(), BAD, exit_status=1, collected=948, stopped="stopping after 1 failures"))
    assert (result.conclusion, result.title) == (FAILURE, "stopped after 2 of 948 · 1 failed, 1 passed in 1.00 s")


@rule("Conclusions: the failure that stops pytest is in the last test")
def test_a_stop_at_the_last_test_is_none() -> None:
    result = verdict(session(item(), BAD, exit_status=1, stopped="stopping after 1 failures"))
    assert result.title == "1 failed, 1 passed in 1.00 s"


@rule("Conclusions: nothing was collected or selected (exit status")
@pytest.mark.parametrize("conclusion", [NEUTRAL, SUCCESS, FAILURE])
@pytest.mark.parametrize("status", [5, 0], ids=["exit 5", "--collect-only, or a plugin that makes it 0"])
def test_no_tests_conclude_as_the_input_says(status: int, conclusion: Conclusion) -> None:
    result = verdict(session(exit_status=status), no_tests=conclusion)
    assert (result.conclusion, result.title) == (conclusion, "no tests ran")


@rule("Conclusions: tests were set up and none was called (--setup-only)")
def test_tests_of_which_none_was_called_are_no_tests() -> None:
    only_setup = item()
    only_setup = replace(only_setup, stages=(only_setup.stages[0], only_setup.stages[-1]))
    assert verdict(session(only_setup)).title == "no tests ran"


@rule("Conclusions: all were deselected")
def test_deselected_tests_are_named_as_the_reason_for_no_tests() -> None:
    result = verdict(replace(session(exit_status=5), deselected=12))
    assert "12 collected tests deselected" in said(result)


@rule("Conclusions: the job was cancelled")
@pytest.mark.parametrize(
    ("phase", "collected", "during"),
    [("install", None, "install"), ("tests", None, "collection"), ("tests", 3, "tests")],
)
def test_a_cancelled_job_is_cancelled(phase: str, collected: int | None, during: str) -> None:
    result = verdict(Session(collected=collected), ProcessExit(reason=ExitReason.CANCELLED, phase=phase))
    assert (result.conclusion, result.title) == (CANCELLED, f"cancelled during {during}")


@rule("Conclusions: timeout-minutes were over")
def test_a_timeout_names_the_running_test() -> None:
    told = session(item(), begun("tests/test_a.py::test_hangs"), exit_status=None, collected=948, seconds=0)
    result = verdict(told, ProcessExit(reason=ExitReason.TIMED_OUT, phase="tests"), timeout_minutes=1.5)
    assert (result.conclusion, result.title) == (TIMED_OUT, "timed out after 1 of 948 · 1 passed")
    assert "timeout-minutes (1.5)" in said(result)
    assert "tests/test_a.py::test_hangs (in its call)" in said(result)


@rule("Conclusions: the interpreter died: a signal, os._exit with any status")
@pytest.mark.parametrize(
    ("ended", "title"),
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
def test_a_dead_interpreter_is_a_failure_that_names_the_running_test(ended: ProcessExit, title: str) -> None:
    told = session(item(), begun("tests/test_a.py::test_crashes"), exit_status=None, collected=9, seconds=0)
    result = verdict(told, replace(ended, output="Fatal Python error: Segmentation fault"))
    assert (result.conclusion, result.title) == (FAILURE, title)
    assert "tests/test_a.py::test_crashes (in its call)" in said(result)
    assert "Fatal Python error" in said(result)


STACKS = 'Current thread 0x1 (most recent call first):\n  File "/repo/a.py", line 3 in wait'


@pytest.mark.parametrize(
    "ended",
    [
        ProcessExit(reason=ExitReason.TIMED_OUT, stacks=STACKS),
        ProcessExit(reason=ExitReason.KILLED, signal="SIGSEGV", output=STACKS),
    ],
)
def test_a_session_that_was_ended_in_its_midst_tells_where_it_stood_and_what_it_had_printed(ended: ProcessExit) -> None:
    captured = (Section(title="Captured stdout until then", text="printed before"),)
    result = verdict(session(begun(), exit_status=None), replace(ended, captured=captured, phase="tests"))
    assert 'File "/repo/a.py", line 3 in wait' in said(result)
    assert "printed before" in said(result)


def test_a_time_limit_after_pytest_s_end_is_one_of_the_interpreter_s_exit() -> None:
    result = verdict(session(item()), ProcessExit(reason=ExitReason.TIMED_OUT, phase="tests"))
    assert "during the interpreter's exit" in said(result)


@rule("Conclusions: it died while collecting")
def test_an_interpreter_that_died_while_collecting_is_a_failure() -> None:
    result = verdict(
        Session(pytest_version="9.2.0"), ProcessExit(reason=ExitReason.EXITED, exit_status=7, phase="collection")
    )
    assert (result.conclusion, result.title) == (FAILURE, "interpreter died during collection")


@rule("Conclusions: it was killed after the last test")
def test_an_interpreter_that_was_killed_after_the_last_test_is_a_failure() -> None:
    result = verdict(session(item()), ProcessExit(reason=ExitReason.KILLED, signal="SIGABRT"))
    assert result.conclusion is FAILURE


@rule("Conclusions: pytest exited with another status than its")
@pytest.mark.parametrize("status", [1, 7])
@pytest.mark.parametrize("told", [0, None], ids=["after the session", "by the session"])
def test_a_status_that_no_test_explains_is_a_failure(status: int, told: int | None) -> None:
    ended = ProcessExit(
        reason=ExitReason.EXITED, exit_status=status, output="FAIL Required test coverage of 90% not reached"
    )
    result = verdict(session(item(), exit_status=status if told is None else told), ended)
    assert (result.conclusion, result.title) == (FAILURE, f"pytest exited with {status} · 1 passed in 1.00 s")
    assert "Required test coverage" in said(result)


@rule("Conclusions: pytest told a bad status, its process exits with 0")
def test_a_status_of_pytest_that_its_process_hides_is_a_failure() -> None:
    result = verdict(session(item(), exit_status=1), ProcessExit(reason=ExitReason.EXITED, exit_status=0))
    assert result.conclusion is FAILURE


@rule("Conclusions: the workspace has another commit than the reported")
def test_results_of_another_commit_require_action() -> None:
    result = verdict(session(item()), tested=job.Checkout.OTHER)
    assert (result.conclusion, result.title) == (ACTION_REQUIRED, "another commit was tested · 1 passed in 1.00 s")


@rule("Conclusions: the workspace has the reported commit, its")
@pytest.mark.parametrize("tested", [job.Checkout.HEAD, job.Checkout.MERGE, job.Checkout.UNKNOWN])
def test_results_of_this_commit_of_its_merge_or_of_none_known_count(tested: job.Checkout) -> None:
    assert verdict(session(item()), tested=tested).conclusion is SUCCESS


@rule("Conclusions: a test failed first and passed in a rerun")
def test_flaky_tests_are_a_success() -> None:
    assert verdict(session(flaky())).conclusion is SUCCESS


@rule("Conclusions: the same, with fail-on-flaky")
def test_flaky_tests_are_a_failure_with_fail_on_flaky_and_named() -> None:
    result = verdict(session(flaky("tests/test_a.py::test_flaky")), fail_on_flaky=True)
    assert (result.conclusion, result.title) == (FAILURE, "1 flaky test · 1 passed, 1 rerun in 1.00 s")
    assert "tests/test_a.py::test_flaky" in said(result)


@rule("Conclusions: records of the tests' stream were lost")
def test_lost_records_are_said_and_change_no_verdict() -> None:
    result = verdict(replace(session(item()), lost_records=3))
    assert result.conclusion is SUCCESS
    assert "3 records" in said(result)


# What leads to each conclusion: how the process ended, and what it leaves in the session.
CAUSES = {
    CANCELLED: (ProcessExit(reason=ExitReason.CANCELLED), session(item(), collected=9)),
    TIMED_OUT: (ProcessExit(reason=ExitReason.TIMED_OUT), session(item(), collected=9)),
    FAILURE: (None, session(BAD, exit_status=1)),
    ACTION_REQUIRED: (None, session(collectors=[collector()], exit_status=1)),
    NEUTRAL: (None, session(exit_status=5)),
    SUCCESS: (None, session(item(call=skipped()))),
}
EXCLUSIVE = {
    (CANCELLED, TIMED_OUT): "one end",
    (CANCELLED, NEUTRAL): "none ran yet",
    (TIMED_OUT, NEUTRAL): "none ran yet",
    (FAILURE, NEUTRAL): "a failed test is a test",
    (NEUTRAL, SUCCESS): "a passed test is a test",
}


@rule("Conclusions: two of these")
@pytest.mark.parametrize(
    ("stronger", "weaker"), [pair for pair in combinations(CAUSES, 2) if pair not in EXCLUSIVE], ids=str
)
def test_of_two_causes_the_stronger_concludes(stronger: Conclusion, weaker: Conclusion) -> None:
    ended, first = CAUSES[stronger]
    _, second = CAUSES[weaker]
    together = replace(
        first,
        items=first.items + second.items,
        collectors=first.collectors + second.collectors,
        exit_status=5 if NEUTRAL in (stronger, weaker) else first.exit_status,
    )
    assert verdict(together, ended).conclusion is stronger


@rule("Conclusions: the job was cancelled while results were sent")
def test_a_job_that_is_cancelled_in_the_upload_is_cancelled_and_names_all() -> None:
    told = verdict(session(BAD, exit_status=1))
    late = cancelled_during_upload(told)
    assert (late.conclusion, late.title) == (CANCELLED, f"cancelled during upload · {told.title}")
    assert late.remarks[1:] == told.remarks
    assert "cancelled while these results were being sent" in late.remarks[0].text


def test_a_job_that_is_cancelled_in_the_upload_after_it_was_cancelled_in_the_tests_is_cancelled_once() -> None:
    told = verdict(session(BAD, exit_status=None), ProcessExit(reason=ExitReason.CANCELLED))
    assert cancelled_during_upload(told) is told


@rule("Conclusions: processes of the tests may still run: not all")
@pytest.mark.parametrize("status", [0, 1, None])
def test_processes_that_may_remain_fail_the_step_and_are_named(status: int | None) -> None:
    told = session(item(), exit_status=status)
    ended = ProcessExit(reason=ExitReason.EXITED, exit_status=status, processes_may_remain=True)
    normal = verdict(told, ended)
    assert normal.conclusion is verdict(told, replace(ended, processes_may_remain=False)).conclusion
    broken_off = verdict_despite_bug(told, ended, Settings(), job.Checkout.HEAD)
    for result in (normal, cancelled_during_upload(normal), broken_off):
        assert "Processes of the tests may still be running" in said(result)
        assert exit_status(result, Settings(fail_job=False)) is ExitStatus.FAILED


@rule("Conclusions: all of these")
def test_the_title_names_all_that_happened_the_strongest_first() -> None:
    told = session(BAD, flaky(), begun(), collectors=[collector()], exit_status=None, collected=948, seconds=0)
    result = verdict(
        told, ProcessExit(reason=ExitReason.CANCELLED, phase="tests"), job.Checkout.OTHER, fail_on_flaky=True
    )
    assert result.conclusion is CANCELLED
    assert result.title == (
        "cancelled after 2 of 948 · 1 flaky test · collection failed · another commit was tested"
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
def test_the_job_fails_with_the_check(conclusion: Conclusion, expected: int) -> None:
    result = Verdict(conclusion=conclusion, title="")
    assert exit_status(result, Settings()) == expected
    assert exit_status(result, Settings(fail_job=False)) is ExitStatus.PASSED


@rule("Conclusions: anything")
@given(told=SESSIONS, ended=ENDED, tested=st.sampled_from(job.Checkout), fail_on_flaky=st.booleans())
def test_any_session_has_a_verdict_and_only_a_clean_one_passes(
    told: Session, ended: ProcessExit, tested: job.Checkout, fail_on_flaky: bool
) -> None:
    result = verdict(told, ended, tested, fail_on_flaky=fail_on_flaky)
    assert result.title
    is_clean = not told.failed_items and ended.reason is ExitReason.EXITED and tested is not job.Checkout.OTHER
    assert is_clean or not result.conclusion.passes
    assert told.exit_status is not None or not result.conclusion.passes
