"""Number the tests of a session by what they are: two may share a node id, and a plugin may change that of a report.

Part of the plugin; the rules in `pytest_check_runs_child` apply.
"""

from __future__ import annotations

import collections
import itertools
import threading
from typing import TYPE_CHECKING

from pytest_check_runs_stream import hidden_from_coverage, never_fail

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    import pytest

__file__ = hidden_from_coverage(__file__)

_ENDS = frozenset({"teardown", "???"})  # stages after which a test has ended, unless it is rerun


class _Running:
    """The test that runs in one thread.

    Attributes:
        item: None if the thread runs no item, or under xdist.
        number: of the item's test, None before it has started.
        last_stage: of that test.
    """

    item: pytest.Item | None = None
    number: int | None = None
    last_stage = "teardown"


class _RunningInThread(threading.local):
    """Some plugins run several tests at a time."""

    def __init__(self) -> None:
        self.running = _Running()


class StartedTests:
    """The tests that have started, by number.

    In one process a test is its item; a plugin may also start several tests for one item. Under xdist the controller
    knows a test's index, but only from its first report on; until then it is the first of its node id without a report.

    Attributes:
        titles: the node ids without xdist's group, by number.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.titles: dict[int, str] = {}
        self._free_numbers = itertools.count()  # `next` returns each to one thread only, without a lock
        self._items: list[pytest.Item | None] = []  # of `_numbers`, since another item could get the id of a freed one
        self._threads = _RunningInThread()
        self._numbers: dict[object, int] = {}  # by the item's id, by xdist's index or by node id
        self._same_id: dict[str, list[int]] = {}  # xdist: the numbers of each node id
        self._bound: set[int] = set()  # xdist: the numbers whose index is known
        self._ended: set[int] = set()  # xdist
        self._worker_ids: dict[str, Sequence[str]] = {}
        self._run_counts: dict[str, int] = {}  # xdist: of node ids that are run more than once
        self._has_groups = has_groups(config)
        self._runs_in_each_worker = config.getoption("dist", "no") == "each"

    def enter(self, item: pytest.Item | None) -> None:
        """Take note of the item that is running in this thread from now on, None if it has ended."""
        running = self._threads.running
        running.item, running.number = item, None

    def nodeid_of(self, report: Any) -> str:
        """Return the node id of the item of a report; the report's own may differ."""
        item = self._threads.running.item
        nodeid: str = report.nodeid if item is None else item.nodeid
        if self._worker_ids and hasattr(report, "item_index"):
            # xdist tells nothing of a worker that collects after the last tests are distributed; all collect the same
            ids = self._worker_ids.get(report.node.gateway.id) or next(iter(self._worker_ids.values()))
            nodeid = ids[report.item_index]
        return nodeid

    def start(self, nodeid: str, domain: str) -> int:
        """Return the number of a test that starts, or is rerun; `domain` is the third part of its location."""
        if self._worker_ids:
            return self._start_in_worker(nodeid, domain)
        running = self._threads.running
        item = running.item
        key: object = nodeid
        if item is not None:
            key = id(item) if nodeid == item.nodeid else (id(item), nodeid)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = self._next_number(nodeid)
            self._items.append(item)
        self._numbers[nodeid] = number  # for reports that are logged later
        running.number, running.last_stage = number, "teardown"
        return number

    def number_of(self, report: pytest.TestReport) -> int | None:
        """Return the number of the test that a logged report belongs to, None if it has not started; keep its stage."""
        if not self._worker_ids:
            running = self._threads.running
            running.last_stage = report.when or ""
            return self._numbers.get(report.nodeid) if running.item is None else running.number
        index = getattr(report, "item_index", None)
        number = self._number_of_crashed(report.nodeid) if index is None else self._number_of_index(report, index)
        if number is not None and report.when in _ENDS:
            self._ended.add(number)
        return number

    def number_without_teardown(self) -> int | None:
        """Return the number of the running item's test if it has results, but no teardown."""
        running = self._threads.running
        return None if running.item is None or running.last_stage in _ENDS else running.number

    @never_fail
    def collected(self, worker: str, ids: Sequence[str]) -> None:
        """Take note of the node ids of a worker of xdist; their positions are the tests' indexes."""
        is_counted = self._runs_in_each_worker or not self._worker_ids
        self._worker_ids[worker] = next((known for known in self._worker_ids.values() if known == ids), ids)
        for nodeid, number in collections.Counter(ids if is_counted else ()).items():
            if number > 1 or self._runs_in_each_worker:
                self._run_counts[nodeid] = self._run_counts.get(nodeid, 0) + number

    def title(self, nodeid: str) -> str:
        """Return the title of a node id, which may have xdist's group."""
        numbers = self._same_id.get(nodeid) if self._has_groups else None
        return self.titles[numbers[0]] if numbers else nodeid

    def _next_number(self, title: str) -> int:
        number = next(self._free_numbers)
        self.titles[number] = title
        return number

    def _start_in_worker(self, nodeid: str, domain: str) -> int:
        numbers = self._same_id.setdefault(nodeid, [])
        if numbers and len(numbers) >= self._run_counts.get(nodeid, 1):  # a rerun, or one of several has started again
            return next((number for number in numbers if number not in self._ended), numbers[-1])
        numbers.append(self._next_number(without_group(nodeid, domain) if self._has_groups else nodeid))
        return numbers[-1]

    def _number_of_index(self, report: Any, index: int) -> int | None:
        worker = report.node.gateway.id
        key = (worker, index) if self._runs_in_each_worker else index
        if key not in self._numbers:
            numbers = self._same_id.get(self.nodeid_of(report), ())
            number = next((number for number in numbers if number not in self._bound), None)
            if number is None:
                return None
            self._bound.add(number)
            self._numbers[key] = number
        return self._numbers[key]

    def _number_of_crashed(self, nodeid: str) -> int | None:
        numbers = self._same_id.get(nodeid, ())
        return next((number for number in numbers if number not in self._ended), numbers[-1] if numbers else None)


def has_groups(config: pytest.Config) -> bool:
    """Whether ``--dist=loadgroup`` is set; in a worker xdist moves it to another option."""
    return config.getoption("dist", "no") == "loadgroup" or bool(config.getoption("loadgroup", default=False))


def without_group(nodeid: str, domain: str) -> str:
    """Return the node id without the ``@group`` that ``--dist=loadgroup`` appends; `domain` ends in the test's name."""
    shown = domain.replace("::", ".")
    for candidate in (nodeid, *prefixes_without_group(nodeid)):
        name = candidate.partition("::")[2].replace("::", ".")
        if name and shown.endswith(name):
            return candidate
    return nodeid


def prefixes_without_group(nodeid: str) -> Iterator[str]:
    """Yield what a node id may be without the ``@group`` that ``--dist=loadgroup`` appends, the longest last."""
    start = nodeid.rfind("]") + 1
    pieces = nodeid[start:].split("@")
    for piece in itertools.accumulate(pieces[:-1], "{}@{}".format):
        yield nodeid[:start] + piece
