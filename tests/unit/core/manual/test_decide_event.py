"""Events about manual checks, and the check runs that they lead to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.manual.decide_event import (
    CreateManualRuns,
    create_for_fork,
    decide_click,
    of_tests,
    repeat_for_suite,
)
from checks.core.model.check_run import CheckRun, RemoteCheckRun, Status
from checks.core.model.delivery import DeliveryResult
from checks.core.model.identity import Identity, RunKind
from checks.core.model.intents import ForkUpdated, RepositoryRef, SuiteRerequested, VerdictRequested
from checks.core.model.manual import ManualRecord, VerdictAction
from tests.unit.core.manual.manual_runs import COMMIT, FAILED, PASSED, WAITING, WITHDRAWN, following, manual_remote

REPOSITORY_REF = RepositoryRef(full_name="octo/demo", installation_id=42)
FIRST = manual_remote()
NOW = FIRST.started_at + 600.0
ASKED_AT = NOW - 5.0
UNDO_TITLE = "Waiting for a verdict again"
NONE_MISSING = "done: no manual check of the base commit is missing"
OF_TESTS = manual_remote(id="20", name="pytest (unit)", identity=Identity(kind=RunKind.COMPLETE))
FORK = ForkUpdated(repository_ref=REPOSITORY_REF, pull_request=12, head_sha="f" * 40, base_sha=COMMIT)


def titles(decision: CreateManualRuns | DeliveryResult | None) -> list[str] | str:
    """Return the titles of the runs to create; else the result as one text."""
    if isinstance(decision, CreateManualRuns):
        return [run.output.title for run in decision.runs]
    return f"{decision.status}: {decision.reason}" if decision else "none"


def remote(run: CheckRun, run_id: str) -> RemoteCheckRun:
    """Return a run that was created, as the API returns it."""
    return manual_remote(
        id=run_id,
        name=run.name,
        head_sha=run.head_sha,
        identity=run.identity,
        conclusion=run.conclusion,
        output=run.output,
        started_at=run.started_at,
    )


def click(
    action: VerdictAction = VerdictAction.PASS, run: RemoteCheckRun = FIRST, *, is_native: bool = False
) -> VerdictRequested:
    return VerdictRequested(
        repository_ref=REPOSITORY_REF, sender="octocat", run=run, action=action, is_native=is_native
    )


NATIVE = click(VerdictAction.UNDO, is_native=True)
READER = "@octocat has no write access to this repository (read)"


@pytest.mark.parametrize(
    ("intent", "permission", "runs", "expected"),
    [
        (click(), "write", [FIRST], ["Passed by octocat"]),
        (click(), "maintain", [FIRST], ["Passed by octocat"]),
        (click(), "admin", [], ["Passed by octocat"]),
        (click(VerdictAction.FAIL), "write", [FIRST], ["Failed by octocat"]),
        (click(VerdictAction.UNDO), "write", [FIRST], "done: it already waits for a verdict"),
        (click(), "read", [FIRST], f"refused: {READER}"),
        (click(), "triage", [FIRST], f"refused: {READER.replace('read', 'triage')}"),
        (click(), "none", [FIRST], f"refused: {READER.replace('read', 'none')}"),
        (click(), "", [FIRST], f"refused: {READER.replace('read', '')}"),
        (click(), "write", [FIRST, following(FIRST, PASSED)], "done: it was already answered by check run 12"),
        (NATIVE, "write", [FIRST], [UNDO_TITLE]),
        (NATIVE, "write", [replace(FIRST, status=Status.QUEUED, conclusion=None)], [UNDO_TITLE]),
        (NATIVE, "read", [FIRST], ["Waiting for a verdict"]),
        (NATIVE, "read", [manual_remote(PASSED)], ["Passed by octocat"]),
        (NATIVE, "read", [manual_remote(WITHDRAWN)], [UNDO_TITLE]),
        (NATIVE, "read", [FIRST, following(FIRST, WAITING)], "done: it was already answered by check run 12"),
        (NATIVE, "read", [FIRST, manual_remote(PASSED, id="15")], f"refused: {READER}"),
        (NATIVE, "read", [replace(FIRST, output=replace(FIRST.output, record=""))], f"refused: {READER}"),
    ],
)
def test_click_leads_to_a_run_or_to_none(
    intent: VerdictRequested, permission: str, runs: list[RemoteCheckRun], expected: object
) -> None:
    assert titles(decide_click(intent, permission, runs, NOW)) == expected


def test_repeated_state_keeps_its_record_and_says_why() -> None:
    decision = decide_click(NATIVE, "read", [manual_remote(FAILED)], NOW)
    assert isinstance(decision, CreateManualRuns)
    (run,) = decision.runs
    assert (run.identity.earlier, run.identity.job, run.identity.kind) == ("11", "", RunKind.MANUAL)
    assert run.output.record == manual_remote(FAILED).output.record
    assert "did not ask for a verdict again: @\u200boctocat has no write access" in run.output.summary
    assert decision.result.reason == READER


def suite(asked_at: float = ASKED_AT) -> SuiteRerequested:
    return SuiteRerequested(
        repository_ref=REPOSITORY_REF, sender="octocat", head_sha=COMMIT, head_branch="topic", asked_at=asked_at
    )


def test_suite_repeats_the_newest_state_of_each_manual_check() -> None:
    page = manual_remote(FAILED, id="30", name="pytest (page)")
    decision = repeat_for_suite(suite(), [FIRST, following(FIRST, PASSED), OF_TESTS, page], NOW)
    assert titles(decision) == ["Passed by octocat", "Failed by octocat: no sound"]
    assert isinstance(decision, CreateManualRuns)
    assert [run.identity.earlier for run in decision.runs] == ["12", "30"]
    assert decision.result.reason == "repeated pytest (device), pytest (page)"


@pytest.mark.parametrize("seconds", [-3600.0, 0.0, 3600.0])
def test_suite_is_answered_once_whatever_the_clocks_say(seconds: float) -> None:
    decision = repeat_for_suite(suite(), [FIRST], NOW + seconds)
    assert isinstance(decision, CreateManualRuns)
    repeated = remote(decision.runs[0], "40")
    before = "done: pytest (device): repeated before"
    assert titles(repeat_for_suite(suite(), [FIRST, repeated], NOW)) == before
    undone = following(repeated, WITHDRAWN, "41")
    assert titles(repeat_for_suite(suite(), [FIRST, repeated, undone], NOW)) == before
    assert titles(repeat_for_suite(suite(NOW + 60.0), [FIRST, repeated], NOW)) == ["Waiting for a verdict"]


@pytest.mark.parametrize("runs", [[], [OF_TESTS], [FIRST, replace(OF_TESTS, name=FIRST.name)]])
def test_suite_without_manual_checks_repeats_none(runs: list[RemoteCheckRun]) -> None:
    assert repeat_for_suite(suite(), runs, NOW) is None


def test_checks_of_tests_are_those_whose_newest_run_is() -> None:
    foreign = manual_remote(id="21", name="lint", identity=None)
    former = replace(OF_TESTS, id="5", name=FIRST.name)
    became = manual_remote(id="3", name=OF_TESTS.name)
    assert of_tests([became, former, FIRST, OF_TESTS, foreign]) == (OF_TESTS, foreign)


@pytest.mark.parametrize("record", [WAITING, PASSED, FAILED, WITHDRAWN])
def test_check_of_a_fork_waits_whatever_the_base_has(record: ManualRecord) -> None:
    base = manual_remote(record, identity=replace(FIRST.identity or Identity(), has_commit_status=True))
    decision = create_for_fork(FORK, [base, OF_TESTS], [], NOW)
    assert titles(decision) == ["Waiting for a verdict"]
    assert isinstance(decision, CreateManualRuns)
    (run,) = decision.runs
    assert (run.name, run.head_sha, run.output.text) == (base.name, FORK.head_sha, base.output.text)
    assert run.identity == Identity(
        workflow="manual.yml", attempt=0, category="device", kind=RunKind.MANUAL, has_commit_status=True
    )
    created = remote(run, "50")
    assert titles(create_for_fork(FORK, [base], [created], NOW)) == NONE_MISSING


@pytest.mark.parametrize(
    "head", [OF_TESTS, manual_remote(PASSED), manual_remote(identity=None), replace(OF_TESTS, status=Status.QUEUED)]
)
def test_fork_gets_no_second_check_of_a_name(head: RemoteCheckRun) -> None:
    decision = create_for_fork(FORK, [FIRST], [replace(head, name=FIRST.name)], NOW)
    assert titles(decision) == NONE_MISSING
