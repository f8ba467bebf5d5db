"""A publisher whose check run is also written to a second place; only the first one's troubles count."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...core.model.check_run import Annotation, CheckRun, Published
from ...core.model.ports import Publisher, PublishError


class Copying:
    """The `Publisher` that is `first`; `copy` is told the same until it fails once, which `warn` tells."""

    def __init__(self, first: Publisher, copy: Publisher, *, warn: Callable[[str], None]) -> None:
        self.name = first.name
        self._first = first
        self._copy = copy
        self._warn = warn
        self._copied: Published | None = None
        self._refused: set[tuple[Annotation, ...]] = set()

    def create(self, run: CheckRun) -> Published:
        """Put it up in both places."""
        published = self._first.create(run)
        try:
            self._copied = self._copy.create(run)
        except PublishError as error:
            self._warn(str(error))
        return published

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:
        """Tell both; the copy first, so that it has what the other may refuse; what is given again, it has."""
        batch = tuple(annotations)
        if self._copied is not None:
            try:
                self._copy.update(self._copied, run, () if batch in self._refused else batch)
            except PublishError as error:
                self._warn(str(error))
                self._copied = None
        self._refused.add(batch)
        self._first.update(published, run, batch)
        self._refused.discard(batch)

    def seconds_until_ready(self) -> float:
        """The first one's pace."""
        return self._first.seconds_until_ready()
