"""Find tests by their node id, which several tests may share."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from ..model.item import Item
from ..model.items import PackedItem, unpack
from .running_test import RunningTest, Test


class NodeIdIndex:
    """Finds tests in a list by number, which may grow; memory is used only once something is looked up."""

    def __init__(self, tests: Sequence[Test | None]) -> None:
        self._tests = tests
        self._last_numbers: dict[str, int] = {}
        self._indexed = 0  # number of tests in `_last_numbers`
        self._unmatched: dict[str, deque[int]] | None = None  # numbers of tests that a report has not had yet

    def last(self, nodeid: str) -> RunningTest | Item | None:
        """Return the last test with this node id, or None."""
        for number in range(self._indexed, len(self._tests)):
            self._index(number)
        self._indexed = len(self._tests)
        test = self._tests[self._last_numbers[nodeid]] if nodeid in self._last_numbers else None
        return unpack(test) if isinstance(test, PackedItem) else test

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
            for number, test in enumerate(self._tests):
                if test is not None:
                    self._unmatched.setdefault(_nodeid(test), deque()).append(number)
        numbers = self._unmatched.get(nodeid)
        return numbers.popleft() if numbers else None

    def _index(self, number: int) -> None:
        test = self._tests[number]
        if test is not None:
            nodeid = _nodeid(test)
            self._last_numbers[nodeid] = max(number, self._last_numbers.get(nodeid, 0))


def _nodeid(test: Test) -> str:
    return test.nodeid if isinstance(test, RunningTest) else unpack(test).nodeid
