"""Observe how the reports of stages are made: how long that took, and which of them are never logged.

Part of the plugin; the rules in `pytest_check_runs_child` apply.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from pytest_check_runs_descriptions import DESCRIPTION_ATTRIBUTE
from pytest_check_runs_entry import is_number
from pytest_check_runs_stream import hidden_from_coverage, inner_result, never_fail, outermost

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

    from pytest_check_runs_descriptions import Describer

    Entry = dict[str, object]

__file__ = hidden_from_coverage(__file__)

#: The report attribute with ``{"duration": seconds, "attempts": descriptions}``; most reports do not have it.
OBSERVED_ATTRIBUTE = "_check_runs_observed"

# Key of a description until its report, or the report of its subtest, is logged.
_UNLOGGED = "unlogged"

# Libraries that fake the time do not patch this function.
_clock, _CLOCK = time.clock_gettime, time.CLOCK_MONOTONIC
_TOLERANCE_SECONDS = 0.001


class StageObserver:
    """Hooks for every process that runs tests (also xdist's workers)."""

    def __init__(self, describer: Describer) -> None:
        self._describer = describer
        self._threads = _StagesOfThread()

    def pytest_runtest_logstart(self) -> None:
        """Keep the time between tests out of the first stage."""
        self._threads.stages.end_seconds = _clock(_CLOCK)

    @outermost
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, object, object]:
        """Runs outside all other plugins, to see the report as they leave it."""
        raised = call.excinfo  # plugins for soft assertions replace it
        result = yield
        report = inner_result(result)
        if call.excinfo is not None:
            self._describer.describe(item, raised or call.excinfo, call.excinfo, report)
        self._threads.stages.observe(item, call.when, report)
        return result


class _Stages:
    """What was observed of the item that is running in one thread.

    Attributes:
        end_seconds: when the last stage ended.
    """

    def __init__(self) -> None:
        self.end_seconds = self._start_seconds = _clock(_CLOCK)
        self._item: pytest.Item | None = None
        self._when = ""
        self._failures: dict[str, list[Entry]] = {}  # descriptions of the item's failed reports by stage
        self._attempts: list[Entry] = []  # those of earlier attempts of the current stage

    @never_fail
    def observe(self, item: pytest.Item, when: str, report: pytest.TestReport) -> None:
        """Take note of a report, and add to it what nothing else will show."""
        now = _clock(_CLOCK)
        if item is not self._item:
            self._item, self._when = item, ""
            self._failures.clear()
        if when != self._when:  # otherwise a subtest, which is part of its stage
            self._when, self._start_seconds = when, self.end_seconds
            self._attempts = self._failures.pop(when, [])
        self.end_seconds = now
        elapsed = now - self._start_seconds
        observed: Entry = {}
        if not (is_number(report.duration) and 0 <= report.duration <= elapsed + _TOLERANCE_SECONDS):
            observed["duration"] = elapsed
        if self._attempts:
            self._attempts = [description for description in self._attempts if _UNLOGGED in description]
            observed.update({"attempts": self._attempts} if self._attempts else {})
        if report.outcome == "failed":
            self._keep_failure(report)
        if observed:
            report.__dict__[OBSERVED_ATTRIBUTE] = observed

    def _keep_failure(self, report: pytest.TestReport) -> None:
        description = report.__dict__.get(DESCRIPTION_ATTRIBUTE)
        if description:
            description[_UNLOGGED] = True
            self._failures[self._when] = [*self._attempts, description]


class _StagesOfThread(threading.local):
    """Each thread may run an item of its own."""

    def __init__(self) -> None:
        self.stages = _Stages()


class WorkerObserver(StageObserver):
    """In xdist's workers, where no other hook of this plugin sees which reports are logged."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Runs before xdist sends the report."""
        mark_logged(report.__dict__.get(DESCRIPTION_ATTRIBUTE), report.__dict__.get(OBSERVED_ATTRIBUTE))


@never_fail
def mark_logged(description: Entry | None, observed: Any) -> None:
    """Take note that a report with these attributes was logged."""
    for entry in (description, *(observed or {}).get("attempts", ())):
        if entry:
            entry.pop(_UNLOGGED, None)
