from __future__ import annotations

import pytest

from checks.core.pytest_process.mounts import paths_to

#: The mounts of an action's container on GitHub's runner.
CONTAINER = r"""
500 400 0:51 / / rw,relatime - overlay overlay rw,lowerdir=/x
501 500 0:54 / /proc rw,nosuid - proc proc rw
510 500 8:1 /home/runner/work/_temp /github/runner_temp rw,relatime - ext4 /dev/root rw
511 500 8:1 /home/runner/work/_temp/_runner_file_commands /github/file_commands rw,relatime - ext4 /dev/root rw
512 500 8:1 /home/runner/work/demo/demo /github/workspace rw,relatime - ext4 /dev/root rw
513 500 8:2 /home/runner/work/_temp /mnt/other\040disk rw,relatime - ext4 /dev/sdb rw
""".strip()


@pytest.mark.parametrize(
    ("folder", "paths"),
    [
        pytest.param(
            "/github/file_commands",
            {"/github/file_commands", "/github/runner_temp/_runner_file_commands"},
            id="mounted by itself and with the folder around it",
        ),
        pytest.param(
            "/github/runner_temp/_runner_file_commands",
            {"/github/file_commands", "/github/runner_temp/_runner_file_commands"},
            id="the same, by its other name",
        ),
        pytest.param(
            "/github/runner_temp", {"/github/runner_temp", "/github/file_commands"}, id="a part is mounted elsewhere"
        ),
        pytest.param("/github/workspace/sub", {"/github/workspace/sub"}, id="mounted once"),
        pytest.param("/proc", {"/proc"}, id="a file system of its own"),
        pytest.param("/tmp/commands", {"/tmp/commands"}, id="in the root's file system"),
    ],
)
def test_paths_to_finds_every_mount_of_a_folder(folder: str, paths: set[str]) -> None:
    assert paths_to(folder, CONTAINER) == paths


def test_mount_points_with_escaped_characters_are_decoded() -> None:
    mounts = CONTAINER + "\n514 500 8:2 /home/runner/work/_temp/a\\134b /mnt/again rw - ext4 /dev/sdb rw"
    assert paths_to("/mnt/again", mounts) == {"/mnt/again", "/mnt/other disk/a\\b"}


def test_later_mount_hides_an_earlier_one() -> None:
    covered = "1 0 8:1 / / rw - ext4 /dev/a rw\n2 1 8:1 /old /x rw - ext4 /dev/a rw\n3 1 8:3 / /x rw - ext4 /dev/c rw"
    assert paths_to("/x", covered) == {"/x"}


@pytest.mark.parametrize("mounts", ["", "1 0 8:1 / /elsewhere rw - ext4 /dev/a rw"])
def test_folder_without_a_mount_has_only_its_own_path(mounts: str) -> None:
    assert paths_to("/x/y", mounts) == {"/x/y"}
