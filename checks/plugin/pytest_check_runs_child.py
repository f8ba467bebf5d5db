"""Start pytest in the tests' process, and write its events to the stream as they happen.

As a script it behaves like the ``pytest`` command. As a plugin it appends one JSON object per line to the stream, a
file; `checks/core/results/stream.py` describes the format. It must change nothing that a test can see, and must never
fail: what cannot be written is skipped, and is still in the JSON report.

Uses only the standard library and pytest, and nothing newer than Python 3.8 and pytest 7.4.
"""

from __future__ import annotations

import os
import runpy
import sys
from typing import TYPE_CHECKING

import pytest

if os.path.dirname(os.path.abspath(__file__)) not in sys.path:  # PYTHONSAFEPATH
    sys.path.append(os.path.dirname(os.path.abspath(__file__)))

from pytest_check_runs_assertions import pytest_load_initial_conftests  # noqa: F401 - a hook
from pytest_check_runs_crash_output import preserve_crash_output, send_end
from pytest_check_runs_descriptions import DESCRIPTION_ATTRIBUTE, Describer
from pytest_check_runs_end import finish_error, own_counts
from pytest_check_runs_entry import facts, is_number, is_plain_pass
from pytest_check_runs_invocation import invocation
from pytest_check_runs_options import enable_colour, pytest_addoption  # noqa: F401 - a hook
from pytest_check_runs_order import run_failed_first
from pytest_check_runs_packages import find_json_report
from pytest_check_runs_report import JsonReportWriter
from pytest_check_runs_selection import select_tests
from pytest_check_runs_stages import OBSERVED_ATTRIBUTE, StageObserver, WorkerObserver, mark_logged
from pytest_check_runs_stream import StreamWriter, hidden_from_coverage, never_fail, outermost
from pytest_check_runs_tests import StartedTests
from pytest_check_runs_texts import MESSAGE_CHARACTERS, TEXT_CHARACTERS, truncate

if TYPE_CHECKING:
    import warnings
    from collections.abc import Generator, Sequence
    from typing import Any

    Entry = dict[str, object]
    Location = tuple[str, int | None, str]

if __name__ == "pytest_check_runs_child":  # multiprocessing may run the script again
    __file__ = hidden_from_coverage(__file__)

_times = os.times  # tests patch the module; this keeps the original

_CRASHED = "???"  # stage of a crash, as xdist and pytest-forked name it
_REPLACED_KEYS = frozenset({"longrepr", "crash", "traceback", "stdout", "stderr"})  # the plugin's own replace them


def pytest_configure(config: pytest.Config) -> None:
    """Do nothing in a session that the action did not start."""
    folder = config.getoption("check_runs_folder")
    if not folder:
        return
    describer = Describer(config)
    observer = WorkerObserver(describer) if hasattr(config, "workerinput") else StageObserver(describer)
    config.pluginmanager.register(describer, "check-runs-describer")
    config.pluginmanager.register(observer, "check-runs-observer")
    preserve_crash_output(config, folder, getattr(config, "workerinput", {}).get("workerid", ""))
    stream = None if hasattr(config, "workerinput") else StreamWriter(os.path.join(folder, "channel"))
    select_tests(config, folder, stream)
    run_failed_first(config, folder, stream)
    if stream is not None:
        enable_colour(config)
        tests = StartedTests(config)
        report = JsonReportWriter(config, os.path.join(folder, "report.json"), tests.titles)
        config.pluginmanager.register(_StreamPlugin(config, stream, report, tests), "check-runs-stream")


class _StreamPlugin:
    """Hooks for the process that runs the session (with xdist: the controller)."""

    def __init__(
        self, config: pytest.Config, stream: StreamWriter, report: JsonReportWriter, tests: StartedTests
    ) -> None:
        self._config = config
        self._stream = stream
        self._report = report
        self._tests = tests
        self._deselected = 0
        self._interrupt_reason = ""
        self._start_seconds = _times()[4]  # wall seconds; time-faking libraries do not patch it

    # -- the session

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._report.begin(session)
        self._write_session_start()

    @never_fail
    def _write_session_start(self) -> None:
        versions = {"pytest": pytest.__version__, "python": sys.version.split()[0]}
        self._report.invocation = invocation(self._config)
        facts = {"root": str(self._config.rootpath), "invocation": self._report.invocation}
        self._stream.write_event("session", **versions, **facts, id=self._report.session_id)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, Any, None]:
        """Runs after all other plugins, which may change the exit status, or fail."""
        result = yield
        if error := finish_error(result):
            self._write_internal_error(error)
        self._report.counts = own_counts(self._config, session)
        self._report.save(session)
        self._write_session_end(session)

    @never_fail
    def _write_session_end(self, session: pytest.Session) -> None:
        stopped = self._interrupt_reason or session.shouldfail or session.shouldstop
        seconds = _times()[4] - self._start_seconds
        status = int(session.exitstatus)
        self._stream.write_event(
            "end", exit_status=status, stopped=str(stopped or ""), duration=seconds, **self._report.counts
        )
        send_end(self._config.getoption("check_runs_folder"), self._report.session_id, status, self._stream.write_error)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self._keep_interrupt_reason(excinfo.value)

    @never_fail
    def _keep_interrupt_reason(self, error: BaseException) -> None:
        reason = str(error) or "interrupted"
        self._interrupt_reason = "pytest.exit: %s" % reason if isinstance(error, pytest.exit.Exception) else reason

    def pytest_internalerror(self, excrepr: object) -> None:
        self._write_internal_error(excrepr)

    @never_fail
    def _write_internal_error(self, excrepr: object) -> None:
        self._stream.write_event("internal_error", text=truncate(str(excrepr), TEXT_CHARACTERS))

    # -- collection

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if not report.passed:
            self._write_collector(report, report.__dict__.pop(DESCRIPTION_ATTRIBUTE, {}))

    @never_fail
    def _write_collector(self, report: pytest.CollectReport, description: Entry) -> None:
        entry: Entry = {"nodeid": report.nodeid, "outcome": report.outcome}
        if report.longrepr:
            entry["longrepr"] = truncate(str(report.longrepr), TEXT_CHARACTERS)
        entry.update(description)
        self._report.collectors.append({**entry, "result": []})
        self._stream.write_event("collector", **entry)

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        self._deselected += len(items)
        self._report.deselect(items)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if not self._config.pluginmanager.hasplugin("dsession"):
            self._write_collected(len(session.items))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: Sequence[str]) -> None:
        self._tests.collected(node.gateway.id, ids)
        self._write_collected(len(ids))

    @never_fail
    def _write_collected(self, number: int) -> None:
        self._stream.write_event("collected", number=number, deselected=self._deselected)

    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage, when: str, nodeid: str) -> None:
        self._write_warning(warning_message, when, nodeid)

    @never_fail
    def _write_warning(self, warning: warnings.WarningMessage, when: str, nodeid: str) -> None:
        entry: Entry = {
            "message": truncate(str(warning.message), MESSAGE_CHARACTERS),
            "category": warning.category.__name__,
            "when": when,
            "filename": warning.filename,
            "lineno": warning.lineno,
            "nodeid": self._tests.title(nodeid),
        }
        self._report.warnings.append(entry)
        self._stream.write_event("warning", **entry)

    # -- the tests

    @outermost
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Not called in xdist's controller."""
        self._tests.enter(item)
        try:
            return (yield)
        finally:
            self._tests.enter(None)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str, location: Location) -> None:
        self._write_test(nodeid, location)

    @never_fail
    def _write_test(self, nodeid: str, location: Location) -> None:
        path, lineno, domain = location
        number = self._tests.start(nodeid, domain)
        title = self._tests.titles[number]
        is_inherited = path != title.partition("::")[0]
        self._report.linenos[number] = lineno
        if is_inherited:
            self._report.paths[number] = path
            self._stream.write_event("test", test=number, nodeid=title, lineno=lineno, path=path)
        elif type(lineno) is int:
            self._stream.write_test(number, title, lineno)
        else:
            self._stream.write_event("test", test=number, nodeid=title, lineno=lineno)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self) -> None:
        self._write_missing_teardown()

    @never_fail
    def _write_missing_teardown(self) -> None:
        """End the test if a plugin that runs tests in its own way reported no teardown."""
        number = self._tests.number_without_teardown()
        if number is not None:
            report: Any = pytest.TestReport("", ("", None, ""), {}, "passed", None, "teardown")
            self._write_plain_stage(number, report, 0.0)

    @outermost
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Generator[None, object, object]:
        """Runs after all other plugins, which may change the outcome. It hides this plugin's attributes from them."""
        description = report.__dict__.pop(DESCRIPTION_ATTRIBUTE, {})
        observed = report.__dict__.pop(OBSERVED_ATTRIBUTE, {})
        if description or observed:
            mark_logged(description, observed)
        try:
            return (yield)
        finally:
            self._write_stage(report, description, observed)

    @never_fail
    def _write_stage(self, report: pytest.TestReport, description: Entry, observed: Any) -> None:
        number = self._number_of(report)
        for attempt in observed.get("attempts", ()):
            self._write_entry(number, report, {"outcome": "rerun", "category": "rerun", "duration": 0, **attempt})
        seconds = observed.get("duration", report.duration)
        if not is_number(seconds):
            seconds = 0.0
        if is_plain_pass(report):
            self._write_plain_stage(number, report, seconds)
            return
        details = {"outcome": report.outcome, "duration": seconds, **facts(report, self._config), **description}
        self._write_entry(number, report, self._report.entry(report, details))

    def _write_plain_stage(self, number: int, report: pytest.TestReport, seconds: float) -> None:
        self._stream.write_passed(number, report.when or "", seconds)
        self._report.add_passed(number, report, seconds)

    def _number_of(self, report: pytest.TestReport) -> int:
        number = self._tests.number_of(report)
        if number is None:  # a report without a start
            self._write_test(self._tests.nodeid_of(report), report.location)
            number = self._tests.number_of(report)
        if number is None:
            raise LookupError(report.nodeid)
        return number

    def _write_entry(self, number: int, report: pytest.TestReport, entry: Entry) -> None:
        omitted_keys = _REPLACED_KEYS if "places" in entry or "place" in entry else ()
        fields = {key: value for key, value in entry.items() if key not in omitted_keys}
        if report.when == _CRASHED and hasattr(report, "node"):
            fields["worker"] = report.node.gateway.id
        self._stream.write_event("stage", test=number, when=report.when, **fields)
        self._report.add(number, report, entry)


def main() -> None:
    """Run this Python's ``pytest`` command."""
    sys.argv[0] = os.path.join(os.path.dirname(sys.executable), "pytest")
    StreamWriter.make_room()
    find_json_report()
    runpy.run_module("pytest", run_name="__main__")


if __name__ == "__main__":
    main()
