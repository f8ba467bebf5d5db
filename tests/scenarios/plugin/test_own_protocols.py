"""Plugins that run tests in their own way lose no result and change no other."""

from __future__ import annotations

import json
from pathlib import Path

from tests.scenarios.plugin.test_stream_and_report import comparable
from tests.support.rules import rule
from tests.support.runner.plugin_run import PluginRun

CALLED_TWICE = {
    "conftest.py": """\
from _pytest.runner import call_and_report


def pytest_runtest_protocol(item):
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for when in ("setup", "call", "call", "teardown"):
        options = {"nextitem": None} if when == "teardown" else {}
        call_and_report(item, when, **options)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
""",
    "test_a.py": "def test_one(): pass\n",
}


def test_report_has_a_test_that_passed_twice(tmp_path: Path) -> None:
    result = PluginRun(project=CALLED_TWICE, arguments=("-q",)).run(tmp_path)
    (test,) = result.report["tests"]
    assert [stage["when"] for stage in test["stages"]] == ["setup", "call", "call", "teardown"]
    assert comparable(result.from_report) == comparable(result.session)


IN_THREADS = {
    "conftest.py": """\
import threading

import turns
from _pytest.runner import SetupState


class SetupStateOfThread(threading.local, SetupState):
    pass


def pytest_runtestloop(session):
    session._setupstate = SetupStateOfThread()
    for item in session.items:
        run = item.ihook.pytest_runtest_protocol
        turns.threads.append(threading.Thread(target=run, kwargs={"item": item, "nextitem": None}))
    turns.threads[0].start()
    assert turns.first_runs.wait(60)
    turns.threads[1].start()
    for thread in turns.threads:
        thread.join()
    return True
""",
    "turns.py": """\
import threading

first_runs, second_runs = threading.Event(), threading.Event()
threads = []
""",
    "test_a.py": """\
import turns


def test_first():
    turns.first_runs.set()
    assert turns.second_runs.wait(60)


def test_second():
    turns.second_runs.set()
    turns.threads[0].join(60)
    assert 0
""",
}


@rule("The tests' side: a plugin runs tests in several threads")
def test_results_of_threads_belong_to_their_tests(tmp_path: Path) -> None:
    result = PluginRun(project=IN_THREADS, arguments=("-q",)).run(tmp_path)
    assert result.last_line.startswith("1 failed, 1 passed")
    assert [(item.nodeid, item.passed) for item in result.session.items] == [
        ("test_a.py::test_first", True),
        ("test_a.py::test_second", False),
    ]
    assert comparable(result.from_report) == comparable(result.session)


WRITES_AT_ONCE = {
    "test_a.py": """\
import os
import signal
import threading

statuses = []


def test_one(pytestconfig):
    stream = pytestconfig.pluginmanager.getplugin("check-runs-stream")._stream
    write = stream._write

    def write_after_others(descriptor, record):
        stream._write = write
        forking.start()
        forking.join()
        writing.start()
        writing.join(0.3)  # it must wait for this record, and has the time to write if it does not
        return write(descriptor, record)

    def fork():
        child = os.fork()
        if child == 0:
            signal.alarm(60)  # ends a child that waits for the lock of a thread that it does not have
            pytestconfig.hook.pytest_runtest_logstart(nodeid="child", location=("a.py", 1, "child"))
            os._exit(0)
        statuses.append(os.waitpid(child, 0)[1])

    forking = threading.Thread(target=fork)
    writing = threading.Thread(target=stream.write_event, args=("other",))
    stream._write = write_after_others


def test_two():
    assert statuses == [0]
""",
}


@rule("The tests' side: a plugin runs tests in several threads")
def test_records_that_threads_write_at_once_are_in_order(tmp_path: Path) -> None:
    result = PluginRun(project=WRITES_AT_ONCE, arguments=("-q",)).run(tmp_path)
    assert result.last_line.startswith("2 passed"), result.output
    numbers = [json.loads(line)["seq"] for line in result.lines if line]
    assert numbers == [*range(len(numbers))]
    assert b'"event":"other"' in b"".join(result.lines)
    assert result.session.lost_records == 0


STARTED_AT_ONCE = {
    "conftest.py": """\
import threading

from _pytest.runner import SetupState, runtestprotocol


class SetupStateOfThread(threading.local, SetupState):
    pass


class NodeId(str):
    meeting = threading.Barrier(2)
    has_met = False

    def __hash__(self):
        if not self.has_met:
            self.has_met = True
            self.meeting.wait(60)
        return super().__hash__()


def pytest_runtest_protocol(item):
    item.ihook.pytest_runtest_logstart(nodeid=NodeId(item.nodeid + "[own]"), location=item.location)
    runtestprotocol(item, nextitem=None)
    return True


def pytest_runtestloop(session):
    session._setupstate = SetupStateOfThread()
    run = session.config.hook.pytest_runtest_protocol
    threads = [threading.Thread(target=run, kwargs={"item": item, "nextitem": None}) for item in session.items]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return True
""",
    "test_a.py": "def test_one(): pass\ndef test_two(): pass\n",
}


def test_tests_that_start_at_once_are_two_tests(tmp_path: Path) -> None:
    result = PluginRun(project=STARTED_AT_ONCE, arguments=("-q",)).run(tmp_path)
    assert result.last_line.startswith("2 passed"), result.output
    names = {(item.nodeid, item.passed) for item in result.session.items}
    assert names == {("test_a.py::test_one[own]", True), ("test_a.py::test_two[own]", True)}
    assert result.session.lost_records == 0
    assert comparable(result.from_report) == comparable(result.session)


MADE_LATER = {
    "conftest.py": """\
import gc

import pytest


def pytest_runtestloop(session):
    parent = session.items.pop().parent

    def make(name):
        return pytest.Function.from_parent(parent, name=name, callobj=lambda: None)

    def run(item):
        item.ihook.pytest_runtest_protocol(item=item, nextitem=None)

    first, second = make("test_first"), make("test_second")
    run(first)
    run(second)
    number, later = id(first), []
    del first
    gc.collect()
    while len(later) < 100 and number not in map(id, later):
        later.append(make("test_later"))
    run(later[-1])
    return True
""",
    "test_a.py": "def test_one(): pass\n",
}


def test_item_that_is_freed_is_not_mistaken_for_a_later_one(tmp_path: Path) -> None:
    result = PluginRun(project=MADE_LATER, arguments=("-q",)).run(tmp_path)
    assert result.last_line.startswith("3 passed"), result.output
    names = [item.nodeid.partition("::")[2] for item in result.session.items]
    assert names == ["test_first", "test_second", "test_later"]
    assert comparable(result.from_report) == comparable(result.session)


DURATIONS = {
    "conftest.py": """\
import datetime

import pytest

OTHERS = {
    "test_none": None,
    "test_text": "0.1",
    "test_timedelta": datetime.timedelta(seconds=1),
    "test_nan": float("nan"),
    "test_infinity": float("inf"),
    "test_large": 10**400,
    "test_whole": 2,
    "test_failed": float("nan"),
}


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report):
    if report.when == "call":
        name = report.nodeid.partition("::")[2]
        report.duration = OTHERS.get(name, report.duration)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    result = yield
    if item.name == "test_made":
        result.get_result().duration = None
""",
    "test_a.py": """\
import pytest


@pytest.mark.parametrize("n", [1])
def test_number(n): pass
def test_none(): pass
def test_text(): pass
def test_timedelta(): pass
def test_nan(): pass
def test_infinity(): pass
def test_large(): pass
def test_whole(): pass
def test_failed(): assert 0
def test_made(): pass
""",
}


@rule("The tests' side: a plugin sets a duration that is not a number")
def test_duration_that_is_not_a_number_loses_no_test(tmp_path: Path) -> None:
    result = PluginRun(project=DURATIONS, arguments=("-q",)).run(tmp_path)
    assert result.last_line.startswith("1 failed, 9 passed"), result.output
    assert result.session.lost_records == 0
    assert [item.passed for item in result.session.items].count(True) == 9
    assert comparable(result.from_report) == comparable(result.session)
    for session in (result.session, result.from_report):
        seconds = {item.nodeid.partition("::test_")[2]: item.duration_seconds for item in session.items}
        assert 2 <= seconds.pop("whole") < 10
        assert seconds["made"] > 0
        assert max(seconds.values()) < 10
    assert all("NaN" not in (tmp_path / name).read_text() for name in ("channel", "report.json"))


OWN_STAGE = {
    "conftest.py": """\
def pytest_runtest_logreport(report):
    if report.when == "call":
        report.when = 'the "call"\\n'
""",
    "test_a.py": "def test_one(): pass\n",
}


def test_name_of_a_stage_may_have_any_character(tmp_path: Path) -> None:
    result = PluginRun(project=OWN_STAGE, arguments=("-q",)).run(tmp_path)
    assert result.session.lost_records == 0
    (item,) = result.session.items
    assert (item.passed, len(item.stages)) == (True, 3)
    assert list(result.report["tests"][0])[-2] == 'the "call"\n'
