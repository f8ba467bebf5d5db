"""Tracks which annotations of a check run have arrived, so that each arrives exactly once even if responses are lost.

`adapters.github.updates` sends annotations and counts them. This module knows which are still to be sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..model.check_run import Annotation

Batch = tuple[Annotation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _PendingPart:
    """The part of a batch that was sent last and is not confirmed yet."""

    batch: Batch
    size: int
    is_mended: bool


class AnnotationProgress:
    """The batches in progress, each with the number of its settled annotations: arrived, or left out for good.

    Attributes:
        confirmed_count: how many annotations GitHub has confirmed; None before the first count.
        mended: places (``path:line``) of annotations that arrived in plain ASCII.
        left_out: places of annotations that GitHub rejected.
    """

    def __init__(self, confirmed_count: int | None = None) -> None:
        self.confirmed_count = confirmed_count
        self.mended: list[str] = []
        self.left_out: list[str] = []
        self._settled: dict[Batch, int] = {}
        self._pending_part: _PendingPart | None = None

    @property
    def needs_count(self) -> bool:
        """Whether the check run's annotations must be counted before the next send."""
        return self.confirmed_count is None or self._pending_part is not None

    def remaining(self, batch: Batch) -> Batch:
        """Return what is still to be sent of the batch. A batch given again after an error continues."""
        return batch[self._settled.setdefault(batch, 0) :] if batch else ()

    def mark_finished(self, batch: Batch) -> None:
        """Forget the batch. An equal batch that comes later is a new one."""
        self._settled.pop(batch, None)

    def mark_sending(self, batch: Batch, part: Sequence[Annotation], *, is_mended: bool) -> None:
        """Record that `part`, the next annotations of the batch, is being sent; whether it arrives is not known yet."""
        self._pending_part = _PendingPart(batch=batch, size=len(part), is_mended=is_mended)

    def count_after(self, size: int) -> int:
        """Return how many annotations the check run has once `size` more have arrived."""
        return (self.confirmed_count or 0) + size

    def mark_refused(self) -> None:
        """Record that the pending part has not arrived."""
        self._pending_part = None

    def mark_applied(self) -> None:
        """Record that the pending part has arrived."""
        if (part := self._pending_part) is not None:
            self._pending_part = None
            self.confirmed_count = self.count_after(part.size)
            self._settle(part.batch, part.size, self.mended if part.is_mended else [])

    def mark_left_out(self, batch: Batch) -> None:
        """Record that GitHub rejected the next annotation of the batch."""
        self._settle(batch, 1, self.left_out)

    def record_count(self, count: int) -> None:
        """Record how many annotations the check run was found to have."""
        if self._pending_part is not None and count >= self.count_after(self._pending_part.size):
            self.mark_applied()
        self._pending_part = None
        self.confirmed_count = max(count, self.confirmed_count or 0)

    def _settle(self, batch: Batch, size: int, locations: list[str]) -> None:
        settled = self._settled[batch]
        locations += [f"{annotation.path}:{annotation.line}" for annotation in batch[settled : settled + size]]
        self._settled[batch] = settled + size
