"""A person's request about a manual check, and the check run or result that it leads to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.manual.decide import decide_request, has_verdict
from checks.core.manual.record import record_of_run
from checks.core.model.check_run import CheckRun, Conclusion, RemoteCheckRun, Status
from checks.core.model.delivery import DeliveryResult
from checks.core.model.identity import Identity, RunKind
from checks.core.model.manual import ManualRecord, VerdictAction, VerdictRequest, VerdictSource
from tests.unit.core.manual.manual_runs import (
    FAILED,
    PASSED,
    REQUEST,
    WAITING,
    WITHDRAWN,
    following,
    manual_remote,
)

PASS = REQUEST
FAIL = replace(REQUEST, action=VerdictAction.FAIL)
UNDO = replace(REQUEST, action=VerdictAction.UNDO, event="12")
NATIVE = replace(UNDO, source=VerdictSource.RERUN)
COMMENT = replace(REQUEST, source=VerdictSource.COMMENT, event="4711")
TERMINAL = replace(REQUEST, source=VerdictSource.TERMINAL, event="")
FIRST = manual_remote()


def decide(
    request: VerdictRequest, run: RemoteCheckRun, *others: RemoteCheckRun
) -> tuple[Conclusion | None, VerdictAction | None] | str:
    """Return the conclusion and the recorded action of the new run; else the result as one text."""
    decision = decide_request(request, run, (run, *others))
    if isinstance(decision, DeliveryResult):
        return f"{decision.status}: {decision.reason}"
    return decision.conclusion, VerdictAction(decision.identity.job)


@pytest.mark.parametrize(
    ("request_", "record", "expected"),
    [
        (PASS, WAITING, (Conclusion.SUCCESS, VerdictAction.PASS)),
        (FAIL, WAITING, (Conclusion.FAILURE, VerdictAction.FAIL)),
        (PASS, WITHDRAWN, (Conclusion.SUCCESS, VerdictAction.PASS)),
        (UNDO, FAILED, (Conclusion.ACTION_REQUIRED, VerdictAction.UNDO)),
        (NATIVE, PASSED, (Conclusion.ACTION_REQUIRED, VerdictAction.UNDO)),
        (NATIVE, WAITING, (Conclusion.ACTION_REQUIRED, VerdictAction.UNDO)),
        (UNDO, WAITING, "done: it already waits for a verdict"),
        (replace(COMMENT, action=VerdictAction.FAIL), PASSED, (Conclusion.FAILURE, VerdictAction.FAIL)),
        (TERMINAL, WAITING, (Conclusion.SUCCESS, VerdictAction.PASS)),
    ],
)
def test_request_leads_to_a_run(request_: VerdictRequest, record: ManualRecord, expected: object) -> None:
    run = FIRST if record is WAITING else following(FIRST, record, "20")
    assert decide(replace(request_, event=request_.event and "77"), run) == expected


@pytest.mark.parametrize(
    ("request_", "others", "expected"),
    [
        (PASS, [following(FIRST, PASSED)], "done: it was already answered by check run 12"),
        (FAIL, [following(FIRST, PASSED)], "refused: check run 12 of this check is newer: Passed by octocat"),
        (PASS, [following(FIRST, FAILED)], "refused: check run 12 of this check is newer: Failed by octocat"),
        (PASS, [following(FIRST, WAITING)], "refused: check run 12 of this check is newer: Waiting for a verdict"),
        (PASS, [manual_remote(WAITING, id="15")], "refused: check run 15 of this check is newer"),
        (
            COMMENT,
            [following(FIRST, replace(PASSED, request=COMMENT)), following(FIRST, WITHDRAWN, "13")],
            "done: it was already answered by check run 12",
        ),
        (
            COMMENT,
            [following(FIRST, replace(PASSED, request=replace(COMMENT, event="4712")))],
            "refused: check run 12 of this check is newer: Passed by octocat",
        ),
    ],
)
def test_request_that_came_late_or_twice_leads_to_none(
    request_: VerdictRequest, others: list[RemoteCheckRun], expected: str
) -> None:
    assert decide(request_, FIRST, *others) == expected


def test_second_verdict_from_a_terminal_is_another_one() -> None:
    earlier = following(FIRST, replace(PASSED, request=TERMINAL))
    latest = following(earlier, WITHDRAWN, "13")
    decision = decide_request(TERMINAL, latest, (FIRST, earlier, latest))
    assert isinstance(decision, CheckRun)


@pytest.mark.parametrize(
    "run",
    [
        manual_remote(identity=None),
        manual_remote(identity=Identity(kind=RunKind.COMPLETE)),
        replace(FIRST, output=replace(FIRST.output, record="")),
    ],
)
def test_run_without_a_record_is_no_manual_check(run: RemoteCheckRun) -> None:
    assert decide(PASS, run) == "refused: it is not a manual check of this version of the action"


def test_run_is_decided_on_as_github_has_it_now() -> None:
    old = replace(FIRST, status=Status.QUEUED, output=replace(FIRST.output, record=""))
    decision = decide_request(PASS, old, (FIRST,))
    assert isinstance(decision, CheckRun)
    assert decision.output.text == "Press **start**."


def test_record_keeps_instructions_and_fork() -> None:
    run = manual_remote(replace(WAITING, is_fork=True))
    decision = decide_request(PASS, run, (run,))
    assert isinstance(decision, CheckRun)
    record = record_of_run(manual_remote(output=decision.output))
    assert record == replace(PASSED, is_fork=True)


@pytest.mark.parametrize(
    ("record", "request_", "expected"),
    [
        (PASSED, TERMINAL, True),
        (FAILED, replace(TERMINAL, action=VerdictAction.FAIL), True),
        (FAILED, replace(TERMINAL, action=VerdictAction.FAIL, reason="no sound"), True),
        (FAILED, replace(TERMINAL, action=VerdictAction.FAIL, reason="no light"), False),
        (WITHDRAWN, replace(TERMINAL, action=VerdictAction.UNDO), True),
        (PASSED, replace(TERMINAL, by="hubot"), False),
        (PASSED, replace(TERMINAL, action=VerdictAction.FAIL), False),
        (WAITING, replace(TERMINAL, action=VerdictAction.UNDO), False),
        (replace(PASSED, commit="b" * 40), TERMINAL, False),
    ],
)
def test_same_verdict_of_the_same_person_is_known(
    record: ManualRecord, request_: VerdictRequest, *, expected: bool
) -> None:
    assert has_verdict(manual_remote(record), request_) is expected
