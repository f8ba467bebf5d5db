from __future__ import annotations

import json
from typing import Any

import pytest

from checks.core.model.ports import Member
from checks.core.redaction.redactor import Redactor
from checks.core.results.saved_report import pieces
from tests.support.json_reports import members


@pytest.mark.parametrize(
    "report",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"exitcode": 0}, id="no list"),
        pytest.param({"tests": [{"nodeid": "a"}]}, id="one test"),
        pytest.param({"tests": [1, 2], "exitcode": 1, "warnings": [{}]}, id="lists and values"),
        pytest.param({"root": "/r", "collectors": [{}], "tests": [{"x": "\ud800"}, []]}, id="lists after each other"),
        pytest.param({"summary": {"total": 3}, "environment": {}}, id="objects"),
    ],
)
def test_pieces_join_to_the_same_report(report: dict[str, Any]) -> None:
    assert json.loads("".join(pieces(members(report), lambda value: value))) == report


def test_each_list_element_is_its_own_piece() -> None:
    assert len([*pieces((("tests", {"n": n}, "") for n in range(1000)), lambda value: value)]) == 1001


def test_members_without_a_secret_keep_their_text() -> None:
    report_members: list[Member] = [("tests", {"n": number}, f'{{"n":  {number}}}') for number in range(50)]
    report_members.append(("tests", {"n": "hunter2-hunter2"}, '{"n": "hunter2-hunter2"}'))
    text = "".join(pieces(report_members, Redactor(["hunter2-hunter2"]).redact_json))
    assert "hunter2" not in text
    assert '{"n":  0}' in text
    assert json.loads(text)["tests"] == [*({"n": number} for number in range(50)), {"n": "***"}]
