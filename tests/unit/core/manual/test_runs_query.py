"""The newest manual run of each commit, in answers of GraphQL."""

from __future__ import annotations

from typing import Any

import pytest

from checks.core.github.external_id import compose
from checks.core.manual.runs_query import newest_runs
from checks.core.model.identity import Identity, RunKind

MANUAL = compose(Identity(workflow="manual.yml", kind=RunKind.MANUAL))
TESTS = compose(Identity(workflow="manual.yml", kind=RunKind.COMPLETE))


def run(run_id: str, second: int, external_id: str = MANUAL) -> dict[str, Any]:
    return {"id": run_id, "startedAt": f"2026-11-27T16:00:{second:02}Z", "externalId": external_id}


def commit(*runs: dict[str, Any], app: int = 4711) -> dict[str, Any]:
    suite = {"app": {"databaseId": app, "clientId": "x"}, "checkRuns": {"nodes": [*runs]}}
    return {"oid": "a" * 40, "checkSuites": {"nodes": [suite]}}


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ([commit(run("b", 2), run("a", 1)), commit(run("c", 1))], ["b", "c"]),
        ([commit(run("a", 1), run("b", 2))], ["b"]),
        ([commit(run("a", 1), run("t", 2, TESTS), run("f", 3, "foreign"))], ["a"]),
        ([commit(run("a", 1), app=4712), commit(), None, {"oid": "a"}, commit(run("c", 1))], ["c"]),
        ([{"checkSuites": {"nodes": [{"app": None, "checkRuns": {"nodes": [run("a", 1)]}}]}}], []),
    ],
)
def test_newest_manual_run_of_each_commit_is_found(nodes: list[Any], expected: list[str]) -> None:
    assert newest_runs({"nodes": nodes}, lambda app: app[0] == "4711") == expected
