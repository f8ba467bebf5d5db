"""The batches of annotations that have been taken from the queue but not yet sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ...core.github.annotation_queue import AnnotationQueue
from ...core.github.schedule import has_room_for_notices
from ...core.model.check_run import Annotation, AnnotationLevel
from ...core.model.ports import Urgency
from .base_answer import BaseAnswer

Batch = tuple[Annotation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the annotations of a completed check run are.

    `failures_annotated` of the `failures` were sent; `others_waiting` notices and warnings will be sent, and
    `others_left_out` will not.
    """

    failures_annotated: int
    failures: int
    others_waiting: int
    others_left_out: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether nothing follows."""
        return self.failures_annotated == self.failures and not self.others_waiting


class Batches:
    """Chooses the next batch of annotations, and adds to failures what the base says. Not thread-safe."""

    def __init__(self, annotation_queue: AnnotationQueue, base: BaseAnswer) -> None:
        self._annotation_queue = annotation_queue
        self._base = base
        self._in_flight: deque[Batch] = deque()

    @property
    def waiting(self) -> int:
        """Number of annotations that are not sent yet."""
        return len(self._annotation_queue) + sum(map(len, self._in_flight))

    @property
    def failures_waiting(self) -> int:
        """Number of failures among them."""
        return self._annotation_queue.failures_waiting + _failures(self._in_flight)

    def seconds_to_wait(self) -> float:
        """Return for how long failures in the queue wait for what the base says."""
        return self._base.seconds_to_wait() if self._annotation_queue.failures_waiting else 0.0

    def next_batch(self, *, puts_failures_first: bool = False) -> Batch:
        """Return the next batch; a failed batch is returned again unchanged, since the publisher tracks what arrived.

        If it `puts_failures_first`, failures come before a failed batch.
        """
        puts_failures_first = (
            puts_failures_first and self._annotation_queue.failures_waiting > 0 and not _failures(self._in_flight)
        )
        if puts_failures_first or not self._in_flight:
            batch = tuple(map(self._base.mark, self._annotation_queue.take()))
            self._in_flight.extendleft([batch] if batch else [])
            return batch
        return self._in_flight[0]

    def progress_after(self, batch: Batch) -> Progress:
        """Return the progress once the batch, which was taken, is sent."""
        failures, failures_waiting = self._annotation_queue.failures_put, self.failures_waiting - _failures([batch])
        return Progress(
            failures_annotated=failures - failures_waiting,
            failures=failures,
            others_waiting=self.waiting - len(batch) - failures_waiting,
            others_left_out=self._annotation_queue.others_left_out,
        )

    def leave_out_others(self, seconds_until_ready: Callable[[Urgency], float]) -> None:
        """Forget the notices and warnings of which no batch was taken, unless there is room for them."""
        if not has_room_for_notices(seconds_until_ready):
            self._annotation_queue.leave_out_others()

    def mark_sent(self, batch: Batch) -> None:
        """Forget a batch that was sent."""
        if batch:
            self._in_flight.remove(batch)

    def unsent(self, limit: int) -> Batch:
        """Return annotations that will not be sent any more, failures first."""
        annotations = [annotation for batch in self._in_flight for annotation in batch]
        annotations += self._annotation_queue.take(limit)
        annotations.sort(key=lambda annotation: annotation.level is not AnnotationLevel.FAILURE)
        return tuple(annotations[:limit])


def has_failures(batch: Batch) -> bool:
    """Whether the batch contains a failure."""
    return _failures([batch]) > 0


def _failures(batches: Iterable[Batch]) -> int:
    return sum(annotation.level is AnnotationLevel.FAILURE for batch in batches for annotation in batch)
