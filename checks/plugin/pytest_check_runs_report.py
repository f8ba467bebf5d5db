"""The JSON report: written by pytest-json-report's own class, which hears of the tests from us alone.

As a plugin of the session it would change it: a handler on the root logger, warnings, errors of its own. And a report
that the user asks for is another, with their options.

Part of the plugin beside it, and under its rules.
"""

from __future__ import annotations

import json
import os
import warnings
from types import SimpleNamespace
from typing import TYPE_CHECKING

from pytest_check_runs_stream import hidden_from_coverage, never_fail
from pytest_check_runs_texts import OUTPUT_CHARACTERS, TEXT_CHARACTERS, truncate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    import pytest

    Entry = dict[str, object]

__file__ = hidden_from_coverage(__file__)

_EXTRA_ATTRIBUTE = "_json_report_extra"  # the attribute of a report with what pytest-json-report keeps of it


class JsonReportWriter:
    """What has been told, in pytest-json-report's dialect, with what that loses under keys that it does not use."""

    def __init__(self, config: pytest.Config, path: str) -> None:
        self.session_id = os.urandom(8).hex()
        self.collectors: list[Entry] = []
        self.warnings: list[Entry] = []
        self.paths: dict[str, str] = {}  # of the tests that are defined in another file than their node id's
        self._root = config.rootpath
        self._stages: dict[str, list[Entry]] = {}  # of a running test, or of one with reruns or subtests
        self._multi_stage_tests: set[str] = set()  # node ids of the latter
        self._current_entry: Entry = {}
        self._path = path
        self._writer: Any = self._make_writer(config.pluginmanager.getplugin("pytest_jsonreport"))

    @never_fail
    def _make_writer(self, plugin: Any) -> object:
        """With all that it asks of a pytest configuration, which is no one else's."""
        omitted = ["keywords", "collectors", "warnings", "log", "streams"]
        option = SimpleNamespace(
            json_report_file=self._path, json_report_omit=omitted, json_report_summary=False, json_report_indent=None
        )
        hook = SimpleNamespace(
            pytest_report_teststatus=lambda **_: (self._current_entry.get("category", ""),),
            pytest_json_runtest_stage=lambda **_: self._current_entry,
            pytest_json_modifyreport=self._complete_report,
        )
        writer = plugin.JSONReport(SimpleNamespace(option=option, hook=hook))
        writer.save_report = self._save
        return writer

    @never_fail
    def begin(self, session: pytest.Session) -> None:
        """Start the clock."""
        self._writer.pytest_sessionstart(session)

    @never_fail
    def deselect(self, items: Sequence[pytest.Item]) -> None:
        """Count them as collected all the same."""
        self._writer.pytest_deselected(items)

    def entry(self, report: pytest.TestReport) -> Entry:
        """A stage as pytest-json-report tells it, its texts cut."""
        longrepr = truncate(report.longreprtext, TEXT_CHARACTERS)
        return {
            **(self._stage(report) or {}),
            "outcome": report.outcome,
            "duration": report.duration,
            "longrepr": longrepr,
        }

    @never_fail
    def _stage(self, report: pytest.TestReport) -> Entry:
        captured = {stream: _captured(report, stream) for stream in ("stdout", "stderr")}
        report.__dict__.setdefault(_EXTRA_ATTRIBUTE, {report.when: captured})
        stage: Entry = self._writer.pytest_json_runtest_stage(report)
        return stage

    @never_fail
    def add(self, report: pytest.TestReport, entry: Entry) -> None:
        """Keep a stage: the file holds the last of each name alone, and all of a test with reruns or subtests."""
        if "text" in entry:  # it says more than pytest's own, and both would be twice the size
            entry = {**entry, "longrepr": entry["text"]}
            del entry["text"]
        stages = self._stages.setdefault(report.nodeid, [])
        stages.append({**entry, "when": report.when})
        if entry.get("category") == "rerun" or "subtest" in entry:
            self._multi_stage_tests.add(report.nodeid)
        if report.when == "teardown" and report.nodeid not in self._multi_stage_tests:
            del self._stages[report.nodeid]
        self._current_entry = entry
        report.__dict__.setdefault(_EXTRA_ATTRIBUTE, {})
        if not report.user_properties:
            self._writer.pytest_runtest_logreport(report)
            return
        with warnings.catch_warnings():  # of properties that are no JSON
            warnings.simplefilter("ignore")
            self._writer.pytest_runtest_logreport(report)

    @never_fail
    def save(self, session: pytest.Session) -> None:
        """Write the file, if there is to be one."""
        self._writer.pytest_sessionfinish(
            # Its root is `fspath`, which ``-p no:legacypath`` takes away.
            SimpleNamespace(
                testscollected=session.testscollected, exitstatus=int(session.exitstatus), fspath=self._root
            )
        )

    def _complete_report(self, json_report: Entry) -> None:
        tests: Any = json_report["tests"]
        for test in tests:
            if test["nodeid"] in self.paths:
                test["path"] = self.paths[test["nodeid"]]
            if test["nodeid"] in self._multi_stage_tests:
                test["stages"] = self._stages[test["nodeid"]]
        json_report["collectors"] = self.collectors
        json_report["warnings"] = self.warnings
        json_report["check_runs_session"] = self.session_id  # last: so it is whole, and of this session

    def _save(self, path: str) -> None:
        """As its own way, with the same text; that goes piece by piece through Python, and this through C."""
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(_pieces(self._writer.report))


def _pieces(report: Entry) -> Iterator[str]:
    """The report's text; a list is never all in memory."""
    encode, separator = json.JSONEncoder(default=str).encode, "{"
    for key, value in report.items():
        yield "%s%s: " % (separator, encode(key))
        if isinstance(value, list):
            yield from ("%s%s" % (", " if number else "[", encode(element)) for number, element in enumerate(value))
            yield "]" if value else "[]"
        else:
            yield encode(value)
        separator = ", "
    yield "}"


def _captured(report: pytest.TestReport, stream: str) -> str:
    title = "Captured %s %s" % (stream, report.when)
    return truncate("".join(text for name, text in report.sections if name == title), OUTPUT_CHARACTERS)
