"""What a job does about the check runs that its commit has already."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.manual.existing import (
    AskAgain,
    CreateFirstRun,
    JobDecision,
    KeepRun,
    NameConflict,
    RepeatRun,
    decide_existing,
    newest,
)
from checks.core.model.check_run import RemoteCheckRun, Status
from checks.core.model.identity import Identity, RunKind
from tests.unit.core.manual.manual_runs import FAILED, PASSED, WAITING, WITHDRAWN, following, manual_remote

OWN = Identity(workflow="manual.yml", run_id="18", job="manual", category="device", kind=RunKind.MANUAL)
FIRST = manual_remote()
PASS = following(FIRST, PASSED)
RESET = replace(PASS, status=Status.QUEUED)
#: A run that reports an invalid input.
MISTAKE = manual_remote(id="19", identity=replace(OWN, run_id="16", kind=RunKind.TESTS))


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([], CreateFirstRun()),
        ([MISTAKE], CreateFirstRun()),
        ([manual_remote(identity=None)], CreateFirstRun()),
        ([FIRST], KeepRun(run=FIRST, record=WAITING)),
        ([FIRST, PASS], KeepRun(run=PASS, record=PASSED)),
        ([MISTAKE, replace(PASS, id="20")], KeepRun(run=replace(PASS, id="20"), record=PASSED)),
        ([FIRST, PASS, MISTAKE], RepeatRun(run=PASS, record=PASSED)),
        ([FIRST, MISTAKE], RepeatRun(run=FIRST, record=WAITING)),
        ([FIRST, RESET], RepeatRun(run=RESET, record=PASSED)),
        ([FIRST, following(FIRST, WITHDRAWN)], KeepRun(run=following(FIRST, WITHDRAWN), record=WITHDRAWN)),
    ],
)
def test_state_of_the_commit_stays(runs: list[RemoteCheckRun], expected: JobDecision) -> None:
    assert decide_existing(OWN, runs, WAITING.instructions) == expected


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (WAITING, AskAgain),
        (WITHDRAWN, AskAgain),
        (PASSED, KeepRun),
        (FAILED, KeepRun),
    ],
)
def test_other_instructions_ask_again_unless_there_is_a_verdict(record: object, expected: type) -> None:
    run = following(FIRST, record)  # type: ignore[arg-type]  # a record
    assert isinstance(decide_existing(OWN, [FIRST, run], "0123456789ab"), expected)


@pytest.mark.parametrize(
    ("other", "is_conflict"),
    [
        (replace(OWN, job="another"), True),
        (replace(OWN, kind=RunKind.COMPLETE, job="tests"), True),
        (replace(OWN, job="another", run_id="17"), False),
        (replace(OWN, attempt=0, job="manual-pass", run_id="", earlier="11"), False),
    ],
)
def test_another_job_of_the_workflow_run_is_a_conflict(other: Identity, is_conflict: bool) -> None:
    run = manual_remote(identity=other)
    assert isinstance(decide_existing(OWN, [run], WAITING.instructions), NameConflict) is is_conflict


def test_second_attempt_is_no_conflict() -> None:
    run = manual_remote(identity=OWN)
    assert isinstance(decide_existing(replace(OWN, attempt=2), [run], WAITING.instructions), KeepRun)


def test_newest_manual_run_is_found_among_others() -> None:
    assert newest([FIRST, PASS, MISTAKE]) == PASS
    assert newest([MISTAKE]) is None
