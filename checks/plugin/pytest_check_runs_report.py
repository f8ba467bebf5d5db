"""Write the JSON report with pytest-json-report's own class, which is fed by this plugin.

Registered as a plugin, that class would change the session: a root logger handler, warnings, errors of its own. The
user may also request a second report with other options.

Part of the plugin; the rules in `pytest_check_runs_child` apply.
"""

from __future__ import annotations

import json
import os
import warnings
from types import SimpleNamespace
from typing import TYPE_CHECKING

from pytest_check_runs_stream import hidden_from_coverage, never_fail
from pytest_check_runs_texts import MESSAGE_CHARACTERS, OUTPUT_CHARACTERS, TEXT_CHARACTERS, truncate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    import pytest

    Entry = dict[str, object]

__file__ = hidden_from_coverage(__file__)

_EXTRA_ATTRIBUTE = "_json_report_extra"  # report attribute for pytest-json-report's data
_OUTCOMES = frozenset({"passed", "failed", "skipped"})
_PLAIN_KEYS = 3  # of a stage that just passed


class JsonReportWriter:
    """Collects entries in pytest-json-report's format, with additional data under keys of the plugin's own."""

    def __init__(self, config: pytest.Config, path: str, titles: Sequence[str]) -> None:
        self.session_id = os.urandom(8).hex()
        self.collectors: list[Entry] = []
        self.warnings: list[Entry] = []
        self.paths: dict[int, str] = {}  # files of tests that their node id's file does not define, by number
        self.counts: Entry = {}
        self._titles = titles  # by number
        self._root = config.rootpath
        self._stages: dict[int, list[Entry]] = {}  # of tests that are running or have more than passed
        self._multi_stage_tests: set[int] = set()  # numbers of tests with reruns or subtests
        self._current_entry: Entry = {}
        self._path = path
        self._writer: Any = self._make_writer(config.pluginmanager.getplugin("pytest_jsonreport"))

    @never_fail
    def _make_writer(self, plugin: Any) -> object:
        """Return pytest-json-report's writer with a minimal configuration."""
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
        """Count deselected items as collected."""
        self._writer.pytest_deselected(items)

    def entry(self, report: pytest.TestReport) -> Entry:
        """Return a stage's entry as pytest-json-report writes it, with truncated texts."""
        entry = self._stage(report) or {}
        entry["longrepr"] = _longrepr(report) or ""
        return entry

    @never_fail
    def _stage(self, report: pytest.TestReport) -> Entry:
        captured = {stream: _captured(report, stream) for stream in ("stdout", "stderr")}
        report.__dict__.setdefault(_EXTRA_ATTRIBUTE, {report.when: captured})
        stage: Any = self._writer.pytest_json_runtest_stage(report)
        if "crash" in stage:
            stage["crash"]["message"] = truncate(stage["crash"]["message"], MESSAGE_CHARACTERS)
        return stage

    @never_fail
    def add(self, number: int, report: pytest.TestReport, entry: Entry) -> None:
        """Add a stage: the file has the last stage of each name, and all stages of a test with reruns or subtests."""
        if "text" in entry:  # more detailed than pytest's own; both would double the size
            entry = {**entry, "longrepr": entry["text"]}
            del entry["text"]
        stages = self._stages.setdefault(number, [])
        if number not in self._multi_stage_tests and (
            "subtest" in entry or entry["outcome"] not in _OUTCOMES or any(report.when == old["when"] for old in stages)
        ):
            self._multi_stage_tests.add(number)
        stages.append({**entry, "when": report.when})
        is_plain = number not in self._multi_stage_tests and all(len(stage) == _PLAIN_KEYS for stage in stages)
        if report.when == "teardown" and is_plain:
            del self._stages[number]
        self._current_entry = entry
        # The writer identifies tests by their node ID.
        numbered = SimpleNamespace(
            nodeid=number,
            location=report.location,
            when=report.when,
            user_properties=report.user_properties,
            _json_report_extra=report.__dict__.get(_EXTRA_ATTRIBUTE, {}),
        )
        if not report.user_properties:
            self._writer.pytest_runtest_logreport(numbered)
            return
        with warnings.catch_warnings():  # for properties that are not JSON
            warnings.simplefilter("ignore")
            self._writer.pytest_runtest_logreport(numbered)

    @never_fail
    def save(self, session: pytest.Session) -> None:
        """Write the report file."""
        self._writer.pytest_sessionfinish(
            # The writer reads `fspath`, which ``-p no:legacypath`` removes.
            SimpleNamespace(
                testscollected=session.testscollected, exitstatus=int(session.exitstatus), fspath=self._root
            )
        )

    def _complete_report(self, json_report: Entry) -> None:
        tests: Any = json_report["tests"]
        for test in tests:
            number = test["nodeid"]
            test["nodeid"] = self._titles[number]
            if number in self.paths:
                test["path"] = self.paths[number]
            if number in self._multi_stage_tests:
                test["stages"] = self._stages[number]
        json_report["collectors"] = self.collectors
        json_report["warnings"] = self.warnings
        json_report["check_runs_counts"] = self.counts  # after the results that they are compared with
        json_report["check_runs_session"] = self.session_id  # last, so that its presence proves the report complete

    def _save(self, path: str) -> None:
        """Write the same text as pytest-json-report does, but faster."""
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(_pieces(self._writer.report))


def _pieces(report: Entry) -> Iterator[str]:
    """Yield the report's text, without ever holding the text of a whole list."""
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


@never_fail
def _longrepr(report: pytest.TestReport) -> str:
    return truncate(report.longreprtext, TEXT_CHARACTERS)


def _captured(report: pytest.TestReport, stream: str) -> str:
    title = "Captured %s %s" % (stream, report.when)
    return truncate("".join(text for name, text in report.sections if name == title), OUTPUT_CHARACTERS)
