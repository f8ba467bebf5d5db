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
from checks.core.results.json_report import members

ID = "0123456789abcdef"
WHOLE = json.dumps({"exitcode": 0, "tests": [], "check_runs_session": ID})


def report(folder: Path, text: str | bytes) -> ReportFile:
    path = folder / "report.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return ReportFile(path)


def read(found: ReportFile) -> list[Member]:
    """The members; their texts are looked at here."""
    whole = [*found.members()]
    assert all(json.loads(text) == value for _, value, text in whole)
    return [(name, value, "") for name, value, _ in whole]


@pytest.mark.parametrize(
    ("text", "defect"),
    [
        pytest.param(WHOLE, "", id="whole"),
        pytest.param(WHOLE + "\n", "", id="with a newline"),
        pytest.param(WHOLE[:-1], "is not whole", id="half"),
        pytest.param("", "is not whole", id="empty"),
        pytest.param(WHOLE.replace(ID, "f" * 16), "is of another run", id="another session's"),
        pytest.param('{"exitcode": 0}', "is of another run", id="nobody's"),
    ],
)
def test_a_report_is_that_of_its_session_or_in_trouble(text: str, defect: str, tmp_path: Path) -> None:
    assert report(tmp_path, text).defect(ID) == defect


def test_what_is_no_file_is_a_missing_report(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_text(WHOLE)
    (tmp_path / "link").symlink_to(tmp_path / "file")
    for name in ("nothing", "folder", "pipe", "link"):
        found = ReportFile(tmp_path / name)
        assert (name, found.defect(ID), [*found.members()]) == (name, "is missing", [])


@pytest.mark.parametrize(
    "whole",
    [
        {},
        {"exitcode": 1, "tests": [], "root": "/r"},
        {"tests": [{"a": [1, [2]]}, "x", None, 1.5], "summary": {"total": 3}, "tail": [[]]},
        {"x": '\ud800 } ] , \\ " é', "tests": [{"n": n, "text": "t" * n} for n in range(300)]},
    ],
    ids=["empty", "no tests", "shapes", "many"],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_the_members_are_read_in_their_order(whole: dict[str, Any], indent: int | None, tmp_path: Path) -> None:
    assert read(report(tmp_path, json.dumps(whole, indent=indent))) == [*members(whole)]


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
def test_the_members_end_where_the_file_breaks_off(text: str | bytes, read: list[object], tmp_path: Path) -> None:
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
def test_any_report_is_read_whole_and_any_beginning_of_one_never_fails(
    tmp_path_factory: pytest.TempPathFactory, whole: dict[str, Any], indent: int | None, cut: int
) -> None:
    folder, text = tmp_path_factory.mktemp("any"), json.dumps(whole, indent=indent)
    assert read(report(folder, text)) == [*members(whole)]
    begun = read(report(folder, text[: max(0, len(text) - 1 - cut)]))
    assert begun == [*members(whole)][: len(begun)]
