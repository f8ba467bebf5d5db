"""Reading the instructions of a manual check."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.core.model.errors import CheckError
from checks.programs.manual.instructions import read_instructions


@pytest.mark.parametrize("value", ["docs/steps.md", "./docs/steps.md", "steps"])
def test_file_of_the_workspace_is_read(tmp_path: Path, value: str) -> None:
    for path in ("docs/steps.md", "steps"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(b"Press *start*.\xff\n")
    assert read_instructions(tmp_path, value) == "Press *start*.\ufffd\n"


@pytest.mark.parametrize("value", ["docs", "Press start.", "docs/steps.md\nand more", "x" * 5000, "a\0b", ""])
def test_other_values_are_the_text(tmp_path: Path, value: str) -> None:
    (tmp_path / "docs").mkdir()
    assert read_instructions(tmp_path, value) == value


@pytest.mark.parametrize("value", ["docs/steps.md", "../outside.md", "Follow a.txt", f"{'x' * 5000}.md"])
def test_missing_file_is_an_error(tmp_path: Path, value: str) -> None:
    (tmp_path / "workspace").mkdir()
    (tmp_path / "outside.md").write_text("secret")
    with pytest.raises(CheckError, match="the workspace has no file"):
        read_instructions(tmp_path / "workspace", value)


@pytest.mark.parametrize("link", ["link.md", "folder/outside.md"])
def test_symbolic_link_is_not_followed(tmp_path: Path, link: str) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (tmp_path / "outside.md").write_text("secret")
    (workspace / "link.md").symlink_to(tmp_path / "outside.md")
    (workspace / "folder").symlink_to(tmp_path)
    with pytest.raises(CheckError, match="the workspace has no file"):
        read_instructions(workspace, link)
