"""Files where the tests can write: writing creates a new file, and only regular files are read."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.adapters.system import safe_files
from tests.support import needs
from tests.support.planted import Plant, every_non_file, every_plant, run_with_timeout


@every_plant
def test_replace_replaces_anything_and_touches_nothing_else(plant: Plant, tmp_path: Path) -> None:
    path = tmp_path / "output"
    plant(path)
    other_files = {path: path.read_text() for path in tmp_path.glob("elsewhere")}
    run_with_timeout(lambda: safe_files.replace(path, [b"ours\n", b"whole\n"]))
    status = path.lstat()
    assert stat.S_ISREG(status.st_mode)
    assert (status.st_nlink, stat.S_IMODE(status.st_mode)) == (1, 0o644)
    assert path.read_text() == "ours\nwhole\n"
    assert {path: path.read_text() for path in other_files} == other_files
    assert {path.name for path in tmp_path.iterdir()} <= {"output", "elsewhere", "folder"}


@every_plant
def test_remove_removes_anything(plant: Plant, tmp_path: Path) -> None:
    plant(tmp_path / "output")
    run_with_timeout(lambda: safe_files.remove(tmp_path / "output"))
    assert not os.path.lexists(tmp_path / "output")


@every_non_file
def test_only_regular_files_are_opened(plant: Plant, tmp_path: Path) -> None:
    plant(tmp_path / "file")
    assert safe_files.beginning(tmp_path / "file", 100) == b""
    for to_write in (False, True):
        with pytest.raises(OSError, match=r".+"):
            safe_files.open_file(tmp_path / "file", to_write=to_write)


def test_beginning_reads_at_most_the_given_size(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    assert safe_files.beginning(tmp_path / "file", 4) == b"0123"
    assert safe_files.beginning(tmp_path / "file", 40) == b"0123456789"


def test_opening_to_write_keeps_the_content(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    with safe_files.open_file(tmp_path / "file", to_write=True) as file:
        file.seek(-3, os.SEEK_END)
        file.write(b"x")
    assert (tmp_path / "file").read_bytes() == b"0123456x89"


def test_failed_replace_keeps_the_old_file(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "page").write_text("before")
    with pytest.raises(OSError, match="No space"):
        safe_files.replace(tmp_path / "page", pieces())
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("page", "before")]


def test_replaced_file_belongs_to_owner_of_its_folder(tmp_path: Path) -> None:
    needs.root()
    os.chown(tmp_path, 1001, 127)
    safe_files.replace(tmp_path / "output", [b"ours"])
    status = (tmp_path / "output").stat()
    assert (status.st_uid, status.st_gid) == (1001, 127)
