"""Which check runs have a record that later runs believe."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.core.github.external_id import compose
from checks.core.github.parse_run import parse_run
from checks.core.history.record_text import render
from checks.core.history.trusted_record import record_of_run
from checks.core.model.check_run import Status
from checks.core.model.identity import Identity, RunKind
from checks.core.model.session import CarriedOverCounts
from tests.support.records import large_record
from tests.support.rules import rule

RECORD = large_record(30, failures=3, skips=2)
IDENTITY = Identity(workflow="tests.yml", run_id="4711", kind=RunKind.COMPLETE, counts=RECORD.counts)
BODY = {
    "id": 8,
    "name": "pytest",
    "head_sha": "a" * 40,
    "status": "completed",
    "external_id": compose(IDENTITY),
    "output": {"text": f"### Passed\n\n{render(RECORD)}\n"},
}


def with_kind(kind: RunKind) -> dict[str, str]:
    return {"external_id": compose(replace(IDENTITY, kind=kind))}


def with_text(text: str) -> dict[str, dict[str, str]]:
    return {"output": {"text": text}}


ABSENT: dict[str, tuple[dict[str, Any], str]] = {
    "in progress": ({"status": Status.IN_PROGRESS.value}, "is not completed"),
    "another project's": ({"external_id": "ci-4711"}, "was not created by this action"),
    "of a fork": (with_kind(RunKind.FORK), "has the results of a fork"),
    "published": (with_kind(RunKind.PUBLISHED), "has published results"),
    "republished": (with_kind(RunKind.REPUBLISHED), "only repeats a verdict"),
    "incomplete": (with_kind(RunKind.TESTS), "has incomplete results"),
    "queued for a re-run": (with_kind(RunKind.PLACEHOLDER), "has incomplete results"),
    "without text": (with_text(""), "has no record of its results"),
    "without a record": (with_text("### Passed"), "has no record of its results"),
    "with a record that is not the last line": (with_text(f"{render(RECORD)}\nx"), "has no record of its results"),
    "of another version": (
        with_text(render(RECORD).replace("record 1", "record 2")),
        "has a record of another version of this action",
    ),
    "with another run's record": (
        with_text(render(replace(RECORD, counts=CarriedOverCounts(failed=2)))),
        "has a record with other counts",
    ),
    "a re-run without the earlier record": (
        with_text(render(replace(RECORD, is_partial=True))),
        "lacks the results of an earlier run",
    ),
}


@rule("Record: read by a later run")
def test_record_of_a_complete_check_run_is_believed() -> None:
    run = parse_run(BODY)
    assert run is not None
    assert record_of_run(run) == RECORD
    assert run.output.text == "### Passed"


@rule("Record: a check run that is in progress, incomplete")
@pytest.mark.parametrize(("changes", "reason"), ABSENT.values(), ids=ABSENT)
def test_other_check_runs_say_why_they_have_no_record(changes: dict[str, Any], reason: str) -> None:
    run = parse_run(BODY | changes)
    assert run is not None
    assert record_of_run(run) == reason
