from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from checks.core.failure_report import document, parse_document
from checks.core.failure_report.entry import Entry
from checks.core.failure_report.recorder import FailureRecorder
from checks.core.failure_report.report import ReportedCheck, Source, source_around
from checks.core.model.verdict import Remark
from tests.support.failure_reports import SOURCE, command_of, entry, recorder_of
from tests.support.fakes import MemoryRecords
from tests.support.json_reports import members
from tests.support.rules import rule

CHECK = ReportedCheck(
    name="pytest (unit)",
    conclusion="failure",
    title="3 failed (2 causes)",
    remarks=(Remark(text="Stopped early.", quoted="-x"),),
    repository="octo/demo",
    commit="c" * 40,
    pull_request=12,
    is_fork=True,
    command="pytest -n 2",
    page="https://github.test/octo/demo/runs/1",
)


def text_of(*entries: Entry) -> str:
    recorder = recorder_of(entries)
    return b"".join(document.pieces(CHECK, recorder.causes(lambda _: SOURCE, command_of), recorder.blocks())).decode()


COMMANDS = "::add-mask::a\n  ::error::b\n###[error]c"


@rule("Impersonating the action: workflow commands in the failure report, which a later step prints")
def test_no_line_of_the_document_is_a_command() -> None:
    hostile = replace(entry(), title=COMMANDS, message=COMMANDS, traceback=COMMANDS)
    text = text_of(hostile)
    assert json.loads(text)["failures"][0]["traceback"] == COMMANDS
    assert "##[" not in text
    assert not re.search(r"^\s*::", text, re.MULTILINE)


def test_document_has_every_failure_and_the_causes() -> None:
    entries = [entry(1, 1), entry(2, 2), entry(3, 2)]
    written = json.loads(text_of(*entries))
    assert written["schema"] == document.SCHEMA == 1
    assert [Entry.of_json(value) for value in written["failures"]] == entries
    assert [(cause["cause"], cause["tests"], cause["nodeids"]) for cause in written["causes"]] == [
        (2, 2, ["tests/test_cart.py::test_2", "tests/test_cart.py::test_3"]),
        (1, 1, ["tests/test_cart.py::test_1"]),
    ]


def test_document_without_failures_has_empty_lists() -> None:
    written = json.loads(text_of())
    assert (written["causes"], written["failures"]) == ([], [])


def test_document_is_read_as_it_was_written() -> None:
    recorder = FailureRecorder(MemoryRecords())
    text = text_of(entry(1, 1), replace(entry(2, 2), base="new"), entry(3, 2), entry(4, 0))
    parsed = parse_document.read(members(json.loads(text)), recorder)
    causes = recorder.causes(parsed.source, parsed.command)
    assert parsed.check == CHECK
    assert b"".join(document.pieces(parsed.check, causes, recorder.blocks())).decode() == text


def test_malformed_members_are_left_out() -> None:
    wrong = {"check": 3, "remarks": [3, {}], "pull_request": "12", "from_fork": 1, "failures_missing": "x"}
    causes = [3, {"cause": 1}, {"cause": 1, "nodeids": ["t"], "source": {"start": "1", "lines": []}, "reproduce": 3}]
    recorder = FailureRecorder(MemoryRecords())
    parsed = parse_document.read(members({**wrong, "causes": causes, "failures": [3, {}]}), recorder)
    assert (recorder.count, parsed.missing, parsed.sources, parsed.commands) == (0, 0, {}, {})
    assert parsed.check == ReportedCheck(name="", status="", remarks=(Remark(text=""),))


STATEMENTS = {
    "with": (["with raises(", "    E,", "):", "    go()", "    stop()", "more()"], 1, 5),
    "within": (["go(", "    1,", "    2,", ")", "more()"], 2, 4),
    "string": (['x = """', "    text", '"""', "", "more()", "more()"], 1, 5),
    "unclear": ([") + (", "a", "b", "c"], 1, 3),
    "endless": (["(", *"abcdefghijklmnopqrs"], 1, 3),
    "not Python": (["\ud800 \0", "a", "b", "c"], 1, 3),
}


@pytest.mark.parametrize(("lines", "line", "last"), STATEMENTS.values(), ids=STATEMENTS)
def test_source_has_the_statement_to_its_end(lines: list[str], line: int, last: int) -> None:
    assert source_around(lines, line).lines == tuple(lines[:last])


def test_source_has_the_lines_around() -> None:
    lines = [f"line {number}" for number in range(1, 11)]
    assert source_around(lines, 5) == Source(
        start=2, lines=("line 2", "line 3", "line 4", "line 5", "line 6", "line 7")
    )
    assert source_around(lines, 1) == Source(start=1, lines=("line 1", "line 2", "line 3"))
    assert source_around(lines, 11) == source_around([], 1) == Source()
