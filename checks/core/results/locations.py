"""Where in the repository something happened: the places that pytest names, against the files that git tracks."""

from __future__ import annotations

from collections.abc import Sequence

from ..model.item import Item, Place
from ..model.job import Repository


def resolve(places: Sequence[Place], *, repository: Repository, root: str) -> tuple[str, int] | None:
    """The last of the places that lies in the repository, as (tracked path, 1-based line); None if none does.

    `root` is pytest's rootdir, absolute: what relative places are relative to.
    """
    for place in reversed(places):
        path = repository.relative(place.path, root)
        if path is not None:
            return path, max(1, place.line)
    return None


def of_item(item: Item, *, repository: Repository, root: str) -> tuple[str, int]:
    """A test's own place, else the fallback's first line."""
    return resolve(item.own, repository=repository, root=root) or (repository.fallback, 1)
