from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checks.core.model.session import Session
from checks.core.results import json_report, saved_report
from checks.core.results.rebuild_report import rebuild
from tests.support.runner.told import Project, Run

FLAKY = {
    "test_a.py": (
        "import unittest\nattempts = []\n\n\n"
        "def test_flaky():\n    attempts.append(1)\n    assert len(attempts) > 1\n\n\n"
        "def test_bad(): assert 0\n\n\ndef test_ok(): pass\n\n\nclass TestSub(unittest.TestCase):\n"
        "    def test_sub(self):\n        with self.subTest(n=1): assert 0\n"
    )
}


def read_again(lines: list[bytes]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads("".join(saved_report.pieces(rebuild(lines), lambda value: value)))
    return read


def line(**fields: object) -> bytes:
    return json.dumps(fields).encode()


@pytest.mark.parametrize(
    ("project", "arguments"),
    [("kinds", ()), (FLAKY, ("--reruns=1",)), pytest.param("kinds", ("-p", "xdist", "-n2"), marks=pytest.mark.slow)],
    ids=["kinds", "reruns", "xdist"],
)
def test_a_report_rebuilt_from_the_lines_is_read_as_their_session(
    project: Project, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    told = Run(project=project, arguments=arguments).tell(tmp_path)
    rebuilt = json_report.parse(read_again(told.lines))

    def comparable(session: Session) -> list[object]:
        items = sorted((item.nodeid, item.line, item.defined_in, item.stages) for item in session.items)
        rest = session.collectors, session.warnings, session.collected, session.deselected
        return [items, *rest, session.exit_status, session.root]

    assert told.session.total > 3
    assert comparable(rebuilt) == comparable(told.session)


def test_what_is_unfinished_is_told_too_and_junk_is_left_out() -> None:
    lines = [
        b"junk",
        b"[]",
        line(event="session", root="/repo", seq=0),
        line(event="test", test=0, nodeid="a.py::t", lineno=3),
        line(event="stage", test=0, when="setup", outcome="passed", duration=0.5),
        line(event="stage", test=7, when="setup", outcome="passed"),
        line(event="dinner"),
    ]
    read = read_again(lines)
    (test,) = read["tests"]
    assert (test["nodeid"], test["lineno"], test["outcome"]) == ("a.py::t", 3, "passed")
    assert test["setup"]["duration"] == 0.5
    assert read["root"] == "/repo"
    assert "seq" not in test


def test_a_test_s_outcome_is_its_worst_stage_s() -> None:
    lines = [
        line(event="test", test=0, nodeid="a.py::t"),
        line(event="stage", test=0, when="call", outcome="failed", category="failed", text="E   boom"),
        line(event="stage", test=0, when="teardown", outcome="failed", category="error"),
    ]
    (test,) = read_again(lines)["tests"]
    assert test["outcome"] == "error"
    assert test["call"]["longrepr"] == "E   boom"


def test_of_a_session_that_did_not_end_the_exit_status_is_not_known() -> None:
    assert read_again([]) == {"exitcode": None}


@pytest.mark.parametrize("number", ["1e999", "-1e999", "Infinity", "NaN"])
def test_a_number_that_is_none_in_json_is_left_out(number: str) -> None:
    stage = b'{"event":"stage","test":0,"when":"call","outcome":"failed","duration":%b}' % number.encode()
    (test,) = read_again([line(event="test", test=0, nodeid="a.py::t"), stage])["tests"]
    assert test["call"]["duration"] is None


@pytest.mark.parametrize("number", [10**4000, -1, "1", None, True])
def test_an_impossible_number_leaves_its_line_out(number: object) -> None:
    lines = [line(event="collected", number=number, deselected=1), line(event="collected", number=1, deselected=number)]
    assert read_again(lines) == {"exitcode": None}
