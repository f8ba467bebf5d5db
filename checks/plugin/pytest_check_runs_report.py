"""Write the JSON report with pytest-json-report's own class, which is fed by this plugin.

Registered as a plugin, that class would change the session: a root logger handler, warnings, errors of its own. The
user may also request a second report with other options.

Part of the plugin; the rules in `pytest_check_runs_child` apply.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING

from pytest_check_runs_stream import hidden_from_coverage, never_fail
from pytest_check_runs_texts import MESSAGE_CHARACTERS, OUTPUT_CHARACTERS, TEXT_CHARACTERS, truncate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    import pytest

    Entry = dict[str, object]
    # The name, the entry, the recorded properties and pytest-json-report's data.
    Stage = tuple[str | None, Entry, Sequence[Any], Entry | None]
    # Of a test that just passed so far, the name and the seconds of each in turn: the garbage collector need not visit
    # a tuple without other containers.
    Stages = list[Stage] | tuple[str | float, ...]

__file__ = hidden_from_coverage(__file__)

_EXTRA_ATTRIBUTE = "_json_report_extra"  # report attribute for pytest-json-report's data

# Tests patch the module; these keep the original functions.
_encode = json.JSONEncoder(default=str).encode
_quote = json.encoder.encode_basestring_ascii

# Encoding a test that just passed as an object takes six times as long.
_PLAIN_TEST = '{"nodeid": %s, "lineno": %s, "outcome": "passed"%s}'
_PLAIN_STAGE = ', %s: {"outcome": "passed", "duration": %.6f}'
_USUAL_STAGES = ("setup", "call", "teardown")
_USUAL_TEST = _PLAIN_TEST % ("%s", "%s", "".join([_PLAIN_STAGE.replace("%s", _quote(when)) for when in _USUAL_STAGES]))
_OUTCOMES = frozenset({"passed", "failed", "skipped"})


class JsonReportWriter:
    """Collects stages, and writes them in pytest-json-report's format, with additional keys of the plugin's own.

    Attributes:
        linenos: where tests are defined, by number.
        paths: the files of tests that their node id's file does not define, by number.
    """

    def __init__(self, config: pytest.Config, path: str, titles: Mapping[int, str]) -> None:
        self.session_id = os.urandom(8).hex()
        self.collectors: list[Entry] = []
        self.warnings: list[Entry] = []
        self.linenos: dict[int, int | None] = {}
        self.paths: dict[int, str] = {}
        self.counts: Entry = {}
        self.invocation: Entry = {}
        self._titles = titles
        self._root = config.rootpath
        self._stages: dict[int, Stages] = {}  # by the test's number
        self._plain_tests: dict[int, str] = {}  # the encoded entries of those that just passed
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
            pytest_report_teststatus=lambda report, **_: (report.entry.get("category", ""),),
            pytest_json_runtest_stage=lambda report: report.entry,
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

    def entry(self, report: pytest.TestReport, details: Entry) -> Entry:
        """Return a stage's entry as pytest-json-report writes it, with truncated texts, and with these details.

        A text among them replaces pytest's own, which takes long to make.
        """
        text = str(details["text"]) if "text" in details else _longrepr(report) or ""
        return {**(self._stage(report, text) or {}), "longrepr": text, **details}

    @never_fail
    def _stage(self, report: pytest.TestReport, text: str) -> Entry:
        captured = {stream: _captured(report, stream) for stream in ("stdout", "stderr")}
        extra = report.__dict__.setdefault(_EXTRA_ATTRIBUTE, {report.when: captured})
        stage: dict[str, Any] = self._writer.pytest_json_runtest_stage(
            SimpleNamespace(
                when=report.when,
                outcome=report.outcome,
                duration=report.duration,
                longrepr=report.longrepr,
                longreprtext=text,
                _json_report_extra=extra,
            )
        )
        if "crash" in stage:
            stage["crash"]["message"] = truncate(stage["crash"]["message"], MESSAGE_CHARACTERS)
        return stage

    def add(self, number: int, report: pytest.TestReport, entry: Entry) -> None:
        """Add a stage: the file has the last stage of each name, and all stages of a test with reruns or subtests."""
        if "text" in entry:  # more detailed than pytest's own; both would double the size
            entry = {**entry, "longrepr": entry["text"]}
            del entry["text"]
        extra = report.__dict__.get(_EXTRA_ATTRIBUTE)
        self._detailed(number).append((report.when, entry, report.user_properties or (), extra))

    def add_passed(self, number: int, report: pytest.TestReport, seconds: float) -> None:
        """Add a stage that passed; of most of them only the seconds are kept until the end."""
        stages = self._stages.get(number, ())
        if report.user_properties or _EXTRA_ATTRIBUTE in report.__dict__ or not isinstance(stages, tuple):
            self.add(number, report, _passed_entry(seconds))
        else:
            self._stages[number] = (*stages, report.when or "", seconds)

    def _detailed(self, number: int) -> list[Stage]:
        """Return the list of a test's stages."""
        stages = self._stages.get(number, ())
        if isinstance(stages, tuple):
            stages = self._stages[number] = [
                (when, _passed_entry(seconds), (), None) for when, seconds in _pairs(stages)
            ]
        return stages

    @never_fail
    def _log_stage(self, number: int, stage: Stage) -> None:
        """Pass a stage to the writer, which reads it as a report; it identifies tests by their node ID."""
        when, entry, user_properties, extra = stage
        location = ("", self.linenos.get(number), "")
        self._writer.pytest_runtest_logreport(
            SimpleNamespace(
                nodeid=number,
                location=location,
                when=when,
                entry=entry,
                user_properties=user_properties,
                _json_report_extra=extra or {},
            )
        )

    @never_fail
    def save(self, session: pytest.Session) -> None:
        """Write the report file."""
        with warnings.catch_warnings():  # for properties that are not JSON
            warnings.simplefilter("ignore")
            for number, stages in self._stages.items():
                text = self._plain_test(number, stages) if isinstance(stages, tuple) else ""
                if text:
                    self._plain_tests[number] = text
                else:
                    for stage in self._detailed(number):
                        self._log_stage(number, stage)
        self._writer.pytest_sessionfinish(
            # The writer reads `fspath`, which ``-p no:legacypath`` removes.
            SimpleNamespace(
                testscollected=session.testscollected, exitstatus=int(session.exitstatus), fspath=self._root
            )
        )

    def _complete_report(self, json_report: Any) -> None:
        tests = {test["nodeid"]: test for test in json_report["tests"]}  # by number
        for number, test in tests.items():
            test["nodeid"] = self._titles[number]
            stages = self._detailed(number)
            if _has_several(stages):
                test["stages"] = [{**entry, "when": when} for when, entry, _, _ in stages]
        plain_count = len(self._plain_tests)
        if plain_count:
            json_report["summary"].update(passed=plain_count, total=plain_count)  # a counter, which adds them
        for number in self.paths.keys() & tests.keys():
            tests[number]["path"] = self.paths[number]
        plain = self._plain_tests
        numbers = filter({*tests, *plain}.__contains__, self._stages)
        json_report["tests"] = (plain.get(number) or _encode(tests[number]) for number in numbers)
        json_report["collectors"] = map(_encode, self.collectors)
        json_report["warnings"] = map(_encode, self.warnings)
        json_report["check_runs_counts"] = self.counts  # after the results that they are compared with
        json_report["check_runs_invocation"] = self.invocation
        json_report["check_runs_session"] = self.session_id  # last, so that its presence proves the report complete

    @never_fail
    def _plain_test(self, number: int, stages: tuple[str | float, ...]) -> str:
        """Return what the writer would make of a test that just passed, each stage once; nothing for other tests."""
        lineno = self.linenos.get(number)
        line = "null" if lineno is None else "%d" % lineno
        if stages[::2] == _USUAL_STAGES and number not in self.paths:
            return _USUAL_TEST % (_quote(self._titles[number]), line, *stages[1::2])
        pairs = _pairs(stages)
        if len(dict(pairs)) < len(pairs):
            return ""
        members = "".join([_PLAIN_STAGE % (_quote(when), seconds) for when, seconds in pairs])
        if number in self.paths:
            members += ', "path": ' + _quote(self.paths[number])
        return _PLAIN_TEST % (_quote(self._titles[number]), line, members)

    def _save(self, path: str) -> None:
        """Write the same text as pytest-json-report does, but faster."""
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(_pieces(self._writer.report))


def _pieces(report: Entry) -> Iterator[str]:
    """Yield the report's text, and never that of a whole list: an iterator as a value yields encoded elements."""
    separator = "{"
    for key, value in report.items():
        yield "%s%s: " % (separator, _encode(key))
        if isinstance(value, Iterator):
            yield "["
            yield next(value, "")
            for text in value:
                yield ", " + text
            yield "]"
        else:
            yield _encode(value)
        separator = ", "
    yield "}"


@never_fail
def _has_several(stages: Sequence[Stage]) -> bool:
    """Whether a test has reruns or subtests, so that its last stage of each name is not all."""
    is_special = any("subtest" in entry or entry["outcome"] not in _OUTCOMES for _, entry, _, _ in stages)
    return is_special or len({when for when, *_ in stages}) < len(stages)


def _pairs(stages: tuple[Any, ...]) -> Sequence[tuple[str, float]]:
    return [*zip(stages[::2], stages[1::2])]  # noqa: B905 - Python 3.8


def _passed_entry(seconds: float) -> Entry:
    return {"outcome": "passed", "duration": seconds}


@never_fail
def _longrepr(report: pytest.TestReport) -> str:
    return truncate(report.longreprtext, TEXT_CHARACTERS)


def _captured(report: pytest.TestReport, stream: str) -> str:
    title = "Captured %s %s" % (stream, report.when)
    return truncate("".join(text for name, text in report.sections if name == title), OUTPUT_CHARACTERS)
