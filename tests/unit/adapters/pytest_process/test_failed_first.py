from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from checks.adapters.pytest_process.failed_first import hand_over
from tests.support.rules import rule


def test_file_has_the_keys_and_is_written_once(tmp_path: Path) -> None:
    assert hand_over({3, 1}, tmp_path)
    assert json.loads((tmp_path / "first.json").read_bytes()) == [1, 3]
    assert not hand_over({2}, tmp_path)
    assert json.loads((tmp_path / "first.json").read_bytes()) == [1, 3]


@rule("Impersonating the action: a file, a link or a pipe in place of the file that")
@pytest.mark.parametrize("name", ["first.json", "first.json.written"])
@pytest.mark.parametrize(
    "create",
    [
        lambda path: path.touch(),
        lambda path: path.symlink_to(path.parent / "target"),
        lambda path: path.symlink_to(path.parent / "missing"),
        os.mkfifo,
        os.mkdir,
    ],
    ids=["file", "link", "dangling link", "pipe", "folder"],
)
def test_nothing_that_exists_is_written(create: Callable[[Path], None], name: str, tmp_path: Path) -> None:
    (tmp_path / "target").write_text("kept")
    create(tmp_path / name)
    assert not hand_over({1}, tmp_path)
    assert (tmp_path / "target").read_text() == "kept"
    assert not (tmp_path / "missing").exists()


def test_missing_folder_is_no_error(tmp_path: Path) -> None:
    assert not hand_over({1}, tmp_path / "gone")
