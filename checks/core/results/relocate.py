"""Where a report's paths lead in the repository that is here: its tests may have run in another place."""

from __future__ import annotations

from dataclasses import replace
from posixpath import join

from ..model.job import Repository


def relocated(repository: Repository, root: str, path: str) -> Repository:
    """The repository as the paths of a report name it.

    `root` is the rootdir of the report, absolute, and `path` that of one of its tests, relative to it. Where no part of
    `root` leads to that file, it is taken for the repository's own root.
    """
    parts = [part for part in root.split("/") if part]
    for below in range(len(parts) + 1):
        at = len(parts) - below
        if join(*parts[at:], path) in repository.tracked:
            return replace(repository, root="/" + "/".join(parts[:at]))
    return replace(repository, root=root or repository.root)
