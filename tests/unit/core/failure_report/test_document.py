from __future__ import annotations

import json

from checks.core.failure_report import document
from checks.core.failure_report.entry import Entry
from checks.core.failure_report.report import ReportedCheck, Source, source_around
from checks.core.model.verdict import Remark
from tests.support.failure_reports import SOURCE, command_of, entry, recorder_of

CHECK = ReportedCheck(
    name="pytest (unit)",
    conclusion="failure",
    title="3 failed (2 causes)",
    remarks=(Remark(text="Stopped early.", quoted="-x"),),
    repository="octo/demo",
    commit="c" * 40,
    pull_request=12,
    is_fork=True,
    page="https://github.test/octo/demo/runs/1",
)


def text_of(*entries: Entry) -> str:
    recorder = recorder_of(entries)
    return b"".join(document.pieces(CHECK, recorder.causes(lambda _: SOURCE, command_of), recorder.records())).decode()


def test_document_has_every_failure_and_the_causes() -> None:
    entries = [entry(1, 1), entry(2, 2), entry(3, 2)]
    members = json.loads(text_of(*entries))
    assert members["schema"] == document.SCHEMA == 1
    assert [Entry.of_json(value) for value in members["failures"]] == entries
    assert [(cause["cause"], cause["tests"], cause["nodeids"]) for cause in members["causes"]] == [
        (2, 2, ["tests/test_cart.py::test_2", "tests/test_cart.py::test_3"]),
        (1, 1, ["tests/test_cart.py::test_1"]),
    ]


def test_document_without_failures_has_empty_lists() -> None:
    members = json.loads(text_of())
    assert (members["causes"], members["failures"]) == ([], [])


def test_check_and_source_are_read_as_they_were_written() -> None:
    members = json.loads(text_of(entry()))
    assert document.parse_check(members) == CHECK
    assert document.parse_source(members["causes"][0]) == (1, SOURCE)


def test_malformed_members_are_left_out() -> None:
    members = {"check": 3, "remarks": [3, {}], "pull_request": "12", "from_fork": 1}
    assert document.parse_check(members) == ReportedCheck(name="", status="", remarks=(Remark(text=""),))
    assert document.parse_source({"cause": 1, "source": {"start": "1", "lines": []}}) == (0, Source())


def test_source_has_the_lines_around() -> None:
    lines = [f"line {number}" for number in range(1, 11)]
    assert source_around(lines, 5) == Source(
        start=2, lines=("line 2", "line 3", "line 4", "line 5", "line 6", "line 7")
    )
    assert source_around(lines, 1) == Source(start=1, lines=("line 1", "line 2", "line 3"))
    assert source_around(lines, 11) == source_around([], 1) == Source()
