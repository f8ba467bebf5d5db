"""The verdict on a session, by the rules of `docs/rules.md`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..history.compare import Comparison
from ..model.check_run import Conclusion
from ..model.errors import ExitStatus
from ..model.item import Outcome
from ..model.job import Checkout, ExitReason, ProcessExit
from ..model.session import ExitCode, Session
from ..model.settings import Settings
from ..model.verdict import Remark, Verdict
from ..text.amounts import pluralize
from ..text.truncate import truncate_lines
from .compare_counts import reasons_from_pytest_counts
from .fail_on import reason_from_failures
from .process_exit import LINES_QUOTED, conclusion_reasons, has_collection_errors
from .reason import ConclusionReason
from .titles import counts_text

#: Also printed to the job log.
PROCESSES_MAY_REMAIN = Remark(
    text=(
        "Processes of the tests may still be running, because some could not be found or stopped. They may have "
        "changed this step's outputs and job summary, so the step fails. Do not use its outputs. Make the tests stop "
        "every process that they start."
    )
)
#: The verdict has the first of these that any reason has.
_PRECEDENCE = (
    Conclusion.CANCELLED,
    Conclusion.TIMED_OUT,
    Conclusion.FAILURE,
    Conclusion.ACTION_REQUIRED,
    Conclusion.NEUTRAL,
    Conclusion.SUCCESS,
)
#: The checkouts that prevent success, and their names in the title.
_NOT_TESTED = {
    Checkout.OTHER: "a different commit was tested",
    Checkout.LOST: "the tested commit is unknown",
}
_CONCLUSIONS = {
    ExitReason.KILLED: Conclusion.FAILURE,
    ExitReason.CANCELLED: Conclusion.CANCELLED,
    ExitReason.TIMED_OUT: Conclusion.TIMED_OUT,
}
_REPORT_INTERRUPTED = Remark(
    text="This report is incomplete (a bug in this action). The job log has the rest. "
    "Report this bug with the traceback from the job log."
)


def conclude(  # noqa: PLR0913 - callers use keywords
    session: Session,
    process_exit: ProcessExit,
    settings: Settings,
    checkout: Checkout,
    cause_count: int = 0,
    *,
    comparison: Comparison | None = None,
) -> Verdict:
    """Return the verdict on a session that has ended.

    The title names everything that happened. A checkout of a different commit prevents success, and so does one that
    git cannot read after the tests; `tested_commit.compare_head` has the sentence about it. `cause_count` is the number
    of causes of the failures, and `comparison` that with the base.
    """
    reasons = [
        *conclusion_reasons(session, process_exit, settings),
        *reasons_from_pytest_counts(session),
        *_reasons_from_tests(session, settings),
    ]
    if checkout in _NOT_TESTED:
        reasons.append(ConclusionReason(conclusion=Conclusion.ACTION_REQUIRED, name=_NOT_TESTED[checkout]))
    if session.failed_items:
        is_all = all(reason.conclusion.passes for reason in reasons)
        reasons.insert(0, reason_from_failures(session, settings.fail_on, comparison, is_all=is_all))
    reasons.sort(key=lambda reason: _PRECEDENCE.index(reason.ranks_as or reason.conclusion))
    names = [reason.name for reason in reasons]
    is_reliable = (
        checkout in (Checkout.HEAD, Checkout.MERGE) and not session.lost_records and session.exit_status is not None
    )
    new_count = None if comparison is None else comparison.new_count
    verdict = Verdict(
        conclusion=reasons[0].conclusion if reasons else Conclusion.SUCCESS,
        title=" · ".join(filter(None, [*names, counts_text(session, cause_count, new_count)])),
        remarks=tuple(remark for reason in reasons for remark in reason.remarks),
        tests_passed=any(reason.tests_passed for reason in reasons) and all(map(_step_passes, reasons)),
        is_complete=is_reliable and not any(names) and _has_run_all(session),
    )
    return fail_for_remaining_processes(verdict) if process_exit.processes_may_remain else verdict


def fail_for_remaining_processes(verdict: Verdict) -> Verdict:
    """Return the verdict with a failing step and a remark, because processes of the tests may still run."""
    if verdict.fails_step:
        return verdict
    return replace(verdict, remarks=(*verdict.remarks, PROCESSES_MAY_REMAIN), fails_step=True)


def verdict_despite_bug(
    session: Session, process_exit: ProcessExit | None, settings: Settings, checkout: Checkout
) -> Verdict:
    """Return the verdict on the tests when a bug in this action interrupted the report.

    `process_exit` is None if the tests' process has not ended or was never started.
    """
    if process_exit is None and session.exit_status is not None:
        process_exit = ProcessExit(reason=ExitReason.EXITED, exit_status=session.exit_status)
    if process_exit is None:
        conclusion = Conclusion.FAILURE if session.failed_items else Conclusion.ACTION_REQUIRED
        verdict = Verdict(conclusion=conclusion, title=counts_text(session) or "no results")
    else:
        verdict = conclude(session, process_exit, settings, checkout)
    return replace(verdict, remarks=(*verdict.remarks, _REPORT_INTERRUPTED))


def verdict_from_exit(process_exit: ProcessExit | None, checkout: Checkout) -> Verdict:
    """Return the verdict from the process's exit alone, when a bug in this action hides the results."""
    conclusion, title = Conclusion.ACTION_REQUIRED, "no results"
    if process_exit is not None and process_exit.reason is ExitReason.EXITED:
        title = f"pytest exited with status {process_exit.exit_status}"
        pytest_confirms = process_exit.pytest_end is not None and process_exit.pytest_end.exit_status == ExitCode.OK
        if process_exit.exit_status == ExitCode.OK and pytest_confirms and checkout not in _NOT_TESTED:
            conclusion = Conclusion.SUCCESS
        elif process_exit.exit_status == ExitCode.TESTS_FAILED:
            conclusion = Conclusion.FAILURE
    elif process_exit is not None:
        conclusion, title = _CONCLUSIONS.get(process_exit.reason, conclusion), process_exit.reason.value
    return Verdict(conclusion=conclusion, title=title, remarks=(_REPORT_INTERRUPTED,))


def cancelled_during_upload(verdict: Verdict) -> Verdict:
    """Return the verdict on tests that had ended before the job was cancelled during the upload of their results."""
    if verdict.conclusion is Conclusion.CANCELLED:
        return verdict
    text = "The job was cancelled while these results were being sent. Some annotations may be missing."
    return Verdict(
        conclusion=Conclusion.CANCELLED,
        title=" · ".join(filter(None, ["cancelled during upload", verdict.title])),
        remarks=(Remark(text=text), *verdict.remarks),
        fails_step=verdict.fails_step,
    )


def without_check_run(verdict: Verdict, texts: Iterable[str]) -> Verdict:
    """Return the verdict on tests that may have no check run; `texts` name the mistakes in the workflow."""
    return replace(
        verdict,
        conclusion=Conclusion.ACTION_REQUIRED,
        title=" · ".join(filter(None, ["no check run", verdict.title])),
        remarks=(*(Remark(text=text) for text in texts), *verdict.remarks),
    )


def exit_status(verdict: Verdict, settings: Settings, *, is_reported: bool) -> ExitStatus:
    """Return the exit status of the step; `is_reported`: whether a check run has the verdict."""
    passes = verdict.conclusion.passes or verdict.tests_passed
    fails_with_tests = settings.fail_job or not is_reported
    return ExitStatus.FAILED if verdict.fails_step or (fails_with_tests and not passes) else ExitStatus.PASSED


def _step_passes(reason: ConclusionReason) -> bool:
    return reason.conclusion.passes or reason.tests_passed


def _has_run_all(session: Session) -> bool:
    """Whether there are tests, and all that were collected have finished."""
    return 0 < session.total >= (session.collected or 0) and not session.running_items


def _is_all_skipped(session: Session) -> bool:
    """Whether tests were skipped, and none has another result; repeated attempts do not count."""
    return {outcome for outcome, number in session.counts.items() if number} - {Outcome.RERUN} == {Outcome.SKIPPED}


def _reasons_from_tests(session: Session, settings: Settings) -> Iterator[ConclusionReason]:
    if has_collection_errors(session):
        others_ran = "Tests that could not be collected did not run."
        not_run = others_ran if session.items else "No test ran, because some could not be collected."
        remark = Remark(text=f"{not_run} Each error is annotated where it occurred.")
        yield ConclusionReason(conclusion=Conclusion.ACTION_REQUIRED, name="collection failed", remarks=(remark,))
    if session.not_collected:
        text = "These tests failed in the previous run and were not collected in this one. Their results are unknown:"
        remark = Remark(text=text, quoted=truncate_lines(session.not_collected, LINES_QUOTED))
        name = f"{pluralize(len(session.not_collected), 'failed test')} not collected"
        yield ConclusionReason(conclusion=Conclusion.ACTION_REQUIRED, name=name, remarks=(remark,))
    if settings.fail_on_flaky and session.flaky_items:
        text = "These tests failed before they passed, and `fail-on-flaky` is set:"
        remark = Remark(text=text, quoted=truncate_lines((item.nodeid for item in session.flaky_items), LINES_QUOTED))
        name = pluralize(len(session.flaky_items), "flaky test")
        yield ConclusionReason(conclusion=Conclusion.FAILURE, name=name, remarks=(remark,))
    if session.exit_status == ExitCode.OK and _is_all_skipped(session):
        text = "Every test was skipped. To fail the check in this case, set `no-tests: failure`."
        conclusion = Conclusion.FAILURE if settings.no_tests is Conclusion.FAILURE else Conclusion.NEUTRAL
        yield ConclusionReason(conclusion=conclusion, remarks=(Remark(text=text),), ranks_as=Conclusion.NEUTRAL)
    if session.lost_records:
        text = (
            f"{pluralize(session.lost_records, 'record')} of the tests' results could not be read. "
            "Results may be missing here."
        )
        yield ConclusionReason(conclusion=Conclusion.SUCCESS, remarks=(Remark(text=text),))
