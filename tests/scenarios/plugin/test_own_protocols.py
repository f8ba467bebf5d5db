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
