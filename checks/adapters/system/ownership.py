"""Return files that tests created as root to the workspace's owner."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

#: More files than workspaces have; tests can create any number.
_MAX_FILES = 2_000_000


def give_back(folder: Path) -> None:
    """Give files in `folder` that root owns to the owner of `folder`, as far as possible; does nothing unless root.

    Without this, a self-hosted runner cannot clean its workspace. Never follows symbolic links, even if a folder is
    replaced by one meanwhile.
    """
    with suppress(OSError):
        owner = folder.stat()
        if os.geteuid() == 0 != owner.st_uid:
            with _opened(str(folder)) as descriptor:
                _give_contents(descriptor, owner, iter(range(_MAX_FILES)))


def _give_contents(folder: int, owner: os.stat_result, remaining: Iterator[int]) -> None:
    """Give away the open folder's content, while there is any of `remaining`."""
    with suppress(OSError, RecursionError), os.scandir(folder) as entries:
        for entry in entries:
            if next(remaining, None) is None:
                return
            _give(entry.name, folder, owner)
            if entry.is_dir(follow_symlinks=False):
                with suppress(OSError), _opened(entry.name, folder) as inner:
                    _give_contents(inner, owner, remaining)


@contextmanager
def _opened(name: str, folder: int | None = None) -> Iterator[int]:
    descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _give(name: str, folder: int, owner: os.stat_result) -> None:
    with suppress(OSError):  # it is gone, or the file system does not allow it
        if os.stat(name, dir_fd=folder, follow_symlinks=False).st_uid == 0:
            os.chown(name, owner.st_uid, owner.st_gid, dir_fd=folder, follow_symlinks=False)
