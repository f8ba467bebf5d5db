from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from checks.core.model.session import PytestCounts, Session
from checks.core.results import saved_report
from checks.core.results.rebuild_report import rebuild
from tests.support.json_reports import session_of
from tests.support.runner.plugin_run import PluginRun, Project

FLAKY = {
    "test_a.py": (
        "import unittest\nattempts = []\n\n\n"
        "def test_flaky():\n    attempts.append(1)\n    assert len(attempts) > 1\n\n\n"
        "def test_bad(): assert 0\n\n\ndef test_ok(): pass\n\n\nclass TestSub(unittest.TestCase):\n"
        "    def test_sub(self):\n        with self.subTest(n=1): assert 0\n"
    )
}


def rebuilt_report(lines: list[bytes]) -> dict[str, Any]:
    report: dict[str, Any] = json.loads("".join(saved_report.pieces(rebuild(lines), lambda value: value)))
    return report


def line(**fields: object) -> bytes:
    return json.dumps(fields).encode()


@pytest.mark.parametrize(
    ("project", "arguments"),
    [("kinds", ()), (FLAKY, ("--reruns=1",)), pytest.param("kinds", ("-p", "xdist", "-n2"), marks=pytest.mark.slow)],
    ids=["kinds", "reruns", "xdist"],
)
def test_rebuilt_report_equals_the_session_of_its_lines(
    project: Project, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    result = PluginRun(project=project, arguments=arguments, autoload=True).run(tmp_path)
    rebuilt = session_of(rebuilt_report(result.lines))

    def comparable(session: Session) -> list[object]:
        items = sorted((item.nodeid, item.line, item.defined_in, item.stages) for item in session.items)
        facts = session.collectors, session.warnings, session.collected, session.deselected
        return [items, *facts, session.exit_status, session.root, session.invocation]

    assert result.session.total > 3
    assert comparable(rebuilt) == comparable(result.session)


def test_rebuilt_report_has_unfinished_tests_but_no_other_lines() -> None:
    lines = [
        b"junk",
        b"[]",
        line(event="session", root="/repo", seq=0),
        line(event="test", test=0, nodeid="a.py::t", lineno=3),
        line(event="stage", test=0, when="setup", outcome="passed", duration=0.5),
        line(event="stage", test=7, when="setup", outcome="passed"),
        line(event="dinner"),
    ]
    report = rebuilt_report(lines)
    (test,) = report["tests"]
    assert (test["nodeid"], test["lineno"], test["outcome"]) == ("a.py::t", 3, "passed")
    assert test["setup"]["duration"] == 0.5
    assert report["root"] == "/repo"
    assert "seq" not in test


def test_rebuilt_outcome_is_that_of_the_worst_stage() -> None:
    lines = [
        line(event="test", test=0, nodeid="a.py::t"),
        line(event="stage", test=0, when="call", outcome="failed", category="failed", text="E   boom"),
        line(event="stage", test=0, when="teardown", outcome="failed", category="error"),
    ]
    (test,) = rebuilt_report(lines)["tests"]
    assert test["outcome"] == "error"
    assert test["call"]["longrepr"] == "E   boom"


@pytest.mark.parametrize(
    "attempt",
    [{"outcome": "rerun", "category": "rerun"}, {"outcome": "rerun"}, {"outcome": "retried", "category": "retried"}],
    ids=["rerun", "no category", "a plugin's own word"],
)
def test_rebuilt_test_has_the_stages_of_all_its_attempts(attempt: dict[str, str]) -> None:
    passed = [{"when": when, "outcome": "passed"} for when in ("setup", "call", "teardown")]
    stages = [passed[0], {"when": "call", **attempt}, passed[2], *passed]
    lines = [line(event="stage", test=0, **stage) for stage in stages]
    (test,) = rebuilt_report([line(event="test", test=0, nodeid="a.py::t"), *lines])["tests"]
    assert test["stages"] == stages


def test_exit_status_of_an_unfinished_session_is_null() -> None:
    assert rebuilt_report([]) == {"exitcode": None}


def test_rebuilt_report_says_why_workers_ended_early() -> None:
    reason = "worker gw0 crashed and worker restarting disabled"
    end = line(event="end", exit_status=1, stopped="", duration=1, failures=1, tally=[], workers=reason)
    rebuilt = session_of(rebuilt_report([end]))
    assert (rebuilt.workers_reason, rebuilt.pytest_counts) == (reason, PytestCounts(failures=1, tally=Counter()))


@pytest.mark.parametrize("number", ["1e999", "-1e999", "Infinity", "NaN"])
def test_number_that_is_not_valid_json_becomes_null(number: str) -> None:
    stage = b'{"event":"stage","test":0,"when":"call","outcome":"failed","duration":%b}' % number.encode()
    (test,) = rebuilt_report([line(event="test", test=0, nodeid="a.py::t"), stage])["tests"]
    assert test["call"]["duration"] is None


@pytest.mark.parametrize("number", [10**4000, -1, "1", None, True])
def test_line_with_an_impossible_number_is_ignored(number: object) -> None:
    lines = [line(event="collected", number=number, deselected=1), line(event="collected", number=1, deselected=number)]
    assert rebuilt_report(lines) == {"exitcode": None}
