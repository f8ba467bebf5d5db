"""Which placeholder runs share a workflow run that only the newest of them names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.core.model.check_run import Conclusion, RemoteCheckRun, Status
from checks.core.model.identity import Identity, RunKind
from checks.core.rerun.shared_dispatch import waiting_for_dispatch, with_shared_dispatches
from tests.support.rerun.check_runs import REMOTE


def run(number: int, run_id: str = "", status: Status = Status.QUEUED, **parts: Any) -> RemoteCheckRun:
    """Return a placeholder run, or what became of one."""
    kind = RunKind.PLACEHOLDER if status is Status.QUEUED else RunKind.TESTS
    identity = Identity(**{"workflow": "tests.yml", "run_id": run_id, "kind": kind, "earlier": "1", **parts})
    return replace(
        REMOTE,
        id=str(number),
        name=f"pytest ({number})",
        identity=identity,
        status=status,
        conclusion=Conclusion.SUCCESS if status is Status.COMPLETED else None,
    )


CASES: dict[str, tuple[list[RemoteCheckRun], dict[str, str]]] = {
    "alone": ([run(8)], {"8": ""}),
    "the newest names it": ([run(8), run(9), run(10, "18")], {"8": "18", "9": "18", "10": "18"}),
    "in any order": ([run(10, "18"), run(8)], {"8": "18", "10": "18"}),
    "the newest was claimed": ([run(8), run(9, "18", Status.IN_PROGRESS)], {"8": "18", "9": "18"}),
    "the newest has run": ([run(8), run(9, "18", Status.COMPLETED)], {"8": "18", "9": "18"}),
    "the next newer one counts": ([run(8), run(9, "18"), run(10), run(11, "19")], {"8": "18", "10": "19"}),
    "only an older one names one": ([run(8, "18"), run(9)], {"8": "18", "9": ""}),
    "another workflow": ([run(8), run(9, "18", workflow="lint.yml")], {"8": ""}),
    "another tested commit": ([run(8), run(9, "18", tested="b" * 40)], {"8": ""}),
    "a first run": ([run(8), run(9, "18", Status.IN_PROGRESS, earlier="")], {"8": ""}),
}


@pytest.mark.parametrize(("runs", "run_ids"), CASES.values(), ids=CASES)
def test_older_run_shares_the_workflow_run_of_a_newer_one(runs: list[RemoteCheckRun], run_ids: dict[str, str]) -> None:
    found = {item.id: item.identity.run_id for item in with_shared_dispatches(runs, runs) if item.identity}
    assert found | run_ids == found


def test_only_queued_placeholders_wait() -> None:
    ended, expected = run(9, status=Status.COMPLETED), run(10, kind=RunKind.EXPECTED)
    assert waiting_for_dispatch([run(8), ended, expected, run(11, "18")]) == [run(8)]
