"""How far the annotations of one check run have come, so that each arrives once whatever became of the answers.

Pure but for its own state: `edges.check_run_updates` sends and looks, this knows what is still to be sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..model.check_run import Annotation

Batch = tuple[Annotation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _PendingPart:
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

    def __init__(self, confirmed_count: int | None = None) -> None:
        self.confirmed_count = confirmed_count
        self.mended: list[str] = []
        self.left_out: list[str] = []
        self._settled: dict[Batch, int] = {}
        self._pending_part: _PendingPart | None = None

    @property
    def needs_count(self) -> bool:
        """Whether only a look at the run tells what it has."""
        return self.confirmed_count is None or self._pending_part is not None

    def remaining(self, batch: Batch) -> Batch:
        """What of the batch is still to be sent; one that is given again after an error is known again."""
        return batch[self._settled.setdefault(batch, 0) :] if batch else ()

    def mark_finished(self, batch: Batch) -> None:
        """All of it is settled: an equal batch, if one comes, is another."""
        self._settled.pop(batch, None)

    def mark_sending(self, batch: Batch, part: Sequence[Annotation], *, is_mended: bool) -> None:
        """The next annotations of the batch are being sent; until more is known they are in doubt."""
        self._pending_part = _PendingPart(batch=batch, size=len(part), is_mended=is_mended)

    def count_after(self, size: int) -> int:
        """How many annotations the run has once `size` more have arrived."""
        return (self.confirmed_count or 0) + size

    def mark_refused(self) -> None:
        """What was sent has not arrived."""
        self._pending_part = None

    def mark_applied(self) -> None:
        """What was sent has arrived."""
        if (part := self._pending_part) is not None:
            self._pending_part = None
            self.confirmed_count = self.count_after(part.size)
            self._settle(part.batch, part.size, self.mended if part.is_mended else [])

    def mark_left_out(self, batch: Batch) -> None:
        """GitHub does not take the next annotation of the batch."""
        self._settle(batch, 1, self.left_out)

    def record_count(self, count: int) -> None:
        """A look has shown so many annotations in the run."""
        if self._pending_part is not None and count >= self.count_after(self._pending_part.size):
            self.mark_applied()
        self._pending_part = None
        self.confirmed_count = max(count, self.confirmed_count or 0)

    def _settle(self, batch: Batch, size: int, locations: list[str]) -> None:
        settled = self._settled[batch]
        locations += [f"{annotation.path}:{annotation.line}" for annotation in batch[settled : settled + size]]
        self._settled[batch] = settled + size
