"""Who owns the files of the workspace: what root's tests made there belongs to the workspace's owner at the end."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def give_back(folder: Path) -> None:
    """Give what is root's in `folder` to the owner of `folder`, as far as that can be done; nothing unless we are root.

    Without this, a self-hosted runner cannot clean its workspace. No link is followed, and no folder that is exchanged
    for a link meanwhile.
    """
    with suppress(OSError, RecursionError):
        owner = folder.stat()
        if os.geteuid() == 0 != owner.st_uid:
            for _, folders, files, descriptor in os.fwalk(folder):
                for name in (*folders, *files):
                    _give(name, descriptor, owner)


def _give(name: str, folder: int, owner: os.stat_result) -> None:
    with suppress(OSError):  # it has gone since, or lies on a file system that does not let us
        if os.stat(name, dir_fd=folder, follow_symlinks=False).st_uid == 0:
            os.chown(name, owner.st_uid, owner.st_gid, dir_fd=folder, follow_symlinks=False)
