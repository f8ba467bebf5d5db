"""Where in the repository something happened: the places that pytest names, against the files that git tracks."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from posixpath import basename, dirname, join

from ..model.item import Item, Location
from ..model.job import Repository

#: pytest's configuration files in its own order, each with what it must hold to be one
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
    """The last of the places that lies in the repository, as (tracked path, 1-based line); None if none does.

    `root` is pytest's rootdir, absolute: what relative places are relative to.
    """
    for location in reversed(locations):
        path = repository.relative(location.path, root)
        if path is not None:
            return path, max(1, location.line)
    return None


def item_location(item: Item, *, repository: Repository, root: str) -> tuple[str, int]:
    """A test's own place, else the fallback's first line."""
    return resolve(item.own_locations, repository=repository, root=root) or (repository.fallback, 1)


def relocate_repository(repository: Repository, root: str, path: str) -> Repository:
    """The repository as the paths of a report name it.

    `root` is the rootdir of the report, absolute, and `path` that of one of its tests, relative to it. Where no part of
    `root` leads to that file, it is taken for the repository's own root.
    """
    parts = [part for part in root.split("/") if part]
    for parts_below in range(len(parts) + 1):
        split_index = len(parts) - parts_below
        if join(*parts[split_index:], path) in repository.tracked:
            return replace(repository, root="/" + "/".join(parts[:split_index]))
    return replace(repository, root=root or repository.root)


def configuration_candidates(tracked: Collection[str], folder: str) -> Iterator[str]:
    """The tracked files that may be pytest's configuration, from `folder` (relative, empty for the root) upwards."""
    while True:
        yield from (path for name in _CONFIGURATION if (path := join(folder, name)) in tracked)
        if not folder:
            return
        folder = dirname(folder)


def is_configuration(path: str, text: str) -> bool:
    """Whether pytest takes its configuration from a file of that name with that text."""
    return re.search(_CONFIGURATION[basename(path)], text, re.MULTILINE) is not None


def first_tracked(tracked: Collection[str]) -> str:
    """The first file at the root, else the first of all, else empty."""
    return min(tracked, key=lambda path: ("/" in path, path), default="")
