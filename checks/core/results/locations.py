"""Map the places that pytest reports to files of the repository."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import takewhile
from posixpath import basename, dirname, join, normpath

from ..model.item import Item, Location
from ..model.job import Repository

#: pytest's configuration files in pytest's order, each with what it must contain to count
#: (https://docs.pytest.org/en/stable/reference/customize.html#configuration-file-formats).
_CONFIGURATION = {
    "pytest.toml": "",
    ".pytest.toml": "",
    "pytest.ini": "",
    ".pytest.ini": "",
    "pyproject.toml": r"^\[tool\.pytest[].]",
    "tox.ini": r"^\[pytest\]",
    "setup.cfg": r"^\[tool:pytest\]",
}


#: Folders of copies, and Python's own files, which are no copies.
_COPIES = re.compile(r"/(?:site|dist)-packages/|/build/(?:lib[^/]*/)?")
_STANDARD_LIBRARY = re.compile(r"/lib/python3[^/]*/(?!(?:site|dist)-packages/)")
#: The number of parts, from the end, that identify the file of a moved folder.
_MOVED_PARTS = 2
#: No file system has longer ones.
_PATH_CHARACTERS = 4096


def resolve(locations: Sequence[Location], *, repository: Repository, root: str) -> tuple[str, int] | None:
    """Return the last place inside the repository as (tracked path, 1-based line), or None.

    `root` is pytest's rootdir (absolute), to which relative places refer.
    """
    for location in reversed(locations):
        otherwise = _elsewhere if repository.is_elsewhere else _source
        path = repository.relative(location.path, root) or otherwise(location.path, repository, root)
        if path is not None:
            return path, max(1, location.line)
    return None


def _elsewhere(path: str, repository: Repository, root: str) -> str | None:
    """Return a path below a root whose files are not here, as it is, or None for an installed or a hidden file."""
    full_path = normpath(join(root or repository.root, path))
    relative_path = full_path.removeprefix(repository.root.rstrip("/") + "/")
    is_own = relative_path != full_path and not relative_path.startswith(".") and "/." not in relative_path
    is_copy = _COPIES.search(f"/{relative_path}") or _STANDARD_LIBRARY.search(full_path)
    return relative_path if is_own and not is_copy and len(relative_path) <= _PATH_CHARACTERS else None


def _source(path: str, repository: Repository, root: str) -> str | None:
    """Return the tracked Python file of which an installed, built or moved file is a copy, or None.

    It is the only one with the longest common end: the whole path below ``site-packages`` or ``build``, or at least a
    folder and a name for a file outside the repository.
    """
    full_path = normpath(join(root or repository.root, path))
    *above, copy = _COPIES.split(full_path)
    is_inside = full_path.startswith(repository.root.rstrip("/") + "/")
    if _STANDARD_LIBRARY.search(full_path) or (is_inside and not above):
        return None
    parts = copy.split("/")
    candidates = _by_name(repository.tracked).get(parts[-1], ())
    lengths = {tracked: _common_end(parts, tracked.split("/")) for tracked in candidates}
    longest = max(lengths.values(), default=0)
    found = [tracked for tracked, length in lengths.items() if length == longest]
    is_long_enough = longest >= (len(parts) if above else _MOVED_PARTS)
    return found[0] if is_long_enough and len(found) == 1 else None


def _common_end(parts: Sequence[str], other_parts: Sequence[str]) -> int:
    pairs = zip(reversed(parts), reversed(other_parts), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


@lru_cache(4)
def _by_name(tracked: frozenset[str]) -> dict[str, list[str]]:
    """Return the Python files by their names without folders."""
    files: dict[str, list[str]] = {}
    for path in tracked:
        if path.endswith(".py"):
            files.setdefault(basename(path), []).append(path)
    return files


def item_location(item: Item, *, repository: Repository, root: str) -> tuple[str, int]:
    """Return a test's own place, or line 1 of the fallback file."""
    return resolve(item.own_locations, repository=repository, root=root) or (repository.fallback, 1)


def relocate_repository(repository: Repository, root: str, path: str) -> Repository:
    """Return the repository with the root that a report's paths refer to.

    `root` is the report's rootdir (absolute), and `path` the path of one of its tests, relative to `root`. If no suffix
    of `root` leads to that file, the sources are not here, and the report's own paths count.
    """
    parts = [part for part in root.split("/") if part]
    for parts_below in range(len(parts) + 1):
        split_index = len(parts) - parts_below
        if join(*parts[split_index:], path) in repository.tracked:
            return replace(repository, root="/" + "/".join(parts[:split_index]))
    return replace(repository, root=root or repository.root, is_elsewhere=bool(path))


def configuration_candidates(tracked: Collection[str], folder: str) -> Iterator[str]:
    """Yield tracked files that may be pytest's configuration, from `folder` (relative; empty for the root) upwards."""
    while True:
        yield from (path for name in _CONFIGURATION if (path := join(folder, name)) in tracked)
        if not folder:
            return
        folder = dirname(folder)


def is_configuration(path: str, text: str) -> bool:
    """Whether pytest reads its configuration from a file with this name and text."""
    return re.search(_CONFIGURATION[basename(path)], text, re.MULTILINE) is not None


def first_tracked(tracked: Collection[str]) -> str:
    """Return the first tracked file at the root, else the first of all, else an empty string."""
    return min(tracked, key=lambda path: ("/" in path, path), default="")
