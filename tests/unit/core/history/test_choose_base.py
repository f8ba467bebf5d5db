"""Which check run of the base commit is compared with, and why none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.core.history.base_commit import BaseCommit
from checks.core.history.choose_base import choose_base
from checks.core.model.check_run import Conclusion, Output, RemoteCheckRun, Status
from checks.core.model.history import Base, NoBase, Record
from checks.core.model.identity import Identity, RunKind
from tests.support.rerun.check_runs import OPEN, REMOTE
from tests.support.rules import rule

NAME = "pytest (unit)"
OWN = replace(OPEN, name=NAME, identity=Identity(workflow=".github/workflows/tests.yml", run_id="9", category="unit"))
IDENTITY = Identity(workflow="tests.yml", run_id="1", category="unit", kind=RunKind.COMPLETE)
AT = BaseCommit(commit="c0ffee1" + "0" * 33, branch="main")
RECORD = Record(total=3)


def run(number: int = 1, *, status: Status = Status.COMPLETED, name: str = NAME, **identity: Any) -> RemoteCheckRun:
    conclusion = Conclusion.FAILURE if status is Status.COMPLETED else None
    page, output = f"https://github.test/runs/{number}", Output(title="", summary="", text=f"text {number}")
    return replace(
        REMOTE,
        id=str(number),
        name=name,
        status=status,
        conclusion=conclusion,
        page=page,
        output=output,
        identity=replace(IDENTITY, **identity),
    )


def read(remote: RemoteCheckRun) -> Record | str:
    is_complete = remote.identity is not None and remote.identity.kind is RunKind.COMPLETE
    return RECORD if is_complete else "has incomplete results"


RUNNING = run(2, status=Status.IN_PROGRESS, kind=RunKind.TESTS)
QUEUED = run(3, status=Status.QUEUED, kind=RunKind.PLACEHOLDER, earlier="1")
CANCELLED = replace(run(4, kind=RunKind.TESTS, earlier="1"), conclusion=Conclusion.CANCELLED)

CHOSEN: dict[str, tuple[RemoteCheckRun, ...]] = {
    "the only one": (run(1),),
    "the newest of two": (run(7), run(1)),
    "before a re-run that runs": (run(1), RUNNING),
    "before a re-run that is queued": (run(1), QUEUED),
    "before a re-run that was cancelled": (run(1), CANCELLED),
    "before a repeated verdict": (run(1), run(5, kind=RunKind.REPUBLISHED, earlier="1")),
    "before a request that was refused": (run(1), run(5, kind=RunKind.PLACEHOLDER, earlier="1")),
    "before one that no job claimed": (run(1), run(5, kind=RunKind.EXPECTED)),
    "beside another category": (run(1), run(5, category="slow")),
    "beside another workflow": (run(1), run(5, workflow="nightly.yml")),
    "beside another name": (run(1), run(5, name="pytest")),
    "beside one without our external id": (run(1), replace(run(5), identity=None)),
    "beside a fork's": (run(1), run(5, kind=RunKind.FORK)),
    "beside that of a merge of the commit": (run(1), run(5, tested="d" * 40)),
}


@rule("The base: several check runs of the name")
@rule("Posing as the base: a newer check run on the base")
@pytest.mark.parametrize("runs", CHOSEN.values(), ids=CHOSEN)
def test_newest_completed_run_with_results_is_the_base(runs: tuple[RemoteCheckRun, ...]) -> None:
    page = "https://github.test/runs/1"
    expected = Base(commit=AT.commit, branch="main", page=page, record=RECORD, text="text 1")
    assert choose_base(runs, AT, OWN, read) == expected


UNUSABLE = "the check run of main at c0ffee1 "
REASONS: dict[str, tuple[tuple[RemoteCheckRun, ...], str]] = {
    "none": ((), "main at c0ffee1 has no check run of this name"),
    "another category's": ((run(category="slow"),), "main at c0ffee1 has no check run of this name"),
    "another's": ((replace(run(), identity=None),), "main at c0ffee1 has no check run of this name"),
    "running": ((RUNNING,), f"{UNUSABLE}is not completed yet"),
    "queued after a cancelled one": ((CANCELLED, QUEUED), f"{UNUSABLE}is not completed yet"),
    "cancelled": ((CANCELLED,), f"{UNUSABLE}has no results"),
    "a fork's": ((run(kind=RunKind.FORK),), f"{UNUSABLE}has the results of a fork"),
    "of its merge": ((run(tested="d" * 40),), f"{UNUSABLE}has the results of a merge of the commit"),
    "incomplete": ((run(kind=RunKind.TESTS),), f"{UNUSABLE}has incomplete results"),
    "incomplete after a complete one": ((run(1), run(2, kind=RunKind.TESTS)), f"{UNUSABLE}has incomplete results"),
}


@rule("The base: the base has no check run of the name")
@pytest.mark.parametrize(("runs", "reason"), REASONS.values(), ids=REASONS)
def test_no_base_has_a_reason(runs: tuple[RemoteCheckRun, ...], reason: str) -> None:
    assert choose_base(runs, AT, OWN, read) == NoBase(reason=reason)


def test_commit_on_an_unknown_branch_is_named_alone() -> None:
    reason = "commit c0ffee1 has no check run of this name"
    assert choose_base((), replace(AT, branch=""), OWN, read) == NoBase(reason=reason)
