from __future__ import annotations

import os
from pathlib import Path

import pytest

from checks.adapters.system import ownership
from tests.support import needs
from tests.support.growth import cpu_seconds, is_linear

OWNER = 12345


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    needs.root()
    folder = tmp_path / "workspace"
    folder.mkdir()
    os.chown(folder, OWNER, OWNER + 1)
    return folder


def test_files_of_root_go_to_the_workspace_owner(workspace: Path) -> None:
    (workspace / "a" / "b").mkdir(parents=True)
    (workspace / "a" / "b" / "c").write_text("")
    (workspace / "a" / "dangling").symlink_to("nowhere")
    os.mkfifo(workspace / "fifo")
    ownership.give_back(workspace)
    owners = {(status.st_uid, status.st_gid) for status in (path.lstat() for path in workspace.rglob("*"))}
    assert owners == {(OWNER, OWNER + 1)}
    assert len(list(workspace.rglob("*"))) == 5


def test_files_of_other_users_keep_their_owner(workspace: Path) -> None:
    (workspace / "theirs").write_text("")
    os.chown(workspace / "theirs", 54321, 54321)
    ownership.give_back(workspace)
    assert (workspace / "theirs").stat().st_uid == 54321


def test_links_out_of_the_workspace_are_not_followed(workspace: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("")
    (workspace / "to-file").symlink_to(outside / "file")
    (workspace / "to-folder").symlink_to(outside)
    ownership.give_back(workspace)
    assert {outside.stat().st_uid, (outside / "file").stat().st_uid} == {0}
    assert (workspace / "to-folder").lstat().st_uid == OWNER


def test_workspace_of_root_stays_with_root(tmp_path: Path) -> None:
    needs.root()
    (tmp_path / "file").write_text("")
    ownership.give_back(tmp_path)
    assert (tmp_path / "file").stat().st_uid == 0


def test_missing_workspace_is_no_error(tmp_path: Path) -> None:
    ownership.give_back(tmp_path / "gone")


def test_time_grows_linearly_with_the_number_of_files(workspace: Path) -> None:
    seconds = []
    for numbers in (range(1_000), range(1_000, 2_000)):
        for number in numbers:
            (workspace / str(number)).touch()
        seconds.append(cpu_seconds(lambda: ownership.give_back(workspace)))
    assert is_linear(*seconds)
    assert (workspace / "1999").stat().st_uid == OWNER
