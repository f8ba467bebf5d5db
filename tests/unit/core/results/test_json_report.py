from __future__ import annotations

from typing import Any

import pytest

from checks.core.model.item import PLAIN, Details, Item, Location, Outcome, Section
from checks.core.model.session import Session
from checks.core.results import json_report

PASSED = {"outcome": "passed", "duration": 0.1}
CRASH = {"path": "/repo/a.py", "lineno": 7, "message": "assert 1 == 2\n +  where 1 = f()"}


def whole(**test: Any) -> dict[str, Any]:
    return {"root": "/repo", "tests": [{"nodeid": "tests/test_a.py::test_b", "lineno": 4, **test}]}


def only_item(entry: dict[str, Any]) -> Item:
    (item,) = json_report.parse(entry).items
    return item


def test_a_plain_report_becomes_a_session() -> None:
    parsed = json_report.parse(
        {**whole(outcome="passed", setup=PASSED, call=PASSED, teardown=PASSED), "exitcode": 0, "duration": 1.5}
        | {"summary": {"collected": 3, "deselected": 2}}
    )
    assert parsed == Session(
        root="/repo",
        items=(Item(nodeid="tests/test_a.py::test_b", line=5, stages=PLAIN, seconds=sum([0.1] * 3)),),
        collected=1,
        deselected=2,
        duration_seconds=1.5,
        exit_status=0,
    )
    assert parsed.counts == {Outcome.PASSED: 1}


@pytest.mark.parametrize(
    ("stages", "outcomes"),
    [
        pytest.param({"setup": {"outcome": "failed"}}, ["error"], id="setup failed"),
        pytest.param({"teardown": {"outcome": "failed"}}, ["error"], id="teardown failed"),
        pytest.param({"call": {"outcome": "failed"}}, ["failed"], id="call failed"),
        pytest.param({"???": {"outcome": "failed"}}, ["failed"], id="an xdist worker crashed"),
        pytest.param({"setup": {"outcome": "skipped"}}, ["skipped"], id="skipped"),
        pytest.param({"outcome": "xfailed", "call": {"outcome": "skipped"}}, ["xfailed"], id="xfailed"),
        pytest.param({"outcome": "xpassed", "call": {"outcome": "passed"}}, ["xpassed"], id="xpassed"),
        pytest.param({"outcome": "rerun", "call": {"outcome": "passed"}}, ["rerun", "passed"], id="rerun, then passed"),
        pytest.param({"call": {"outcome": "failed", "category": "quarantined"}}, ["failed"], id="a plugin's category"),
        pytest.param(
            {"call": {"outcome": "passed", "category": "subtests passed", "subtest": "(i=1)"}},
            ["passed"],
            id="subtest passed",
        ),
        pytest.param(
            {"call": {"outcome": "skipped", "category": "", "subtest": ""}},
            ["passed"],
            id="a subtest that pytest is silent about",
        ),
    ],
)
def test_an_outcome_is_what_the_last_line_counts(stages: dict[str, Any], outcomes: list[str]) -> None:
    assert [stage.outcome for stage in only_item(whole(**stages)).stages] == outcomes


def test_a_test_that_fails_in_call_and_teardown_is_one_failed_and_one_error() -> None:
    parsed = json_report.parse(whole(outcome="error", call={"outcome": "failed"}, teardown={"outcome": "failed"}))
    assert parsed.counts == {Outcome.FAILED: 1, Outcome.ERROR: 1}
    assert parsed.total == 1


def test_a_failure_of_a_report_without_our_plugin_has_all_that_the_report_says() -> None:
    trace = [{"path": "tests/test_a.py", "lineno": 6, "message": ""}]
    item = only_item(
        whole(
            setup={**PASSED, "stdout": "before\n"},
            call={"outcome": "failed", "crash": CRASH, "traceback": trace, "longrepr": "E   boom"},
        )
    )
    assert item.stages[1].details == Details(
        message="AssertionError: assert 1 == 2",
        locations=(Location(path="tests/test_a.py", line=6), Location(path="/repo/a.py", line=7)),
        traceback="E   boom",
        captured=(Section(title="Captured stdout setup", text="before\n"),),
    )


def test_what_our_plugin_adds_goes_before_what_the_report_has() -> None:
    added = {
        "message": "ValueError: x",
        "places": [["b.py", 3]],
        "text": "whole",
        "sections": [["Captured log call", "l"]],
    }
    item = only_item(whole(call={"outcome": "failed", "crash": CRASH, "longrepr": "E   boom", "stdout": "s", **added}))
    assert item.stages[0].details == Details(
        message="ValueError: x",
        locations=(Location(path="b.py", line=3),),
        traceback="whole",
        captured=(Section(title="Captured log call", text="l"),),
    )


@pytest.mark.parametrize(
    ("entry", "message", "places"),
    [
        pytest.param(
            {"longrepr": "('/repo/a.py', 3, 'Skipped: later')"}, "later", [("/repo/a.py", 3)], id="the text of a tuple"
        ),
        pytest.param(
            {"place": ["/repo/a.py", 3], "reason": 'Skipped: it\'s "so"'}, 'it\'s "so"', [("/repo/a.py", 3)], id="ours"
        ),
        pytest.param({"reason": "reason: imperative"}, "imperative", [], id="pytest.xfail()"),
        pytest.param({"longrepr": "__import__('os')"}, "", [], id="no tuple"),
        pytest.param({"longrepr": "((((" * 200}, "", [], id="nested beyond reason"),
        pytest.param({}, "", [], id="nothing"),
    ],
)
def test_a_skip_has_its_reason_and_place(entry: dict[str, Any], message: str, places: list[tuple[str, int]]) -> None:
    details = only_item(whole(setup={"outcome": "skipped", **entry})).stages[0].details
    assert details == Details(message=message, locations=tuple(Location(path=path, line=line) for path, line in places))


def test_a_test_with_reruns_or_subtests_has_all_its_stages_in_order() -> None:
    rerun = {"when": "call", "outcome": "rerun", "category": "rerun", "message": "E"}
    passed = [{"when": name, **PASSED} for name in ("setup", "call", "teardown")]
    item = only_item(whole(call=PASSED, stages=[passed[0], rerun, passed[2], *passed]))
    assert [stage.outcome for stage in item.stages] == ["passed", "rerun", "passed", "passed", "passed", "passed"]
    assert item.is_flaky


def test_a_collection_error_counts_as_often_as_pytest_counts_it() -> None:
    error = {"nodeid": "tests/test_x.py", "outcome": "failed", "longrepr": "E   ImportError: no\n"}
    parsed = json_report.parse({"collectors": [error, error, {"nodeid": "tests", "outcome": "passed"}]})
    assert parsed.counts == {Outcome.ERROR: 2}
    assert parsed.collectors[0].details.message == "ImportError: no"


@pytest.mark.parametrize(
    "junk",
    [
        {},
        {"tests": None},
        {"tests": [1, None, "x", {}]},
        {"tests": [{"nodeid": 3, "lineno": "x", "call": 7, "setup": {"duration": "long", "crash": []}}]},
        {"tests": [{"stages": [{"when": "dinner", "outcome": 5, "places": [[1, 2], 3], "subtest": 4}]}]},
        {"collectors": {}, "warnings": [{"lineno": True}], "summary": [], "duration": -1, "exitcode": "0"},
    ],
    ids=repr,
)
def test_what_has_another_shape_is_left_out_and_never_raises(junk: dict[str, Any]) -> None:
    parsed = json_report.parse(junk)
    assert parsed.exit_status is None
    assert parsed.duration_seconds == 0
