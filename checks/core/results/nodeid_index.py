"""Find tests by their node id, which several tests may share."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from ..model.item import Item
from ..model.items import Items
from .running_test import RunningTest


class NodeIdIndex:
    """Finds tests in `items` and `running`, both by number, which may grow.

    Memory is used only once something is looked up.
    """

    def __init__(self, items: Items, running: Mapping[int, RunningTest]) -> None:
        self._items = items
        self._running = running
        self._last_numbers: dict[str, int] = {}
        self._indexed = 0  # number of tests in `_last_numbers`
        self._unmatched: dict[str, deque[int]] | None = None  # numbers of tests that a report has not had yet

    def last(self, nodeid: str) -> RunningTest | Item | None:
        """Return the last test with this node id, or None."""
        for number in range(self._indexed, len(self._items)):
            self._index(number)
        self._indexed = len(self._items)
        return self._test(self._last_numbers[nodeid]) if nodeid in self._last_numbers else None

    def fill(self, number: int) -> None:
        """Note that a test started at a number that had none; lines can be out of order."""
        if number < self._indexed:
            self._index(number)

    def next_unmatched(self, nodeid: str) -> int | None:
        """Return the number of the first test with this node id that no call has returned, or None.

        Tests that start after the first call are never found.
        """
        if self._unmatched is None:
            self._unmatched = {}
            for number in range(len(self._items)):
                if (test := self._test(number)) is not None:
                    self._unmatched.setdefault(test.nodeid, deque()).append(number)
        numbers = self._unmatched.get(nodeid)
        return numbers.popleft() if numbers else None

    def _index(self, number: int) -> None:
        test = self._test(number)
        if test is not None:
            self._last_numbers[test.nodeid] = max(number, self._last_numbers.get(test.nodeid, 0))

    def _test(self, number: int) -> RunningTest | Item | None:
        return self._running.get(number) or self._items.get(number)
