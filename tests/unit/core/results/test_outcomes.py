from __future__ import annotations

from typing import Any

import pytest

from checks.core.model.item import Item, Outcome, Stage, StageName
from checks.core.results import json_report
from checks.core.results.outcomes import stage_outcome, take_back, with_lost_attempt

SETUP, CALL, TEARDOWN = StageName.SETUP, StageName.CALL, StageName.TEARDOWN


@pytest.mark.parametrize(
    ("entry", "name", "expected"),
    [
        pytest.param({"outcome": "failed", "category": "skipped"}, CALL, Outcome.FAILED, id="failed, called skipped"),
        pytest.param({"outcome": "failed", "category": "passed"}, CALL, Outcome.FAILED, id="failed, called passed"),
        pytest.param({"outcome": "failed", "category": "xfailed"}, SETUP, Outcome.ERROR, id="failed, called xfailed"),
        pytest.param({"outcome": "failed", "category": ""}, CALL, Outcome.FAILED, id="failed, and silent"),
        pytest.param({"outcome": "failed", "category": "error"}, CALL, Outcome.ERROR, id="failed, called an error"),
        pytest.param({"outcome": "passed", "category": "failed"}, CALL, Outcome.PASSED, id="passed, called failed"),
        pytest.param({"outcome": "skipped", "category": "passed"}, CALL, Outcome.SKIPPED, id="skipped, called passed"),
        pytest.param({"outcome": "skipped", "xfail": True}, CALL, Outcome.XFAILED, id="xfailed"),
        pytest.param(
            {"outcome": "skipped", "xfail": True, "category": "subtests xfailed", "subtest": "a"},
            CALL,
            Outcome.XFAILED,
            id="a subtest that xfailed",
        ),
        pytest.param({"outcome": "passed", "xfail": True, "category": "fine"}, CALL, Outcome.XPASSED, id="xpassed"),
        pytest.param({"outcome": "failed", "xfail": True}, CALL, Outcome.FAILED, id="failed, though marked xfail"),
        pytest.param({"outcome": "retried"}, CALL, Outcome.RERUN, id="a word of a plugin"),
        pytest.param({"outcome": "retried", "category": "passed"}, CALL, Outcome.RERUN, id="the same, called passed"),
        pytest.param({"outcome": ["passed"]}, CALL, Outcome.RERUN, id="no word at all"),
        pytest.param({}, CALL, Outcome.PASSED, id="nothing"),
    ],
)
def test_outcome_is_decided_by_facts(entry: dict[str, Any], name: StageName, expected: Outcome) -> None:
    assert stage_outcome(entry, name, "") is expected


def stage(name: StageName, outcome: Outcome = Outcome.PASSED, subtest: str | None = None, word: str = "") -> Stage:
    return Stage(name=name, outcome=outcome, subtest=subtest, word=word)


def test_repeated_attempt_takes_its_failed_subtests_back() -> None:
    earlier = [stage(CALL, Outcome.FAILED, "a"), stage(TEARDOWN)]
    attempt = [stage(CALL, Outcome.FAILED, "b"), stage(CALL, Outcome.SKIPPED, "c"), stage(SETUP)]
    stages = [*earlier, *attempt, stage(CALL, Outcome.RERUN)]
    take_back(stages)
    assert [(one.subtest, one.outcome) for one in stages if one.subtest] == [
        ("a", Outcome.FAILED),
        ("b", Outcome.RERUN),
        ("c", Outcome.SKIPPED),
    ]
    assert [one.subtest for one in stages if one.is_counted] == ["a", "c", None]


def test_attempt_with_a_word_of_a_plugin_takes_nothing_back() -> None:
    stages = [stage(CALL, Outcome.FAILED, "a"), stage(CALL, Outcome.RERUN, word="retried")]
    take_back(stages)
    assert stages[0].outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("stages", "is_lost"),
    [
        pytest.param([stage(SETUP), stage(CALL, Outcome.RERUN), stage(TEARDOWN)], True, id="call"),
        pytest.param([stage(SETUP, Outcome.RERUN), stage(TEARDOWN)], True, id="setup"),
        pytest.param([stage(SETUP), stage(CALL), stage(TEARDOWN, Outcome.RERUN)], True, id="teardown"),
        pytest.param([stage(SETUP), stage(StageName.CRASHED, Outcome.RERUN)], True, id="crash"),
        pytest.param([stage(CALL, Outcome.RERUN), stage(CALL), stage(TEARDOWN)], False, id="repeated"),
        pytest.param([stage(CALL, Outcome.RERUN), stage(CALL, Outcome.FAILED), stage(TEARDOWN)], False, id="failed"),
        pytest.param([stage(SETUP), stage(CALL, Outcome.RERUN)], False, id="running"),
        pytest.param(
            [stage(SETUP), stage(CALL, Outcome.RERUN, "a"), stage(CALL), stage(TEARDOWN)], False, id="subtest"
        ),
        pytest.param([], False, id="nothing"),
    ],
)
def test_attempt_that_was_not_repeated_is_an_error(stages: list[Stage], is_lost: bool) -> None:
    item = Item(nodeid="a.py::t", stages=tuple(stages))
    completed = with_lost_attempt(item)
    assert (completed is not item) == is_lost
    assert completed.is_finished == item.is_finished


def test_error_names_the_word_of_the_plugin() -> None:
    attempt = {"when": "call", "outcome": "retried", "message": "assert 0"}
    stages = [attempt, {"when": "teardown", "outcome": "passed"}]
    item = json_report.parse_item({"nodeid": "a.py::t", "outcome": "passed", "stages": stages})
    details = item.stages[1].details
    assert details is not None
    assert details.message == "The last result of this test is 'retried', an attempt that was not repeated. assert 0"
