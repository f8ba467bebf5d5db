"""Instructions: a text or a path, and how much of it a check holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.history import record_line
from checks.core.manual import record as records
from checks.core.manual.instructions import MISSING, MOST_BYTES, checked, missing_file, names_file, path_of
from checks.core.manual.runs import NAME_CHARACTERS, REASON_CHARACTERS, with_request
from checks.core.model.errors import CheckError
from tests.unit.core.manual.manual_runs import COMMIT, PASSED, REQUEST


@pytest.mark.parametrize(
    ("value", "path", "is_named"),
    [
        ("docs/device.md", "docs/device.md", True),
        ("./docs//device.MD", "docs/device.MD", True),
        ("steps.markdown", "steps.markdown", True),
        ("Press **start**.", "Press **start**.", False),
        ("Follow docs/a.txt", "Follow docs/a.txt", True),
        ("../a.md", "", True),
        ("/etc/passwd", "", False),
        ("/etc/a.md", "", True),
        ("First.\nSee a.md", "", False),
        (".", "", False),
        ("", "", False),
    ],
)
def test_one_line_may_be_a_path(value: str, path: str, is_named: bool) -> None:
    assert (path_of(value), names_file(value)) == (path, is_named)


def test_missing_file_is_named() -> None:
    begin = (
        "Input `instructions`: the workspace has no file docs/a.md. One line that ends in .md, .markdown, .txt is a "
    )
    assert str(missing_file("docs/a.md")).startswith(begin)


def test_no_instructions_are_a_sentence() -> None:
    assert checked("") == checked(" \n") == MISSING


@pytest.mark.parametrize("text", ["x" * MOST_BYTES, "é" * (MOST_BYTES // 2)])
def test_instructions_up_to_the_limit_are_kept(text: str) -> None:
    assert checked(text) == text
    with pytest.raises(
        CheckError, match=f"they have {MOST_BYTES + 1:,} bytes, and the text .* has room for {MOST_BYTES:,}"
    ):
        checked(f"{text}x")


def test_longest_record_leaves_room_for_instructions() -> None:
    wide = "\U0001f600"
    request = replace(
        REQUEST,
        by=wide * (NAME_CHARACTERS + 9),
        reason=wide * (REASON_CHARACTERS + 9),
        event="9" * 19,
        page=f"https://github.example.com/{'o' * 39}/{'r' * 100}/pull/{'9' * 9}#issuecomment-{'9' * 19}",
    )
    record = replace(with_request(PASSED, request, COMMIT), is_fork=True)
    text = "x" * MOST_BYTES
    assert record_line.split(record_line.join(text, records.render(record)))[0] == text
