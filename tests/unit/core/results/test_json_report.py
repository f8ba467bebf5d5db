from __future__ import annotations

from typing import Any

import pytest

from checks.core.model.item import PLAIN, Details, Item, Location, Outcome, Section
from checks.core.model.session import Session
from tests.support.json_reports import session_of

PASSED = {"outcome": "passed", "duration": 0.1}
CRASH = {"path": "/repo/a.py", "lineno": 7, "message": "assert 1 == 2\n +  where 1 = f()"}


def report_of(**test: Any) -> dict[str, Any]:
    return {"root": "/repo", "tests": [{"nodeid": "tests/test_a.py::test_b", "lineno": 4, **test}]}


def only_item(entry: dict[str, Any]) -> Item:
    (item,) = session_of(entry).items
    return item


def test_plain_report_becomes_a_session() -> None:
    parsed = session_of(
        {**report_of(outcome="passed", setup=PASSED, call=PASSED, teardown=PASSED), "exitcode": 0, "duration": 1.5}
        | {"summary": {"collected": 3, "deselected": 2}}
    )
    assert parsed == Session(
        root="/repo",
        items=(Item(nodeid="tests/test_a.py::test_b", line=5, stages=PLAIN, seconds=0.3),),
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
def test_outcome_is_what_pytest_counts_in_its_last_line(stages: dict[str, Any], outcomes: list[str]) -> None:
    assert [stage.outcome for stage in only_item(report_of(**stages)).stages] == outcomes


def test_failed_call_and_teardown_count_as_failure_and_error() -> None:
    parsed = session_of(report_of(outcome="error", call={"outcome": "failed"}, teardown={"outcome": "failed"}))
    assert parsed.counts == {Outcome.FAILED: 1, Outcome.ERROR: 1}
    assert parsed.total == 1


def test_report_without_our_plugin_gives_full_failure_details() -> None:
    trace = [{"path": "tests/test_a.py", "lineno": 6, "message": ""}]
    item = only_item(
        report_of(
            setup={**PASSED, "stdout": "before\n"},
            call={"outcome": "failed", "crash": CRASH, "traceback": trace, "longrepr": "E   boom"},
            user_properties=[{"build": 4711}, {"page": "https://ci.test"}],
        )
    )
    assert item.stages[1].details == Details(
        message="AssertionError: assert 1 == 2",
        locations=(Location(path="tests/test_a.py", line=6), Location(path="/repo/a.py", line=7)),
        traceback="E   boom",
        captured=(Section(title="Captured stdout setup", text="before\n"),),
        properties=(("build", "4711"), ("page", "https://ci.test")),
    )


def test_keys_of_our_plugin_take_precedence() -> None:
    added = {
        "message": "ValueError: x",
        "places": [["b.py", 3]],
        "text": "whole",
        "sections": [["Captured log call", "l"]],
        "properties": [["build", "4711"], "malformed"],
    }
    call = {"outcome": "failed", "crash": CRASH, "longrepr": "E   boom", "stdout": "s", **added}
    item = only_item(report_of(call=call, user_properties=[{"another": "x"}]))
    assert item.stages[0].details == Details(
        message="ValueError: x",
        locations=(Location(path="b.py", line=3),),
        traceback="whole",
        captured=(Section(title="Captured log call", text="l"),),
        properties=(("build", "4711"),),
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
def test_skip_has_its_reason_and_location(entry: dict[str, Any], message: str, places: list[tuple[str, int]]) -> None:
    details = only_item(report_of(setup={"outcome": "skipped", **entry})).stages[0].details
    assert details == Details(message=message, locations=tuple(Location(path=path, line=line) for path, line in places))


def test_reruns_keep_all_their_stages_in_order() -> None:
    rerun = {"when": "call", "outcome": "rerun", "category": "rerun", "message": "E"}
    passed = [{"when": name, **PASSED} for name in ("setup", "call", "teardown")]
    item = only_item(report_of(call=PASSED, stages=[passed[0], rerun, passed[2], *passed]))
    assert [stage.outcome for stage in item.stages] == ["passed", "rerun", "passed", "passed", "passed", "passed"]
    assert item.is_flaky


def test_collection_error_counts_as_often_as_in_pytest() -> None:
    error = {"nodeid": "tests/test_x.py", "outcome": "failed", "longrepr": "E   ImportError: no\n"}
    parsed = session_of({"collectors": [error, error, {"nodeid": "tests", "outcome": "passed"}]})
    assert parsed.counts == {Outcome.ERROR: 2}
    assert parsed.collectors[0].details.message == "ImportError: no"


@pytest.mark.parametrize(
    "malformed",
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
def test_report_of_another_shape_never_raises(malformed: dict[str, Any]) -> None:
    parsed = session_of(malformed)
    assert parsed.exit_status is None
    assert parsed.duration_seconds == 0
