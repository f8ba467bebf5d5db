"""Choose the failures to show where there is no room for all."""

from __future__ import annotations

from collections.abc import Iterable

from ..model.check_run import Annotation, AnnotationLevel


class FirstFailures:
    """The first failures that were added, at most `limit`: one of each cause, then others.

    Attributes:
        count: how many were added.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._causes: set[int] = set()
        self._first: list[Annotation] = []
        self._others: list[Annotation] = []
        self.count = 0

    def add(self, annotations: Iterable[Annotation]) -> None:
        """Add the failures among the annotations."""
        for annotation in annotations:
            if annotation.level is AnnotationLevel.FAILURE:
                self._add(annotation)

    def chosen(self) -> list[Annotation]:
        """Return the failures to show."""
        return [*self._first, *self._others][: self._limit]

    def _add(self, annotation: Annotation) -> None:
        self.count += 1
        is_first = not annotation.cause or annotation.cause not in self._causes
        group = self._first if is_first else self._others
        if len(group) < self._limit:
            self._causes.add(annotation.cause)
            group.append(annotation)
