"""Group warnings that differ only in numbers, which tests that run often would repeat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ..model.check_run import Annotation
from ..text.variable_parts import without_numbers


@dataclass(kw_only=True)
class WarningGroups:
    """Collects the annotations of warnings; similar ones at one place become one, with a count.

    Attributes:
        limit: the most groups; annotations beyond them are only counted.
        count_beyond: their number.
    """

    limit: int
    count_beyond: int = 0
    _groups: dict[tuple[str, int, str], tuple[Annotation, int]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._groups)

    def add(self, annotation: Annotation) -> None:
        """Add the annotation of one warning."""
        key = annotation.path, annotation.line, without_numbers(annotation.message)
        first, count = self._groups.get(key, (annotation, 0))
        if count or len(self._groups) < self.limit:
            self._groups[key] = first, count + 1
        else:
            self.count_beyond += 1

    def annotations(self) -> Iterator[Annotation]:
        """Yield one annotation for each group, in order: the first, with the count."""
        for annotation, count in self._groups.values():
            yield replace(annotation, message=f"{count:,} × {annotation.message}") if count > 1 else annotation
