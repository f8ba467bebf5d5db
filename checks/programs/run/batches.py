"""The batches of annotations on their way to the check run: taken out of the outbox, and not yet arrived."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from ...core.github.annotation_queue import AnnotationQueue
from ...core.model.check_run import Annotation, AnnotationLevel

Batch = tuple[Annotation, ...]


class Batches:
    """What waits, and what is next. Not for several threads."""

    def __init__(self, annotation_queue: AnnotationQueue) -> None:
        self._annotation_queue = annotation_queue
        self._in_flight: deque[Batch] = deque()

    @property
    def waiting(self) -> int:
        """How many annotations are still to be sent."""
        return len(self._annotation_queue) + sum(map(len, self._in_flight))

    @property
    def failures_waiting(self) -> int:
        """How many of them are failures."""
        return self._annotation_queue.failures_waiting + _failures(self._in_flight)

    def next_batch(self, *, is_urgent: bool) -> Batch:
        """What was refused is given again, as it was: its publisher knows what of it has arrived.

        Where it `is_urgent` failures go before it.
        """
        puts_failures_first = is_urgent and self._annotation_queue.failures_waiting and not _failures(self._in_flight)
        if puts_failures_first or not self._in_flight:
            batch = self._annotation_queue.take()
            self._in_flight.extendleft([batch] if batch else [])
            return batch
        return self._in_flight[0]

    def mark_sent(self, batch: Batch) -> None:
        """It waits no longer."""
        if batch:
            self._in_flight.remove(batch)

    def unsent(self, limit: int) -> Batch:
        """What has not arrived and is not to be sent any more, failures first."""
        annotations = [annotation for batch in self._in_flight for annotation in batch]
        annotations += self._annotation_queue.take(limit)
        annotations.sort(key=lambda annotation: annotation.level is not AnnotationLevel.FAILURE)
        return tuple(annotations[:limit])


def has_failures(batch: Batch) -> bool:
    """Whether any of them is a failure."""
    return _failures([batch]) > 0


def _failures(batches: Iterable[Batch]) -> int:
    return sum(annotation.level is AnnotationLevel.FAILURE for batch in batches for annotation in batch)
