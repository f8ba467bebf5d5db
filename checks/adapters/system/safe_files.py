"""Access files where the tests can write, without following symbolic links or blocking on pipes."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

_MODE = 0o644
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def open_file(path: Path, *, to_write: bool = False, dir_fd: int | None = None) -> BinaryIO:
    """Open a file for reading, or also for writing. Raises `OSError` for anything but a regular file.

    `path` may be relative to the folder that `dir_fd` is open at.
    """
    access = os.O_RDWR if to_write else os.O_RDONLY
    descriptor = os.open(path, access | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=dir_fd)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "r+b" if to_write else "rb")
    os.close(descriptor)
    raise OSError("not a regular file")


def beginning(path: Path, size_bytes: int) -> bytes:
    """Return at most the first `size_bytes` of a file; empty if it cannot be read."""
    with suppress(OSError), open_file(path) as file:
        return file.read(size_bytes)
    return b""


def beginning_below(root: Path, path: str, size_bytes: int) -> bytes:
    """Return at most the first `size_bytes` of the file at an untrusted `path`; empty if it cannot be read.

    Not even a folder on the way may be a symbolic link, so nothing outside `root` is read.
    """
    *folders, name = path.split("/")
    if {"", ".", ".."} & {*folders, name}:
        return b""
    descriptors: list[int] = []
    try:
        descriptors.append(os.open(root, _FOLDER))
        for folder in folders:
            descriptors.append(os.open(folder, _FOLDER | os.O_NOFOLLOW, dir_fd=descriptors[-1]))
        with open_file(Path(name), dir_fd=descriptors[-1]) as file:
            return file.read(size_bytes)
    except (OSError, ValueError):  # ValueError: a NUL
        return b""
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def replace(path: Path, pieces: Iterable[bytes]) -> None:
    """Replace what is at `path` by a file, atomically. Raises `OSError`."""
    if path.is_dir() and not path.is_symlink():
        remove(path)
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
        part.chmod(_MODE)
        _give_to_owner_of(part, path.parent)
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def remove(path: Path) -> None:
    """Remove what is at `path`, as far as possible."""
    with suppress(OSError):
        path.unlink()
    with suppress(OSError):
        shutil.rmtree(path)


def _give_to_owner_of(path: Path, folder: Path) -> None:
    """Give the file to the owner of the runner's folder."""
    with suppress(OSError):
        owner = folder.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
