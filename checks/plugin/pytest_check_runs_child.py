"""Runs in the tests' process: starts pytest, and tells our process each step as it happens.

As a script it behaves as the ``pytest`` command does. As a plugin it appends one JSON object a line to the
channel, a file; `checks/core/results/stream.py` has the dialect. It must change nothing that a test can see, and
must never fail: what cannot be told is left out, and the JSON report has it still.

Only the standard library and pytest, and nothing newer than Python 3.8 and pytest 7.4.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from typing import TYPE_CHECKING

import pytest

if os.path.dirname(os.path.abspath(__file__)) not in sys.path:  # PYTHONSAFEPATH
    sys.path.append(os.path.dirname(os.path.abspath(__file__)))

from pytest_check_runs_channel import Channel, never_fail, outermost, unmeasured
from pytest_check_runs_crash_output import leave, say_end
from pytest_check_runs_only import choose
from pytest_check_runs_report import Report
from pytest_check_runs_texts import MESSAGE_CHARACTERS, OUTPUT_CHARACTERS, TEXT_CHARACTERS, clip
from pytest_check_runs_tracebacks import DESCRIPTION, Describer

if TYPE_CHECKING:
    import warnings
    from collections.abc import Callable, Generator, Sequence

    Entry = dict[str, object]
    Location = tuple[str, int | None, str]

if __name__ == "pytest_check_runs_child":  # as a script it may be run again, by multiprocessing
    __file__ = unmeasured(__file__)

# Tests patch the modules; these stay what they were.
_encode, _times = json.JSONEncoder(separators=(",", ":"), default=str).encode, os.times
_quote = json.encoder.encode_basestring_ascii

_CRASHED = "???"  # when xdist says that a worker crashed in a test

# What pytest-json-report says of an exception or a skip, where our own keys say it.
_SAID_BETTER = frozenset({"longrepr", "crash", "traceback", "stdout", "stderr"})


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options that stand on our command line only; what they say reaches xdist's workers too."""
    group = parser.getgroup("check-runs", "reporting to a check run (set by the action)")
    group.addoption("--check-runs-folder", metavar="FOLDER", help="where each step is told and the JSON report saved")
    group.addoption("--check-runs-locals", action="store_true", help="tell local variables too")
    group.addoption("--check-runs-color", action="store_true", help="colour, where pytest would ask for a terminal")


def pytest_configure(config: pytest.Config) -> None:
    """Nothing happens in a session that was not started by us."""
    folder = config.getoption("check_runs_folder")
    if not folder:
        return
    config.pluginmanager.register(Describer(config), "check-runs-describer")
    leave(config, folder, getattr(config, "workerinput", {}).get("workerid", ""))
    channel = None if hasattr(config, "workerinput") else Channel(os.path.join(folder, "channel"))
    choose(config, folder, channel)
    if channel is not None:
        if config.getoption("check_runs_color") and not os.environ.keys() & {"NO_COLOR", "PY_COLORS", "FORCE_COLOR"}:
            _colour(config)
        report = Report(config, os.path.join(folder, "report.json"))
        config.pluginmanager.register(_Teller(config, channel, report, folder), "check-runs-teller")


def _colour(config: pytest.Config) -> None:
    """A job log is no terminal and shows colours; before pytest's reporter is made, and only where nobody chose."""
    if config.getoption("color", "") == "auto":
        config.option.color = "yes"


class _Teller:
    """The hooks of the process that runs the session (under xdist: the controller)."""

    def __init__(self, config: pytest.Config, channel: Channel, report: Report, folder: str) -> None:
        self._config = config
        self._folder = folder
        self._channel = channel
        self._report = report
        self._numbers: dict[str, int] = {}  # node id -> the test's number on the channel
        self._deselected = 0
        self._interrupt = ""
        self._began = _times()[4]  # wall seconds; no library that fakes the time touches it

    def _tell(self, event: str, **fields: object) -> None:
        self._channel.tell(_encode({"event": event, **fields})[1:-1])

    # -- the session

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._report.begin(session)
        self._begin()

    @never_fail
    def _begin(self) -> None:
        python, root = sys.version.split()[0], str(self._config.rootpath)
        self._tell("session", pytest=pytest.__version__, python=python, root=root, id=self._report.session_id)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, None]:
        """After all others, which may have changed the exit status."""
        yield
        self._report.save(session)
        self._end(session)

    @never_fail
    def _end(self, session: pytest.Session) -> None:
        stopped = self._interrupt or session.shouldfail or session.shouldstop
        seconds = _times()[4] - self._began
        status = int(session.exitstatus)
        self._tell("end", exit_status=status, stopped=str(stopped or ""), duration=seconds)
        say_end(self._folder, self._report.session_id, status, self._channel.write_error)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self._interrupted(excinfo.value)

    @never_fail
    def _interrupted(self, error: BaseException) -> None:
        reason = str(error) or "interrupted"
        self._interrupt = "pytest.exit: %s" % reason if isinstance(error, pytest.exit.Exception) else reason

    def pytest_internalerror(self, excrepr: object) -> None:
        self._internal_error(excrepr)

    @never_fail
    def _internal_error(self, excrepr: object) -> None:
        self._tell("internal_error", text=clip(str(excrepr), TEXT_CHARACTERS))

    # -- collection

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if not report.passed:
            self._collector(report, report.__dict__.pop(DESCRIPTION, {}))

    @never_fail
    def _collector(self, report: pytest.CollectReport, description: Entry) -> None:
        entry: Entry = {"nodeid": report.nodeid, "outcome": report.outcome}
        if report.longrepr:
            entry["longrepr"] = clip(str(report.longrepr), TEXT_CHARACTERS)
        entry.update(description)
        self._report.collectors.append({**entry, "result": []})
        self._tell("collector", **entry)

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        self._deselected += len(items)
        self._report.deselect(items)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if not self._config.pluginmanager.hasplugin("dsession"):
            self._collected(len(session.items))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        self._collected(len(ids))

    @never_fail
    def _collected(self, number: int) -> None:
        self._tell("collected", number=number, deselected=self._deselected)

    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage, when: str, nodeid: str) -> None:
        self._warning(warning_message, when, nodeid)

    @never_fail
    def _warning(self, warned: warnings.WarningMessage, when: str, nodeid: str) -> None:
        entry: Entry = {
            "message": clip(str(warned.message), MESSAGE_CHARACTERS),
            "category": warned.category.__name__,
            "when": when,
            "filename": warned.filename,
            "lineno": warned.lineno,
            "nodeid": nodeid,
        }
        self._report.warnings.append(entry)
        self._tell("warning", **entry)

    # -- the tests

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str, location: Location) -> None:
        self._test(nodeid, location)

    @never_fail
    def _test(self, nodeid: str, location: Location) -> None:
        number = self._numbers.setdefault(nodeid, len(self._numbers))
        path, lineno, _ = location
        is_inherited = path != nodeid.partition("::")[0]
        if is_inherited:
            self._report.paths[nodeid] = path
            self._tell("test", test=number, nodeid=nodeid, lineno=lineno, path=path)
        elif type(lineno) is int:  # as nearly always: to encode an object takes 4 µs more
            self._channel.tell('"event":"test","test":%d,"nodeid":%s,"lineno":%d' % (number, _quote(nodeid), lineno))
        else:
            self._tell("test", test=number, nodeid=nodeid, lineno=lineno)

    @outermost
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Generator[None, object, object]:
        """After all others, which may have changed the outcome; they see the report as it would be without us."""
        description = report.__dict__.pop(DESCRIPTION, {})
        try:
            return (yield)
        finally:
            self._stage(report, description)

    @never_fail
    def _stage(self, report: pytest.TestReport, description: Entry) -> None:
        if report.nodeid not in self._numbers:
            self._test(report.nodeid, report.location)
        number = self._numbers[report.nodeid]
        entry: Entry = {"outcome": report.outcome, "duration": report.duration}
        if _only_passed(report):
            self._channel.tell(
                '"event":"stage","test":%d,"when":"%s","outcome":"passed","duration":%.6f'
                % (number, report.when, report.duration)
            )
        else:
            entry = self._entry(report, description) or entry
            left_out = _SAID_BETTER if "places" in entry or "place" in entry else ()
            told = {key: value for key, value in entry.items() if key not in left_out}
            if report.when == _CRASHED:
                told["worker"] = report.node.gateway.id
            self._tell("stage", test=number, when=report.when, **told)
        self._report.add(report, entry)

    @never_fail
    def _entry(self, report: pytest.TestReport, description: Entry) -> Entry:
        """pytest-json-report's own entry, and what it loses."""
        entry = self._report.entry(report)
        entry["category"] = self._config.hook.pytest_report_teststatus(report=report, config=self._config)[0]
        entry.update(description or _description_of_text(report.longrepr))
        describe_subtest = _describe_subtest(report)
        if describe_subtest is not None:
            entry["subtest"] = never_fail(describe_subtest)() or ""
        if hasattr(report, "wasxfail"):
            entry["reason"] = str(report.wasxfail)
        if isinstance(report.longrepr, tuple):
            entry["place"], entry["reason"] = report.longrepr[:2], str(report.longrepr[2])
        if report.outcome != "skipped":
            entry["sections"] = [[title, clip(text, OUTPUT_CHARACTERS)] for title, text in report.sections]
        return entry


def _only_passed(report: pytest.TestReport) -> bool:
    """The common case, and all there is to say of it."""
    return report.outcome == "passed" and not hasattr(report, "wasxfail") and _describe_subtest(report) is None


def _describe_subtest(report: pytest.TestReport) -> Callable[[], str] | None:
    """What tells of a subtest, as the terminal does: of pytest 9 or of pytest-subtests; None for any other report."""
    return getattr(report, "_sub_test_description", None) or getattr(report, "sub_test_description", None)


def _description_of_text(longrepr: object) -> Entry:
    """Of a failure without an exception: a strict xpass, a crashed worker (xdist puts a line of its own first)."""
    if not isinstance(longrepr, str):
        return {}
    return {"message": longrepr.strip().partition("\n")[0], "places": [], "text": clip(longrepr, TEXT_CHARACTERS)}


def main() -> None:
    """As the ``pytest`` command of this Python."""
    sys.argv[0] = os.path.join(os.path.dirname(sys.executable), "pytest")
    runpy.run_module("pytest", run_name="__main__")


if __name__ == "__main__":
    main()
