"""Annotations that wait to be sent: failures first, each kind within its bound, what is beyond it counted.

Pure but for its own state: where waiting annotations are kept is the caller's (`Spool`), so that memory stays
flat while GitHub is slow.
"""

from __future__ import annotations

from collections import Counter, deque

from ..model.check_run import Annotation, AnnotationLevel
from ..model.limits import ANNOTATIONS_PER_REQUEST, FAILURES_ANNOTATED
from ..model.ports import Spool


class AnnotationQueue:
    """First in, first out, failures before the rest.

    Attributes:
        reserved: how many notices the tests themselves may need, which extras (pytest's warnings) leave to them.
        failures_beyond: failures past `FAILURES_ANNOTATED`, counted by path.
        others_beyond: notices and warnings past the `max-annotations` of the user.
    """

    def __init__(self, spool: Spool, max_others: int) -> None:
        self._spool = spool
        self._max_others = max_others
        self._failures: deque[int] = deque()
        self._others: deque[int] = deque()
        self._failures_put = 0
        self._others_put = 0
        self._extras_put = 0
        self.reserved = 0
        self.failures_beyond: Counter[str] = Counter()
        self.others_beyond = 0

    def __len__(self) -> int:
        return len(self._failures) + len(self._others)

    @property
    def failures_waiting(self) -> int:
        """How many failures are not yet taken."""
        return len(self._failures)

    @property
    def others_put(self) -> int:
        """How many notices and warnings were taken in."""
        return self._others_put

    def put(self, annotation: Annotation, *, is_extra: bool = False) -> None:
        """Let it wait, or count it when its kind has reached its bound."""
        if annotation.level is AnnotationLevel.FAILURE:
            if self._failures_put >= FAILURES_ANNOTATED:
                self.failures_beyond[annotation.path] += 1
                return
            self._failures_put += 1
            self._failures.append(self._spool.put(annotation))
        else:
            has_no_room = is_extra and self._extras_put >= self._max_others - self.reserved
            if has_no_room or self._others_put >= self._max_others:
                self.others_beyond += 1
                return
            self._others_put += 1
            self._extras_put += is_extra
            self._others.append(self._spool.put(annotation))

    def take(self, at_most: int = ANNOTATIONS_PER_REQUEST) -> tuple[Annotation, ...]:
        """The next ones, which wait no longer."""
        keys = [self._failures.popleft() for _ in range(min(at_most, len(self._failures)))]
        keys += [self._others.popleft() for _ in range(min(at_most - len(keys), len(self._others)))]
        return tuple(self._spool.get(key) for key in keys)
