"""Which incomplete check runs nobody else will complete, by the state of their workflow run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.core.model.check_run import Conclusion, Output, RemoteCheckRun, Status
from checks.core.model.identity import UNKNOWN_RUN_ID, Identity, RunKind
from checks.core.rerun.decision import Origin
from checks.core.rerun.orphans import abandoned_runs, completed, open_run_ids, superseded_runs, waiting_for_unknown
from tests.support.rerun.check_runs import REMOTE

PAGE = "https://github.test/octo/demo/actions/runs/18"


def run(status: Status = Status.QUEUED, run_id: str = "18", number: int = 8, **parts: Any) -> RemoteCheckRun:
    """Return a check run on which tests wait, or that they are in."""
    kind = RunKind.PLACEHOLDER if status is Status.QUEUED else RunKind.TESTS
    return replace(
        REMOTE,
        id=str(number),
        identity=Identity(**({"workflow": "tests.yml", "run_id": run_id, "kind": kind} | parts)),
        status=status,
        output=Output(title="3 of 9", summary=""),
        started_at=100.0,
    )


def workflow_run(status: str = "completed", conclusion: str = "failure", attempt: int = 1) -> Origin:
    return Origin(
        repository="octo/demo",
        branch="main",
        head_sha="a" * 40,
        workflow="tests.yml",
        status=status,
        conclusion=conclusion,
        attempt=attempt,
        page=PAGE,
    )


QUEUED, RUNNING = run(), run(Status.IN_PROGRESS)
DONE = replace(RUNNING, status=Status.COMPLETED, conclusion=Conclusion.SUCCESS)
ORPHANS: dict[str, tuple[RemoteCheckRun, Origin | None, Conclusion, str, str]] = {
    "queued, and GitHub could not start it": (
        QUEUED,
        workflow_run(conclusion="startup_failure"),
        Conclusion.ACTION_REQUIRED,
        "No job ran these tests",
        (
            f"The [workflow run]({PAGE}) completed (startup_failure), but GitHub could not start its jobs. Open it to "
            "see why, correct the workflow, then use the buttons of this check run."
        ),
    ),
    "queued, and it was cancelled": (
        QUEUED,
        workflow_run(conclusion="cancelled"),
        Conclusion.CANCELLED,
        "No job ran these tests",
        (
            f"The [workflow run]({PAGE}) completed (cancelled), but none of its jobs ran this category. Make sure that "
            "a job has this category and check name, and that nothing cancels it."
        ),
    ),
    "queued, and it was deleted": (
        QUEUED,
        None,
        Conclusion.ACTION_REQUIRED,
        "No job ran these tests",
        (
            "The workflow run 18 was deleted, but none of its jobs ran this category. Make sure that a job has this "
            "category and check name, and that nothing cancels it."
        ),
    ),
    "in progress, and its machine is gone": (
        RUNNING,
        workflow_run(),
        Conclusion.FAILURE,
        "job lost · 3 of 9",
        (
            f"The [workflow run]({PAGE}) completed (failure), but the job that ran these tests was lost before it "
            "reported."
        ),
    ),
    "of a former attempt": (
        RUNNING,
        workflow_run(conclusion="cancelled", attempt=2),
        Conclusion.CANCELLED,
        "job lost · 3 of 9",
        (
            f"The [workflow run]({PAGE}) completed (cancelled), but the job that ran these tests was lost before it "
            "reported."
        ),
    ),
}
NO_ORPHANS = {
    "it waits for a runner": (QUEUED, {"18": workflow_run("queued", "")}),
    "its tests run": (RUNNING, {"18": workflow_run("in_progress", "")}),
    "the next attempt runs": (RUNNING, {"18": workflow_run("in_progress", "", 2)}),
    "a later attempt's": (run(Status.IN_PROGRESS, attempt=2), {"18": workflow_run()}),
    "it is completed": (DONE, {"18": workflow_run()}),
    "its workflow run was not looked up": (QUEUED, {"19": workflow_run()}),
    "its workflow run may not be read": (QUEUED, {"18": workflow_run("", "")}),
    "put back to queued by GitHub's button": (run(kind=RunKind.COMPLETE), {"18": workflow_run()}),
    "not ours": (replace(RUNNING, identity=None), {"18": workflow_run()}),
}


@pytest.mark.parametrize(("of", "origin", "conclusion", "title", "reason"), ORPHANS.values(), ids=ORPHANS)
def test_run_without_its_workflow_run_is_an_orphan(
    of: RemoteCheckRun, origin: Origin | None, conclusion: Conclusion, title: str, reason: str
) -> None:
    (orphan,) = abandoned_runs([of], {"18": origin})
    assert (orphan.run, orphan.conclusion, orphan.title, orphan.reason) == (of, conclusion, title, reason)
    (after,) = completed([of], [orphan])
    assert (after.status, after.conclusion) == (Status.COMPLETED, conclusion)
    assert list(abandoned_runs([after], {"18": origin})) == []


@pytest.mark.parametrize(("of", "origins"), NO_ORPHANS.values(), ids=NO_ORPHANS)
def test_run_that_may_still_end_is_no_orphan(of: RemoteCheckRun, origins: dict[str, Origin | None]) -> None:
    assert list(abandoned_runs([of], origins)) == []


def test_only_incomplete_runs_have_workflow_runs_to_look_up() -> None:
    undispatched, unknown = run(run_id=""), run(run_id=UNKNOWN_RUN_ID)
    others = [QUEUED, RUNNING, run(run_id="19"), run(run_id="20", kind=RunKind.COMPLETE)]
    assert open_run_ids([replace(DONE, identity=run(run_id="17").identity), undispatched, unknown, *others]) == (
        "18",
        "19",
    )


def test_runs_that_wait_for_an_unnamed_workflow_run_are_known() -> None:
    unknown = run(run_id=UNKNOWN_RUN_ID)
    assert waiting_for_unknown([QUEUED, unknown, run(run_id=""), replace(unknown, status=Status.COMPLETED)]) == (
        unknown,
    )


SUPERSEDED = {
    "a newer run of another workflow run": ([run(run_id=""), run(Status.IN_PROGRESS, "19", 9)], ["8"]),
    "a newer run that is not ours": ([run(run_id=""), replace(run(number=9), identity=None)], ["8"]),
    "a newer one for the same click": ([run(run_id=""), run(run_id="", number=9)], []),
    "an older run": ([run(Status.IN_PROGRESS, "17", 7), run(run_id="")], []),
    "another name": ([run(run_id=""), replace(run(Status.IN_PROGRESS, "19", 9), name="lint")], []),
    "it was dispatched": ([run(), run(Status.IN_PROGRESS, "19", 9)], []),
}


@pytest.mark.parametrize(("runs", "superseded"), SUPERSEDED.values(), ids=SUPERSEDED)
def test_run_never_started_is_superseded_by_a_newer_one(runs: list[RemoteCheckRun], superseded: list[str]) -> None:
    runs = [
        replace(item, identity=replace(item.identity, earlier="1"))
        if item.identity and item.status is Status.QUEUED
        else item
        for item in runs
    ]
    assert [orphan.run.id for orphan in superseded_runs(runs)] == superseded
