"""A session and its end -> the verdict, by the rules of `docs/rules.md`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..model.check_run import Conclusion
from ..model.errors import ExitStatus
from ..model.job import Checkout, ExitReason, ProcessExit
from ..model.session import Session
from ..model.settings import Settings
from ..model.verdict import Remark, Verdict
from ..text.truncate import truncate_lines
from . import process_exit
from .process_exit import LINES_QUOTED, Cause
from .titles import counted, number

#: For the job log as well.
PROCESSES_MAY_REMAIN = Remark(
    text=(
        "Processes of the tests may still be running, because not every one could be found and ended. They may have "
        "changed this step's outputs and job summary, so the step fails. Do not use its outputs, and let the tests end "
        "what they start."
    )
)
#: The first of these that any cause asks for is the verdict's.
_PRECEDENCE = (
    Conclusion.CANCELLED,
    Conclusion.TIMED_OUT,
    Conclusion.FAILURE,
    Conclusion.ACTION_REQUIRED,
    Conclusion.NEUTRAL,
    Conclusion.SUCCESS,
)
# https://docs.pytest.org/en/stable/reference/exit-codes.html
_ALL_PASSED, _TESTS_FAILED = 0, 1
_OF_PROCESS = {
    ExitReason.KILLED: Conclusion.FAILURE,
    ExitReason.CANCELLED: Conclusion.CANCELLED,
    ExitReason.TIMED_OUT: Conclusion.TIMED_OUT,
}
_BROKEN_OFF = Remark(
    text="A bug of this action broke off the report: what is missing here is in the job log, with the traceback to "
    "report."
)


def conclude(session: Session, ended: ProcessExit, settings: Settings, checkout: Checkout) -> Verdict:
    """The verdict on a session that has ended, however it did; the title names everything that happened.

    Which commit was tested, `checkout.decide` says in words; here it only keeps results of another from being green.
    """
    causes = [*process_exit.causes(session, ended, settings), *_of_tests(session, settings)]
    if checkout is Checkout.OTHER:
        causes.append(Cause(conclusion=Conclusion.ACTION_REQUIRED, name="another commit was tested"))
    causes.sort(key=lambda cause: _PRECEDENCE.index(cause.conclusion))
    names = [cause.name for cause in causes]
    is_told = (
        checkout in (Checkout.HEAD, Checkout.MERGE) and not session.lost_records and session.exit_status is not None
    )
    verdict = Verdict(
        conclusion=causes[0].conclusion if causes else Conclusion.SUCCESS,
        title=" · ".join(filter(None, [*names, counted(session)])),
        remarks=tuple(remark for cause in causes for remark in cause.remarks),
        tests_passed=any(cause.tests_passed for cause in causes) and all(map(_lets_the_step_pass, causes)),
        is_complete=is_told and not any(names) and session.total > 0,
    )
    return failing_for_processes(verdict) if ended.processes_may_remain else verdict


def failing_for_processes(verdict: Verdict) -> Verdict:
    """Return the verdict where processes of the tests may still run: the step fails, and the check says why."""
    if verdict.fails_step:
        return verdict
    return replace(verdict, remarks=(*verdict.remarks, PROCESSES_MAY_REMAIN), fails_step=True)


def despite_bug(session: Session, ended: ProcessExit | None, settings: Settings, checkout: Checkout) -> Verdict:
    """The tests' own verdict where a bug of ours broke off what is told about them.

    `ended` is None where the tests' process has not ended, or there is none.
    """
    if ended is None and session.exit_status is not None:
        ended = ProcessExit(reason=ExitReason.EXITED, exit_status=session.exit_status)
    if ended is None:
        conclusion = Conclusion.FAILURE if session.failed_items else Conclusion.ACTION_REQUIRED
        verdict = Verdict(conclusion=conclusion, title=counted(session) or "no results")
    else:
        verdict = conclude(session, ended, settings, checkout)
    return replace(verdict, remarks=(*verdict.remarks, _BROKEN_OFF))


def from_process(ended: ProcessExit | None, checkout: Checkout) -> Verdict:
    """Return the verdict where a bug of ours keeps us from looking at the results: by the process's end alone."""
    conclusion, title = Conclusion.ACTION_REQUIRED, "no results"
    if ended is not None and ended.reason is ExitReason.EXITED:
        title = f"pytest exited with {ended.exit_status}"
        is_confirmed = ended.pytest_end is not None and ended.pytest_end.exit_status == _ALL_PASSED
        if ended.exit_status == _ALL_PASSED and is_confirmed and checkout is not Checkout.OTHER:
            conclusion = Conclusion.SUCCESS
        elif ended.exit_status == _TESTS_FAILED:
            conclusion = Conclusion.FAILURE
    elif ended is not None:
        conclusion, title = _OF_PROCESS.get(ended.reason, conclusion), ended.reason.value
    return Verdict(conclusion=conclusion, title=title, remarks=(_BROKEN_OFF,))


def cancelled_in_upload(verdict: Verdict) -> Verdict:
    """The verdict on tests that had ended when the job was cancelled, while their results were being sent."""
    if verdict.conclusion is Conclusion.CANCELLED:
        return verdict
    text = "The job was cancelled while these results were being sent: not all of them may be annotated."
    return Verdict(
        conclusion=Conclusion.CANCELLED,
        title=" · ".join(filter(None, ["cancelled during upload", verdict.title])),
        remarks=(Remark(text=text), *verdict.remarks),
        fails_step=verdict.fails_step,
    )


def exit_status(verdict: Verdict, settings: Settings) -> ExitStatus:
    """What the step ends with."""
    passes = verdict.conclusion.passes or verdict.tests_passed
    return ExitStatus.FAILED if verdict.fails_step or (settings.fail_job and not passes) else ExitStatus.PASSED


def _lets_the_step_pass(cause: Cause) -> bool:
    return cause.conclusion.passes or cause.tests_passed


def _of_tests(session: Session, settings: Settings) -> Iterator[Cause]:
    if session.failed_items:
        yield Cause(conclusion=Conclusion.FAILURE)
    if process_exit.has_collection_errors(session):
        remark = Remark(text="What could not be collected did not run; each error is annotated where it arose.")
        yield Cause(conclusion=Conclusion.ACTION_REQUIRED, name="collection failed", remarks=(remark,))
    if session.not_collected:
        text = "These tests failed before and were not collected now, so that it is not known whether they pass:"
        remark = Remark(text=text, quoted=truncate_lines(session.not_collected, LINES_QUOTED))
        name = f"{number(len(session.not_collected), 'failed test')} not collected"
        yield Cause(conclusion=Conclusion.ACTION_REQUIRED, name=name, remarks=(remark,))
    if settings.fail_on_flaky and session.flaky_items:
        text = "These tests failed before they passed, and fail-on-flaky is set:"
        remark = Remark(text=text, quoted=truncate_lines((item.nodeid for item in session.flaky_items), LINES_QUOTED))
        name = number(len(session.flaky_items), "flaky test")
        yield Cause(conclusion=Conclusion.FAILURE, name=name, remarks=(remark,))
    if session.lost_records:
        text = (
            f"{number(session.lost_records, 'record')} of the tests' stream could not be read: "
            "results may be missing here."
        )
        yield Cause(conclusion=Conclusion.SUCCESS, remarks=(Remark(text=text),))
