"""Plugins that run tests in their own way lose no result and change no other."""

from __future__ import annotations

from pathlib import Path

from tests.scenarios.plugin.test_stream_and_report import comparable
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


def test_results_of_threads_belong_to_their_tests(tmp_path: Path) -> None:
    result = PluginRun(project=IN_THREADS, arguments=("-q",)).run(tmp_path)
    assert result.last_line.startswith("1 failed, 1 passed")
    assert [(item.nodeid, item.passed) for item in result.session.items] == [
        ("test_a.py::test_first", True),
        ("test_a.py::test_second", False),
    ]
    assert comparable(result.from_report) == comparable(result.session)
