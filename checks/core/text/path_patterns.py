"""Match paths with patterns as in a ``.gitignore`` at the root of the repository, without exclusions.

https://git-scm.com/docs/gitignore#_pattern_format
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

_ANY_FOLDERS = "**"


def matches(pattern: str, path: str) -> bool:
    """Whether a pattern matches a path, or a folder that the path is in.

    A pattern without a slash before its end matches at any depth; any other one begins at the root. ``**`` is any
    number of folders. The time is linear in the path: each of its names leads from positions in the pattern to others.
    """
    parts = pattern.strip("/").split("/")
    if "/" not in pattern.rstrip("/"):
        parts.insert(0, _ANY_FOLDERS)
    positions = _with_skipped({0}, parts)
    for name in path.split("/"):
        if len(parts) in positions:
            return True
        stays = {position for position in positions if parts[position] == _ANY_FOLDERS}
        moves = {position + 1 for position in positions - stays if fnmatchcase(name, parts[position])}
        positions = _with_skipped(stays | moves, parts)
    return len(parts) in positions


def _with_skipped(positions: Iterable[int], parts: list[str]) -> set[int]:
    """Return the positions, and those behind each ``**`` among them, which may be no folder at all."""
    found = set[int]()
    for start in positions:
        position = start
        found.add(position)
        while position < len(parts) and parts[position] == _ANY_FOLDERS:
            position += 1
            found.add(position)
    return found
