"""The queue of annotations to send, with a limit for each level. Annotations over a limit are counted.

The annotations themselves are kept in a `Spool`, so memory use does not grow while GitHub is slow.
"""

from __future__ import annotations

from collections import Counter, deque

from ..model.check_run import Annotation, AnnotationLevel
from ..model.limits import ANNOTATIONS_PER_REQUEST, CAUSES_ANNOTATED_BEYOND, FAILURES_ANNOTATED
from ..model.ports import Spool


class AnnotationQueue:
    """A first-in, first-out queue that puts failures before all others, and the first failure of a cause before those.

    So the first annotations name every problem, however often one of them occurs. For the same reason the first failure
    of a cause has an annotation even over the limit, as far as `CAUSES_ANNOTATED_BEYOND`.

    Attributes:
        failures_beyond: failures over `FAILURES_ANNOTATED`, counted by path.
        others_beyond: notices and warnings over `max-annotations`.
        others_left_out: those that were in the queue when GitHub's rate limits left no room for them.
    """

    def __init__(self, spool: Spool, max_others: int) -> None:
        self._spool = spool
        self._max_others = max_others
        self._causes: set[int] = set()
        self._first_failures: deque[int] = deque()
        self._failures: deque[int] = deque()
        self._others: deque[int] = deque()
        self._failures_put = 0
        self._others_put = 0
        self.failures_beyond: Counter[str] = Counter()
        self.others_beyond = 0
        self.others_left_out = 0

    def __len__(self) -> int:
        return self.failures_waiting + len(self._others)

    @property
    def failures_waiting(self) -> int:
        """Return how many failures are in the queue."""
        return len(self._first_failures) + len(self._failures)

    @property
    def failures_put(self) -> int:
        """Return how many failures were added so far."""
        return self._failures_put

    @property
    def others_put(self) -> int:
        """Return how many notices and warnings were added so far."""
        return self._others_put

    def put(self, annotation: Annotation) -> None:
        """Add an annotation, or count it if its level has reached its limit."""
        if annotation.level is AnnotationLevel.FAILURE:
            is_first = annotation.cause not in self._causes or not annotation.cause
            if self._failures_put >= FAILURES_ANNOTATED + is_first * CAUSES_ANNOTATED_BEYOND:
                self.failures_beyond[annotation.path] += 1
                return
            self._failures_put += 1
            self._causes.add(annotation.cause)
            (self._first_failures if is_first else self._failures).append(self._spool.put(annotation))
        else:
            if self._others_put >= self._max_others:
                self.others_beyond += 1
                return
            self._others_put += 1
            self._others.append(self._spool.put(annotation))

    def leave_out_others(self) -> None:
        """Remove and count the notices and warnings."""
        self.others_left_out += len(self._others)
        self._others.clear()

    def take(self, at_most: int = ANNOTATIONS_PER_REQUEST) -> tuple[Annotation, ...]:
        """Remove and return the next annotations."""
        keys: list[int] = []
        for waiting in (self._first_failures, self._failures, self._others):
            keys += [waiting.popleft() for _ in range(min(at_most - len(keys), len(waiting)))]
        return tuple(self._spool.get(key) for key in keys)
