"""Runs in the tests' process: starts pytest, and tells our process each step as it happens.

As a script it behaves as the ``pytest`` command does. As a plugin it appends one JSON object a line to the
channel, a file; `checks/translate/events.py` has the dialect. It must change nothing that a test can see, and
must never fail: what cannot be told is left out, and the report that pytest-json-report writes has it still.

Only the standard library and pytest, and nothing newer than Python 3.8 and pytest 7.4.
"""

import json
import os
import runpy
import sys

import pytest

if os.path.dirname(os.path.abspath(__file__)) not in sys.path:  # PYTHONSAFEPATH
    sys.path.append(os.path.dirname(os.path.abspath(__file__)))

from pytest_check_runs_channel import Channel, never_fail
from pytest_check_runs_tracebacks import TEXT_CHARACTERS, Describer, clip

# Tests patch the modules; these names stay what they were.
_dumps, _times = json.dumps, os.times

_MESSAGE_CHARACTERS = 16_000  # of a warning
_OUTPUT_CHARACTERS = 16_000  # of each captured section
# What pytest-json-report says of an exception, where our text, places and sections say it in full.
_SAID_BY_TEXT = frozenset({"longrepr", "crash", "traceback", "stdout", "stderr", "log"})


def pytest_addoption(parser):
    """Options that stand on our command line only; what they say reaches xdist's workers too."""
    group = parser.getgroup("check-runs", "reporting to a check run (set by the action)")
    group.addoption("--check-runs-channel", metavar="FILE", help="where each step is told")
    group.addoption("--check-runs-report", metavar="FILE", help="where the JSON report is saved")
    group.addoption("--check-runs-locals", action="store_true", help="tell local variables too")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    """Before pytest-json-report's own, whose options are still open."""
    channel = config.getoption("check_runs_channel", None)
    if not channel:
        return
    config.pluginmanager.register(Describer(config), "check-runs-describer")
    if not hasattr(config, "workerinput"):
        _ask_for_report(config.option)
        config.pluginmanager.register(_Teller(config, Channel(channel)), "check-runs-teller")


def _ask_for_report(option):
    """Ours where the user asks for none; a user's own stays, and is saved a second time at the end."""
    if not hasattr(option, "json_report"):
        return
    option.check_runs_saves = bool(option.json_report)
    if not option.json_report:
        option.json_report = True
        option.json_report_file = option.check_runs_report or "none"
        # Left out: what the stream tells better, and a handler on the root logger that a test could see.
        option.json_report_omit = ["keywords", "collectors", "warnings", "log"]
        option.json_report_verbosity = -99
    option.json_report_summary = False


class _Teller:
    """The hooks of the process that runs the session (under xdist: the controller)."""

    def __init__(self, config, channel):
        self.config = config
        self.channel = channel
        self.tests = {}  # node id -> its number on the channel
        self.stages = {}  # node id -> the entries of a running test, or of one with reruns or subtests
        self.special = set()  # node ids of the latter
        self.collectors = []
        self.warnings = []
        self.deselected = 0
        self.interrupt = ""
        self.began = _times()[4]  # wall seconds; no library that fakes the time touches it

    def tell(self, event, **fields):
        self.channel.tell(_dumps(dict(event=event, **fields), default=str)[1:-1])

    # -- the session

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session):
        self._begin(session.config)

    @never_fail
    def _begin(self, config):
        self.tell("session", pytest=pytest.__version__, python=sys.version.split()[0], root=str(config.rootpath))

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session):
        yield
        self._end(session)

    @never_fail
    def _end(self, session):
        if getattr(self.config.option, "check_runs_saves", False) and self.config.option.check_runs_report:
            self.config._json_report.save_report(self.config.option.check_runs_report)
        stopped = self.interrupt or session.shouldfail or session.shouldstop
        self.tell(
            "end", exit_status=int(session.exitstatus), stopped=str(stopped or ""), duration=_times()[4] - self.began
        )

    def pytest_keyboard_interrupt(self, excinfo):
        self._interrupt(excinfo)

    @never_fail
    def _interrupt(self, excinfo):
        reason = getattr(excinfo.value, "msg", None)
        self.interrupt = "pytest.exit: %s" % reason if reason is not None else "interrupted"

    def pytest_internalerror(self, excrepr):
        self._internal_error(excrepr)

    @never_fail
    def _internal_error(self, excrepr):
        self.tell("internal_error", text=clip(str(excrepr), TEXT_CHARACTERS))

    # -- collection

    def pytest_collectreport(self, report):
        if not report.passed:
            self._collector(report)

    @never_fail
    def _collector(self, report):
        entry = {"nodeid": report.nodeid, "outcome": report.outcome}
        if report.longrepr:
            entry["longrepr"] = clip(str(report.longrepr), TEXT_CHARACTERS)
        entry.update(getattr(report, "_check_runs", ()))
        self.collectors.append(dict(entry, result=[]))
        self.tell("collector", **entry)

    def pytest_deselected(self, items):
        self.deselected += len(items)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session):
        if not self.config.pluginmanager.hasplugin("dsession"):
            self._collected(len(session.items))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node, ids):
        self._collected(len(ids))

    @never_fail
    def _collected(self, number):
        self.tell("collected", number=number, deselected=self.deselected)

    def pytest_warning_recorded(self, warning_message, when, nodeid):
        self._warning(warning_message, when, nodeid)

    @never_fail
    def _warning(self, warned, when, nodeid):
        entry = {
            "message": clip(str(warned.message), _MESSAGE_CHARACTERS),
            "category": warned.category.__name__,
            "when": when,
            "filename": warned.filename,
            "lineno": warned.lineno,
            "nodeid": nodeid,
        }
        self.warnings.append(entry)
        self.tell("warning", **entry)

    # -- the tests

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid, location):
        self._test(nodeid, location)

    @never_fail
    def _test(self, nodeid, location):
        number = self.tests.setdefault(nodeid, len(self.tests))
        lineno = location[1]
        self.channel.tell('"event":"test","test":%d,"nodeid":%s,"lineno":%s' % (number, _dumps(nodeid), _dumps(lineno)))
        return number

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self, report):
        yield
        self._stage(report)

    @never_fail
    def _stage(self, report):
        nodeid, when = report.nodeid, report.when
        number = self.tests.get(nodeid)
        if number is None:
            number = self._test(nodeid, report.location)
        if report.outcome == "passed" and not hasattr(report, "wasxfail") and not hasattr(report, "context"):
            entry = None  # the common case, and all there is to say of it
            self.channel.tell(
                '"event":"stage","test":%d,"when":"%s","outcome":"passed","duration":%.6f'
                % (number, when, report.duration)
            )
        else:
            entry = self._entry(report)
            told = {key: value for key, value in entry.items() if "text" not in entry or key not in _SAID_BY_TEXT}
            self.tell("stage", test=number, when=when, **told)
        self._keep(report, entry)

    def _entry(self, report):
        """pytest-json-report's own entry, and what it loses; in place, so that the report's file has both."""
        subtest = _subtest(report)
        entry = {"outcome": report.outcome, "duration": report.duration}
        plugin = getattr(self.config, "_json_report", None)
        if plugin is not None:
            entry = getattr(plugin, "_json_tests", {}).get(report.nodeid, {}).get(report.when, entry)
        entry["category"] = self.config.hook.pytest_report_teststatus(report=report, config=self.config)[0]
        if entry.get("longrepr"):
            entry["longrepr"] = clip(entry["longrepr"], TEXT_CHARACTERS)
        entry.update(getattr(report, "_check_runs", ()))
        if subtest is not None:
            entry["subtest"] = subtest
        if hasattr(report, "wasxfail"):
            entry["reason"] = str(report.wasxfail)
        if isinstance(report.longrepr, tuple):
            entry["place"], entry["reason"] = list(report.longrepr[:2]), str(report.longrepr[2])
        if report.outcome != "skipped":
            entry["sections"] = [[title, clip(text, _OUTPUT_CHARACTERS)] for title, text in report.sections]
        worker = getattr(getattr(report, "node", None), "gateway", None)
        if worker is not None:
            entry["worker"] = worker.id
        return entry

    def _keep(self, report, entry):
        """All entries of a test with reruns or subtests: the report's file holds the last of each stage alone."""
        nodeid = report.nodeid
        kept = self.stages.setdefault(nodeid, [])
        kept.append(dict(entry or {"outcome": report.outcome, "duration": report.duration}, when=report.when))
        if entry and (entry["category"] == "rerun" or "subtest" in entry):
            self.special.add(nodeid)
        if report.when == "teardown" and nodeid not in self.special:
            del self.stages[nodeid]

    @pytest.hookimpl(optionalhook=True)
    def pytest_json_modifyreport(self, json_report):
        self._complete(json_report)

    @never_fail
    def _complete(self, json_report):
        """Put into the report's file what pytest-json-report loses, under keys that it does not use."""
        for test in json_report.get("tests", ()):
            if test["nodeid"] in self.special:
                test["stages"] = self.stages[test["nodeid"]]
        if "collectors" not in json_report:
            json_report["collectors"] = self.collectors
        if "warnings" not in json_report:
            json_report["warnings"] = self.warnings


def _subtest(report):
    """The description of a subtest's report, of pytest 9 or of pytest-subtests; None for any other."""
    context = getattr(report, "context", None)
    if context is None or not hasattr(context, "kwargs"):
        return None
    message = "[%s]" % context.msg if context.msg is not None else ""
    values = ", ".join("%s=%s" % pair for pair in context.kwargs.items())
    return " ".join(part for part in (message, "(%s)" % values if values else "") if part)


def main():
    """As the ``pytest`` command of this Python."""
    sys.argv[0] = os.path.join(os.path.dirname(sys.executable), "pytest")
    runpy.run_module("pytest", run_name="__main__")


if __name__ == "__main__":
    main()
