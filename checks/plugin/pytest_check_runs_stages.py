"""Observe how the reports of stages are made: how long that took, and which of them are never logged.

Part of the plugin; the rules in `pytest_check_runs_child` apply.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from pytest_check_runs_descriptions import DESCRIPTION_ATTRIBUTE
from pytest_check_runs_stream import hidden_from_coverage, inner_result, never_fail, outermost

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

    Entry = dict[str, object]

__file__ = hidden_from_coverage(__file__)

#: The report attribute with ``{"duration": seconds, "attempts": descriptions}``; most reports do not have it.
OBSERVED_ATTRIBUTE = "_check_runs_observed"

# Key of a description until its report, or the report of its subtest, is logged.
_UNLOGGED = "unlogged"

# Libraries that fake the time do not patch this function.
_clock, _CLOCK = time.clock_gettime, time.CLOCK_MONOTONIC
_TOLERANCE_SECONDS = 0.001


class StageObserver(threading.local):
    """Hooks for every process that runs tests (also xdist's workers), and for each thread, which may run its own."""

    def __init__(self) -> None:
        self._item: pytest.Item | None = None
        self._when = ""
        self._start_seconds = self._end_seconds = _clock(_CLOCK)  # of the current stage, of the last report
        self._failures: dict[str, list[Entry]] = {}  # descriptions of the item's failed reports by stage
        self._attempts: list[Entry] = []  # those of earlier attempts of the current stage

    def pytest_runtest_logstart(self) -> None:
        """Keep the time between tests out of the first stage."""
        self._end_seconds = _clock(_CLOCK)

    @outermost
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, object, object]:
        """Runs after all other plugins, also after the one that describes exceptions."""
        result = yield
        self._observe(item, call.when, inner_result(result))
        return result

    @never_fail
    def _observe(self, item: pytest.Item, when: str, report: pytest.TestReport) -> None:
        now = _clock(_CLOCK)
        if item is not self._item:
            self._item, self._when, self._failures = item, "", {}
        if when != self._when:  # otherwise a subtest, which is part of its stage
            self._when, self._start_seconds = when, self._end_seconds
            self._attempts = _unlogged(self._failures.pop(when, []))
        self._end_seconds = now
        observed: Entry = {}
        elapsed = now - self._start_seconds
        if not 0 <= report.duration <= elapsed + _TOLERANCE_SECONDS:
            observed["duration"] = elapsed
        attempts = _unlogged(self._attempts) if self._attempts else []
        if attempts:
            observed["attempts"] = attempts
        description = report.__dict__.get(DESCRIPTION_ATTRIBUTE)
        if report.outcome == "failed" and description:
            description[_UNLOGGED] = True
            self._failures[when] = [*attempts, description]
        if observed:
            report.__dict__[OBSERVED_ATTRIBUTE] = observed


class WorkerObserver(StageObserver):
    """In xdist's workers, where no other hook of this plugin sees which reports are logged."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Runs before xdist sends the report."""
        mark_logged(report.__dict__.get(DESCRIPTION_ATTRIBUTE), report.__dict__.get(OBSERVED_ATTRIBUTE))


def _unlogged(descriptions: list[Entry]) -> list[Entry]:
    return [description for description in descriptions if _UNLOGGED in description]


@never_fail
def mark_logged(description: Entry | None, observed: Any) -> None:
    """Take note that a report with these attributes was logged."""
    for entry in (description, *(observed or {}).get("attempts", ())):
        if entry:
            entry.pop(_UNLOGGED, None)
