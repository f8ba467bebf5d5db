"""The answer of the look-up of the base, for those who can wait for it a little."""

from __future__ import annotations

from collections.abc import Callable

from ...core.history.base_state import marked
from ...core.model.check_run import Annotation
from ...core.model.history import Base, NoBase
from ...core.model.ports import Clock

#: Waits until a time of the monotonic clock, and returns what was found by then; None if nothing is known yet.
LookUp = Callable[[float], Base | NoBase | None]

#: After the look-up began, failures and the verdict wait so long for it.
WAIT_SECONDS = 3.0
_POLL_SECONDS = 0.1


class BaseAnswer:
    """What `look_up` has found so far; it has just begun. Without one, nothing is compared, and nobody waits."""

    def __init__(self, look_up: LookUp | None, clock: Clock) -> None:
        self._look_up = look_up
        self._clock = clock
        self._until = clock.monotonic() + WAIT_SECONDS
        self._found: Base | NoBase | None = None

    @property
    def is_expected(self) -> bool:
        """Whether anything is compared."""
        return self._look_up is not None

    def now(self) -> Base | NoBase | None:
        """Return what is known at once."""
        return self._ask(self._clock.monotonic())

    def wait(self) -> Base | NoBase | None:
        """Return what is known, after waiting for it as long as failures do."""
        return self._ask(self._until)

    def seconds_to_wait(self) -> float:
        """Return for how long failures wait before they look again; 0 if they need not."""
        remaining_seconds = self._until - self._clock.monotonic()
        if remaining_seconds <= 0 or not self.is_expected or self.now() is not None:
            return 0.0
        return min(remaining_seconds, _POLL_SECONDS)

    def mark(self, annotation: Annotation) -> Annotation:
        """Return a failure's annotation with what the base says, as far as that is known."""
        return marked(annotation, self.now()) if annotation.key else annotation

    def _ask(self, until: float) -> Base | NoBase | None:
        if self._found is None and self._look_up is not None:
            self._found = self._look_up(until)
        return self._found
