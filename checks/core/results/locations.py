"""Map the places that pytest reports to files of the repository."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from posixpath import basename, dirname, join

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


def resolve(locations: Sequence[Location], *, repository: Repository, root: str) -> tuple[str, int] | None:
    """Return the last place inside the repository as (tracked path, 1-based line), or None.

    `root` is pytest's rootdir (absolute), to which relative places refer.
    """
    for location in reversed(locations):
        path = repository.relative(location.path, root)
        if path is not None:
            return path, max(1, location.line)
    return None


def item_location(item: Item, *, repository: Repository, root: str) -> tuple[str, int]:
    """Return a test's own place, or line 1 of the fallback file."""
    return resolve(item.own_locations, repository=repository, root=root) or (repository.fallback, 1)


def relocate_repository(repository: Repository, root: str, path: str) -> Repository:
    """Return the repository with the root that a report's paths refer to.

    `root` is the report's rootdir (absolute), and `path` the path of one of its tests, relative to `root`. If no suffix
    of `root` leads to that file, the repository's own root is used.
    """
    parts = [part for part in root.split("/") if part]
    for parts_below in range(len(parts) + 1):
        split_index = len(parts) - parts_below
        if join(*parts[split_index:], path) in repository.tracked:
            return replace(repository, root="/" + "/".join(parts[:split_index]))
    return replace(repository, root=root or repository.root)


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
