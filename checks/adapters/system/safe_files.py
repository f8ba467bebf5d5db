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


def open_file(path: Path, *, to_write: bool = False) -> BinaryIO:
    """Open a file for reading, or also for writing. Raises `OSError` for anything but a regular file."""
    access = os.O_RDWR if to_write else os.O_RDONLY
    descriptor = os.open(path, access | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "r+b" if to_write else "rb")
    os.close(descriptor)
    raise OSError("not a regular file")


def beginning(path: Path, size_bytes: int) -> bytes:
    """Return at most the first `size_bytes` of a file; empty if it cannot be read."""
    with suppress(OSError), open_file(path) as file:
        return file.read(size_bytes)
    return b""


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
