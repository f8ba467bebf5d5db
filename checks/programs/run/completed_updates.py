"""Which updates complete a check run, and with which annotations."""

from __future__ import annotations

import threading

from ...core.model.ports import Clock, SecondsUntilReady, Update, Urgency
from .batches import Batches
from .content import CompletedContent

#: An update that could also be left out waits so long for its turn.
_MOST_SECONDS = 3.0


class CompletedUpdates:
    """The updates that complete a check run: the first has the verdict, and the others have more annotations.

    `changed` guards the batches.

    Attributes:
        content: what the run is completed as; None until that is requested.
    """

    def __init__(self, batches: Batches, changed: threading.Condition, clock: Clock) -> None:
        self.content: CompletedContent | None = None
        self._batches = batches
        self._changed = changed
        self._clock = clock
        self._has_begun = False
        self._first: Update | None = None

    @property
    def is_requested(self) -> bool:
        """Whether there is content."""
        return self.content is not None

    def request(self, content: CompletedContent) -> CompletedContent:
        """Request the completion; return what is used: earlier content if that is being sent already.

        The caller holds `changed`, and notifies it.
        """
        if self.content is None or not self._has_begun:
            self.content = content
        return self.content

    def begin(self) -> CompletedContent:
        """Wait for the content and return it. It cannot be replaced from now on."""
        with self._changed:
            while self.content is None:
                self._clock.wait(self._changed, None)
            self._has_begun = True
            return self.content

    def first(self, seconds_until_ready: SecondsUntilReady) -> Update:
        """Return the update with the verdict and the most important annotations, the same each time."""
        if self._first is None:
            self._first = self.next(seconds_until_ready)
        return self._first

    def next(self, seconds_until_ready: SecondsUntilReady) -> Update:
        """Return an update with the next annotations. Notices and warnings for which there is no room are left out."""
        content = self.begin()
        with self._changed:
            batch = self._batches.next_batch(puts_failures_first=True)
            self._batches.leave_out_others(seconds_until_ready)
            progress = self._batches.progress_after(batch)
        return content.at(progress), batch

    def has_more(self, seconds_until_ready: SecondsUntilReady) -> bool:
        """Wait for what comes after the tests; return whether there is more, and room for one more update."""
        if not self.begin().has_more() or (seconds := seconds_until_ready(Urgency.LIVE)) > _MOST_SECONDS:
            return False
        if seconds > 0:
            with self._changed:
                self._clock.wait(self._changed, seconds)
        return True

    def without_annotations(self) -> Update:
        """Return an update that says which annotations were sent so far."""
        return self.begin().at(self._batches.progress_after(())), ()
