"""Which placeholder run the job of a re-run claims: the table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.model.check_run import Conclusion, RemoteCheckRun, Status
from checks.core.model.identity import UNKNOWN_RUN_ID, Identity, RunKind
from checks.core.model.rerun import CategoryRerun, RerunScope
from checks.core.rerun.claim import AlreadyClaimed, Claim, CreateNew, decide_claim
from tests.support.rerun.check_runs import REMOTE
from tests.support.rules import rule

OWN = Identity(workflow="tests.yml", run_id="18", job="pytest", category="unit", earlier="1")
CATEGORY_RERUN = CategoryRerun(category="unit", name="pytest (unit)", queued="8", earlier="1", scope=RerunScope.FAILED)
NOT_QUEUED = AlreadyClaimed(
    reason="the check run queued for this re-run is not queued any more: its tests are running, or have run"
)
STARTED_FOR_OTHER = AlreadyClaimed(reason="workflow run 19 was started for this re-run", run_id="19")
STATES = {
    "queued": (Status.QUEUED, None),
    "running": (Status.IN_PROGRESS, None),
    "completed": (Status.COMPLETED, Conclusion.CANCELLED),
}


def run(number: int, state: str = "queued", **of: Any) -> RemoteCheckRun:
    """Return a placeholder run. `of` has the parts of its identity, or `identity`."""
    parts: dict[str, Any] = {
        "workflow": "tests.yml",
        "attempt": 0,
        "category": "unit",
        "kind": RunKind.PLACEHOLDER,
        "earlier": "1",
    } | of
    status, conclusion = STATES[state]
    identity = of["identity"] if "identity" in of else Identity(**parts)
    return replace(REMOTE, id=str(number), identity=identity, status=status, conclusion=conclusion)


def job(number: int, state: str = "running", **of: Any) -> RemoteCheckRun:
    """Return the check run of a job that claimed it."""
    return run(number, state, **({"run_id": "18", "attempt": 1, "job": "pytest", "kind": RunKind.TESTS} | of))


FIRST = run(1, "completed", run_id="17", attempt=1, job="pytest", kind=RunKind.COMPLETE, earlier="")
MARKED, UNMARKED, UNKNOWN = run(8, run_id="18"), run(8), run(8, run_id="0")
FOR_OTHER = run(8, run_id="19")
ENDED = run(8, "completed", run_id="18")
SECOND_ATTEMPT = {"attempt": 2}

CASES: dict[str, tuple[dict[str, Any], list[RemoteCheckRun], Claim | CreateNew | AlreadyClaimed]] = {
    "nothing is there": ({}, [], NOT_QUEUED),
    "only the earlier run": ({}, [FIRST], NOT_QUEUED),
    "queued for us": ({}, [FIRST, MARKED], Claim(run=MARKED)),
    "queued, not yet marked": ({}, [FIRST, UNMARKED], Claim(run=UNMARKED)),
    "queued, by a server that names no run": ({}, [FIRST, UNKNOWN], Claim(run=UNKNOWN)),
    "queued for us, who have no job's name": ({"job": ""}, [FIRST, MARKED], Claim(run=MARKED)),
    "queued for another workflow run": ({}, [FIRST, FOR_OTHER], STARTED_FOR_OTHER),
    "queued for another earlier run": ({}, [FIRST, run(8, earlier="2")], NOT_QUEUED),
    "queued since the push": ({}, [FIRST, run(8, kind=RunKind.EXPECTED, earlier="")], NOT_QUEUED),
    "queued by somebody else": ({}, [FIRST, run(8, identity=None)], NOT_QUEUED),
    "another job has it": ({}, [FIRST, job(8, run_id="19")], NOT_QUEUED),
    "another job has claimed it": ({}, [FIRST, job(8, job="other")], NOT_QUEUED),
    "it was ended by mistake": ({}, [FIRST, ENDED], CreateNew()),
    "it was ended with another's workflow run": ({}, [FIRST, run(8, "completed", run_id="19")], NOT_QUEUED),
    "it has run": ({}, [FIRST, job(8, "completed", kind=RunKind.COMPLETE)], NOT_QUEUED),
    "its verdict was repeated": ({}, [FIRST, run(8, "completed", kind=RunKind.REPUBLISHED)], NOT_QUEUED),
    # two receivers at once
    "two, the newer is ours": (
        {},
        [FIRST, FOR_OTHER, run(9, run_id="18")],
        Claim(run=run(9, run_id="18"), duplicates=(FOR_OTHER,)),
    ),
    "two, the older is ours": ({}, [FIRST, MARKED, run(9, run_id="19")], STARTED_FOR_OTHER),
    "two, not yet marked": ({}, [FIRST, UNMARKED, run(9)], Claim(run=run(9), duplicates=(UNMARKED,))),
    "two, the newer is not yet marked": ({}, [FIRST, MARKED, run(9)], Claim(run=run(9), duplicates=(MARKED,))),
    "two, in whatever order they are listed": (
        {},
        [run(10), UNMARKED, FIRST],
        Claim(run=run(10), duplicates=(UNMARKED,)),
    ),
    "three": (
        {},
        [FIRST, UNMARKED, run(9), run(10, run_id="18")],
        Claim(run=run(10, run_id="18"), duplicates=(UNMARKED, run(9))),
    ),
    "two, the newer runs": ({}, [FIRST, MARKED, job(9, run_id="19")], Claim(run=MARKED)),
    "two, the newer was ended": ({}, [FIRST, MARKED, run(9, "completed", run_id="19")], Claim(run=MARKED)),
    # GitHub's "Re-run jobs"
    "a former attempt has it": (SECOND_ATTEMPT, [FIRST, job(8)], CreateNew()),
    "a former attempt has completed it": (
        SECOND_ATTEMPT,
        [FIRST, job(8, "completed", kind=RunKind.COMPLETE)],
        CreateNew(),
    ),
    "two former attempts": ({"attempt": 3}, [FIRST, job(8, "completed"), job(9, attempt=2)], CreateNew()),
    "a former attempt of another job has it": (SECOND_ATTEMPT, [FIRST, job(8, job="other")], NOT_QUEUED),
    "a former attempt of another workflow run has it": (SECOND_ATTEMPT, [FIRST, job(8, run_id="19")], NOT_QUEUED),
    "a former attempt never came to it": (SECOND_ATTEMPT, [FIRST, MARKED], Claim(run=MARKED)),
    "it was ended with the former attempt": (SECOND_ATTEMPT, [FIRST, ENDED], CreateNew()),
    "it was ended, and asked for again": (SECOND_ATTEMPT, [FIRST, ENDED, run(9)], Claim(run=run(9))),
    "it was ended, and another job has run it": (SECOND_ATTEMPT, [FIRST, ENDED, job(9, run_id="19")], NOT_QUEUED),
    "it was ended with one that may have been ours": (
        {},
        [FIRST, run(8, "completed", run_id=UNKNOWN_RUN_ID)],
        CreateNew(),
    ),
    "and another job has run it": ({}, [run(8, "completed", run_id=UNKNOWN_RUN_ID), job(9, run_id="19")], NOT_QUEUED),
    "it was never started, as GitHub would not": ({}, [FIRST, run(8, "completed", run_id="")], NOT_QUEUED),
    "it was ended with another workflow run": (SECOND_ATTEMPT, [run(8, "completed", run_id="19")], NOT_QUEUED),
    "this attempt has it": (SECOND_ATTEMPT, [FIRST, job(8, attempt=2)], NOT_QUEUED),
    "a later attempt has it": ({}, [FIRST, job(8, attempt=2)], NOT_QUEUED),
}


@rule("The job: there is a queued check for the job")
@pytest.mark.parametrize(("changes", "existing_runs", "expected"), CASES.values(), ids=CASES)
def test_decide_claim_follows_the_table(
    changes: dict[str, Any], existing_runs: list[RemoteCheckRun], expected: Claim | CreateNew | AlreadyClaimed
) -> None:
    assert decide_claim(replace(OWN, **changes), CATEGORY_RERUN, existing_runs) == expected


@rule("The job: its check waits for a workflow run that is over")
def test_run_that_waits_for_an_ended_workflow_run_is_claimed() -> None:
    assert decide_claim(OWN, CATEGORY_RERUN, [FIRST, FOR_OTHER], {"19"}) == Claim(run=FOR_OTHER)
    assert decide_claim(OWN, CATEGORY_RERUN, [FIRST, FOR_OTHER], {"20"}) == STARTED_FOR_OTHER


RUNS = st.builds(
    run,
    st.integers(1, 10**19),
    st.sampled_from(sorted(STATES)),
    run_id=st.sampled_from(["", "0", "18", "19"]),
    attempt=st.integers(0, 3),
    kind=st.sampled_from(RunKind),
    job=st.sampled_from(["", "pytest"]),
    earlier=st.sampled_from(["", "1", "2"]),
)


@given(st.lists(RUNS, max_size=6, unique_by=lambda item: item.id), st.integers(1, 3))
def test_only_matching_placeholders_are_claimed_or_closed(existing_runs: list[RemoteCheckRun], attempt: int) -> None:
    found = decide_claim(replace(OWN, attempt=attempt), CATEGORY_RERUN, existing_runs)
    if isinstance(found, Claim):
        for item in (found.run, *found.duplicates):
            external_id = item.identity
            assert external_id is not None
            assert (external_id.kind, external_id.earlier, item.status) == (RunKind.PLACEHOLDER, "1", Status.QUEUED)
        assert all(int(found.run.id) > int(other.id) for other in found.duplicates)


@given(st.lists(RUNS, max_size=4, unique_by=lambda item: item.id))
def test_claimed_run_is_not_claimed_again(existing_runs: list[RemoteCheckRun]) -> None:
    found = decide_claim(OWN, CATEGORY_RERUN, existing_runs)
    if isinstance(found, Claim):
        claimed_states = {item.id: "completed" for item in found.duplicates} | {found.run.id: "running"}
        after = [
            job(int(item.id), claimed_states[item.id]) if item.id in claimed_states else item for item in existing_runs
        ]
        for run_id in ("18", "19"):
            assert isinstance(decide_claim(replace(OWN, run_id=run_id), CATEGORY_RERUN, after), AlreadyClaimed)
