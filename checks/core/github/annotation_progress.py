"""How far the annotations of one check run have come, so that each arrives once whatever became of the answers.

Pure but for its own state: `edges.check_run_updates` sends and looks, this knows what is still to be sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..model.check_run import Annotation

Batch = tuple[Annotation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """The first annotations of a batch that were not settled when they were sent."""

    batch: Batch
    size: int
    is_mended: bool


class AnnotationProgress:
    """The batches that were begun, each with how many of its annotations are settled: arrived, or left out for good.

    Attributes:
        arrived: how many annotations the run certainly has; None before anybody has looked.
        mended: places (``path:line``) of annotations that arrived in plain characters.
        left_out: places of those that GitHub does not take.
    """

    def __init__(self, arrived: int | None = None) -> None:
        self.arrived = arrived
        self.mended: list[str] = []
        self.left_out: list[str] = []
        self._settled: dict[Batch, int] = {}
        self._in_doubt: _Part | None = None

    @property
    def needs_look(self) -> bool:
        """Whether only a look at the run tells what it has."""
        return self.arrived is None or self._in_doubt is not None

    def left(self, batch: Batch) -> Batch:
        """What of the batch is still to be sent; one that is given again after an error is known again."""
        return batch[self._settled.setdefault(batch, 0) :] if batch else ()

    def finished(self, batch: Batch) -> None:
        """All of it is settled: an equal batch, if one comes, is another."""
        self._settled.pop(batch, None)

    def sends(self, batch: Batch, part: Sequence[Annotation], *, is_mended: bool) -> None:
        """The next annotations of the batch are being sent; until more is known they are in doubt."""
        self._in_doubt = _Part(batch=batch, size=len(part), is_mended=is_mended)

    def lands_at(self, size: int) -> int:
        """How many annotations the run has once `size` more have arrived."""
        return (self.arrived or 0) + size

    def refused(self) -> None:
        """What was sent has not arrived."""
        self._in_doubt = None

    def landed(self) -> None:
        """What was sent has arrived."""
        if (part := self._in_doubt) is not None:
            self._in_doubt = None
            self.arrived = self.lands_at(part.size)
            self._settle(part.batch, part.size, self.mended if part.is_mended else [])

    def leaves_out(self, batch: Batch) -> None:
        """GitHub does not take the next annotation of the batch."""
        self._settle(batch, 1, self.left_out)

    def saw(self, number: int) -> None:
        """A look has shown so many annotations in the run."""
        if self._in_doubt is not None and number >= self.lands_at(self._in_doubt.size):
            self.landed()
        self._in_doubt = None
        self.arrived = max(number, self.arrived or 0)

    def _settle(self, batch: Batch, size: int, places: list[str]) -> None:
        done = self._settled[batch]
        places += [f"{each.path}:{each.line}" for each in batch[done : done + size]]
        self._settled[batch] = done + size
