"""The batches of annotations on their way to the check run: taken out of the outbox, and not yet arrived."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from ...core.github.annotation_queue import AnnotationQueue
from ...core.model.check_run import Annotation, AnnotationLevel

Batch = tuple[Annotation, ...]


class Batches:
    """What waits, and what is next. Not for several threads."""

    def __init__(self, outbox: AnnotationQueue) -> None:
        self._outbox = outbox
        self._taken: deque[Batch] = deque()

    @property
    def waiting(self) -> int:
        """How many annotations are still to be sent."""
        return len(self._outbox) + sum(map(len, self._taken))

    @property
    def failures_waiting(self) -> int:
        """How many of them are failures."""
        return self._outbox.failures_waiting + _failures(self._taken)

    def next(self, *, is_urgent: bool) -> Batch:
        """What was refused is given again, as it was: its publisher knows what of it has arrived.

        Where it `is_urgent` failures go before it.
        """
        is_important = is_urgent and self._outbox.failures_waiting and not _failures(self._taken)
        if is_important or not self._taken:
            batch = self._outbox.take()
            self._taken.extendleft([batch] if batch else [])
            return batch
        return self._taken[0]

    def arrived(self, batch: Batch) -> None:
        """It waits no longer."""
        if batch:
            self._taken.remove(batch)

    def unsent(self, at_most: int) -> Batch:
        """What has not arrived and is not to be sent any more, failures first."""
        found = [each for batch in self._taken for each in batch]
        found += self._outbox.take(at_most)
        found.sort(key=lambda each: each.level is not AnnotationLevel.FAILURE)
        return tuple(found[:at_most])


def has_failures(batch: Batch) -> bool:
    """Whether any of them is a failure."""
    return _failures([batch]) > 0


def _failures(batches: Iterable[Batch]) -> int:
    return sum(each.level is AnnotationLevel.FAILURE for batch in batches for each in batch)
