"""The kernel's table of mounts -> every path that leads to a folder.

A folder can be mounted twice: GitHub's runner mounts its file commands at ``/github/file_commands``, and the folder
around them at ``/github/runner_temp``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

_ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class _Mount:
    """`root` is the mounted folder's path in its file system, `point` where it is mounted."""

    device: str
    root: PurePosixPath
    point: PurePosixPath


def paths_to(folder: str, mountinfo: str) -> frozenset[str]:
    """Return the paths at which a folder, or a part of it, can be reached.

    Args:
        folder: an absolute path without links.
        mountinfo: the text of ``/proc/self/mountinfo``
            (https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html).
    """
    path = PurePosixPath(folder)
    mounts = [*_mounts(mountinfo)]
    around = [mount for mount in mounts if path.is_relative_to(mount.point)]
    if not around:
        return frozenset({folder})
    mount = max(enumerate(around), key=lambda each: (len(each[1].point.parts), each[0]))[1]  # a later one covers it
    inside = mount.root / path.relative_to(mount.point)
    same = [each for each in mounts if each.device == mount.device]
    around_it = {str(each.point / inside.relative_to(each.root)) for each in same if inside.is_relative_to(each.root)}
    below_it = {str(each.point) for each in same if each.root.is_relative_to(inside)}
    return frozenset({folder} | around_it | below_it)


def _mounts(mountinfo: str) -> Iterator[_Mount]:
    for line in mountinfo.splitlines():
        _, _, device, root, point, *_ = line.split(" ")
        yield _Mount(device, PurePosixPath(_unescaped(root)), PurePosixPath(_unescaped(point)))


def _unescaped(text: str) -> str:
    """Spaces, tabs, newlines and backslashes are octal numbers there."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)), text)
