"""Find every path that leads to a folder, from the kernel's mount table.

A folder can be mounted twice: GitHub's runner mounts its file commands at ``/github/file_commands``, and their parent
folder at ``/github/runner_temp``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

_ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class _Mount:
    """A mount: `root` is the mounted folder's path in its file system, `point` is where it is mounted."""

    device: str
    root: PurePosixPath
    point: PurePosixPath


def paths_to(folder: str, mountinfo: str) -> frozenset[str]:
    """Return the paths at which a folder, or a part of it, can be reached.

    Args:
        folder: an absolute path without symbolic links.
        mountinfo: the text of ``/proc/self/mountinfo``
            (https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html).
    """
    path = PurePosixPath(folder)
    mounts = [*_mounts(mountinfo)]
    enclosing = [mount for mount in mounts if path.is_relative_to(mount.point)]
    if not enclosing:
        return frozenset({folder})
    mount = max(enumerate(enclosing), key=lambda candidate: (len(candidate[1].point.parts), candidate[0]))[
        1
    ]  # the last mount covers earlier ones
    path_on_device = mount.root / path.relative_to(mount.point)
    same_device = [candidate for candidate in mounts if candidate.device == mount.device]
    paths_above = {
        str(candidate.point / path_on_device.relative_to(candidate.root))
        for candidate in same_device
        if path_on_device.is_relative_to(candidate.root)
    }
    mounts_below = {str(candidate.point) for candidate in same_device if candidate.root.is_relative_to(path_on_device)}
    return frozenset({folder} | paths_above | mounts_below)


def _mounts(mountinfo: str) -> Iterator[_Mount]:
    for line in mountinfo.splitlines():
        _, _, device, root, point, *_ = line.split(" ")
        yield _Mount(device, PurePosixPath(_unescaped(root)), PurePosixPath(_unescaped(point)))


def _unescaped(text: str) -> str:
    """Decode octal escapes of spaces, tabs, newlines and backslashes."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 8)), text)
