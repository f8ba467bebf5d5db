"""Tracked files -> the one that takes the annotations of what has no place of its own."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from posixpath import basename, dirname, join

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


def candidates(tracked: Collection[str], folder: str) -> Iterator[str]:
    """The tracked files that may be pytest's configuration, from `folder` (relative, empty for the root) upwards."""
    while True:
        yield from (path for name in _CONFIGURATION if (path := join(folder, name)) in tracked)
        if not folder:
            return
        folder = dirname(folder)


def configures(path: str, text: str) -> bool:
    """Whether pytest takes its configuration from a file of that name with that text."""
    return re.search(_CONFIGURATION[basename(path)], text, re.MULTILINE) is not None


def first(tracked: Collection[str]) -> str:
    """The first file at the root, else the first of all, else empty."""
    return min(tracked, key=lambda path: ("/" in path, path), default="")
