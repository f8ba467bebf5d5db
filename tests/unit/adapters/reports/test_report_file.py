from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.adapters.reports.report_file import ReportFile
from checks.core.model.ports import Member
from tests.support.json_reports import members

ID = "0123456789abcdef"
COMPLETE_REPORT = json.dumps({"exitcode": 0, "tests": [], "check_runs_session": ID})


def report(folder: Path, text: str | bytes) -> ReportFile:
    path = folder / "report.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return ReportFile(path)


def read(report_file: ReportFile) -> list[Member]:
    """Return the members, after checking their texts."""
    all_members = [*report_file.members()]
    assert all(json.loads(text) == value for _, value, text in all_members)
    return [(name, value, "") for name, value, _ in all_members]


@pytest.mark.parametrize(
    ("text", "defect"),
    [
        pytest.param(COMPLETE_REPORT, "", id="whole"),
        pytest.param(COMPLETE_REPORT + "\n", "", id="with a newline"),
        pytest.param(COMPLETE_REPORT[:-1], "is incomplete", id="half"),
        pytest.param("", "is incomplete", id="empty"),
        pytest.param(COMPLETE_REPORT.replace(ID, "f" * 16), "is from another run", id="another session's"),
        pytest.param('{"exitcode": 0}', "is from another run", id="nobody's"),
    ],
)
def test_trouble_says_why_a_report_is_not_of_the_session(text: str, defect: str, tmp_path: Path) -> None:
    assert report(tmp_path, text).defect(ID) == defect


def test_non_file_counts_as_missing_report(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_text(COMPLETE_REPORT)
    (tmp_path / "link").symlink_to(tmp_path / "file")
    for name in ("nothing", "folder", "pipe", "link"):
        report_file = ReportFile(tmp_path / name)
        assert (name, report_file.defect(ID), [*report_file.members()]) == (name, "is missing", [])


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"exitcode": 1, "tests": [], "root": "/r"},
        {"tests": [{"a": [1, [2]]}, "x", None, 1.5], "summary": {"total": 3}, "tail": [[]]},
        {"x": '\ud800 } ] , \\ " é', "tests": [{"n": n, "text": "t" * n} for n in range(300)]},
    ],
    ids=["empty", "no tests", "shapes", "many"],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_members_are_read_in_order(content: dict[str, Any], indent: int | None, tmp_path: Path) -> None:
    assert read(report(tmp_path, json.dumps(content, indent=indent))) == [*members(content)]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param('{"tests": [{"n": 1}, {"n": 2}, {"n"', [("tests", {"n": 1}), ("tests", {"n": 2})], id="half"),
        pytest.param('{"tests": [1 2]}', [("tests", 1)], id="no comma"),
        pytest.param("[]", [], id="no object"),
        pytest.param(b"\xff\xfe\x00", [], id="binary"),
        pytest.param('{"x": ' + "[" * 200_000, [], id="deep"),
        pytest.param("", [], id="empty"),
    ],
)
def test_members_end_where_the_file_is_malformed(text: str | bytes, read: list[object], tmp_path: Path) -> None:
    assert [(name, value) for name, value, _ in report(tmp_path, text).members()] == read


def test_memory_holds_one_test_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    with path.open("w") as file:
        file.write('{"tests": [')
        for number in range(20_000):
            file.write(json.dumps({"nodeid": f"a.py::t{number}", "longrepr": "x" * 2_000}) + ", ")
        file.write('{}], "exitcode": 0}')
    tracemalloc.start()
    try:
        assert sum(name == "tests" for name, _, _ in ReportFile(path).members()) == 20_001
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    finally:
        tracemalloc.stop()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=4), st.sampled_from([None, 1]), st.integers(0, 40))
def test_any_report_is_read_completely_or_up_to_its_truncation(
    tmp_path_factory: pytest.TempPathFactory, content: dict[str, Any], indent: int | None, cut_characters: int
) -> None:
    folder, text = tmp_path_factory.mktemp("any"), json.dumps(content, indent=indent)
    assert read(report(folder, text)) == [*members(content)]
    partial = read(report(folder, text[: max(0, len(text) - 1 - cut_characters)]))
    assert partial == [*members(content)][: len(partial)]


@pytest.mark.parametrize(
    ("text", "is_truncated"),
    [
        (COMPLETE_REPORT, False),
        (COMPLETE_REPORT + "\n", False),
        ("{}", False),
        (COMPLETE_REPORT[:-1], True),
        ("", True),
        ("[]", True),
        ("x", True),
    ],
)
def test_report_is_truncated_until_its_object_has_ended(tmp_path: Path, text: str, is_truncated: bool) -> None:
    report_file = report(tmp_path, text)
    assert report_file.is_truncated
    read(report_file)
    assert report_file.is_truncated is is_truncated
