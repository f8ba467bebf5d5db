"""Run the tests first that failed before.

The action writes their keys to ``first.json``, a list of numbers, as soon as it knows them. That file appears once,
whole, and never changes. A process that has waited too long creates it empty, so that xdist's workers agree.

Part of the plugin; the rules in `pytest_check_runs_child` apply.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from typing import TYPE_CHECKING

import pytest
from pytest_check_runs_stream import hidden_from_coverage, never_fail

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from typing import Any

    from pytest_check_runs_stream import StreamWriter

__file__ = hidden_from_coverage(__file__)

# xdist distributes whole groups of tests, and some of these sort the groups by their size.
_GROUPING = frozenset({"loadscope", "loadfile", "loadgroup"})
_IS_GROUPED = "check_runs_is_grouped"  # of xdist's `workerinput`; a worker does not know the distribution
_POLL_SECONDS = 0.02

# Libraries that fake the time do not patch these functions.
_clock, _CLOCK, _sleep = time.clock_gettime, time.CLOCK_MONOTONIC, time.sleep


@never_fail
def run_failed_first(config: pytest.Config, folder: str, stream: StreamWriter | None) -> None:
    """Register the plugin if the option is set. `stream` is None in xdist's workers."""
    until = config.getoption("check_runs_failed_first")
    if until is None:
        return
    distribution = config.getoption("dist", "no")
    if distribution in _GROUPING:
        config.pluginmanager.register(_GroupedOrder(distribution, stream), "check-runs-order")
    elif not getattr(config, "workerinput", {}).get(_IS_GROUPED):
        config.pluginmanager.register(_FailedFirst(os.path.join(folder, "first.json"), until), "check-runs-order")


class _GroupedOrder:
    """In xdist's controller: keeps the workers from changing the order, and says so."""

    def __init__(self, distribution: str, stream: StreamWriter | None) -> None:
        self._distribution = distribution
        self._stream = stream

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput[_IS_GROUPED] = True

    def pytest_sessionstart(self) -> None:
        self._write_distribution()

    @never_fail
    def _write_distribution(self) -> None:
        if self._stream is not None:
            self._stream.write_event("grouped", distribution=self._distribution)


class _FailedFirst:
    """In every process that collects. Waits for the keys until a time of the monotonic clock."""

    def __init__(self, path: str, until: float) -> None:
        from pytest_check_runs_keys import keys  # noqa: PLC0415 - few sessions need it

        self._keys = keys
        self._path = path
        self._until = until

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, object, None]:
        """Runs after all other plugins, whose order is kept among those that failed and among the others."""
        yield
        ordered = self._ordered(items) if items else None
        if ordered:
            items[:] = ordered

    @never_fail
    def _ordered(self, items: Sequence[pytest.Item]) -> Sequence[pytest.Item]:
        failed = self._failed()
        if not failed:
            return items
        by_item = dict(zip(items, self._keys([item.nodeid for item in items])))  # noqa: B905 - Python 3.8
        return sorted(items, key=lambda item: by_item[item] not in failed)

    def _failed(self) -> frozenset[int]:
        while not os.path.lexists(self._path):
            if _clock(_CLOCK) >= self._until:
                self._give_up()
            else:
                _sleep(_POLL_SECONDS)
        with open(self._path, encoding="ascii") as file:
            return frozenset(json.loads(file.read() or "[]"))

    def _give_up(self) -> None:
        """Create the empty file, unless somebody was faster. Raises `OSError` without the folder."""
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
