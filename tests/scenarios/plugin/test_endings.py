"""The stream says what was running and why the session stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.core.model.item import Outcome, StageName
from tests.support.runner.plugin_run import PluginRun

DIES = """
import os, pytest, signal
def die(): {statement}
@pytest.fixture
def in_setup(): die()
@pytest.fixture
def in_teardown():
    yield
    die()
def test_before(): pass
def test_setup(in_setup): pass
def test_call(): die()
def test_teardown(in_teardown): pass
def test_after(): pass
"""


@pytest.mark.parametrize(
    ("stage", "statement", "status"),
    [
        pytest.param(StageName.SETUP, "os._exit(0)", 0, id="_exit in setup"),
        pytest.param(StageName.CALL, "os.kill(os.getpid(), signal.SIGKILL)", -9, id="SIGKILL in call"),
        pytest.param(StageName.TEARDOWN, "os.abort()", -6, id="abort in teardown"),
    ],
)
def test_stream_of_a_dead_process_names_the_running_stage(
    stage: StageName, statement: str, status: int, tmp_path: Path
) -> None:
    files = {"test_it.py": DIES.format(statement=statement)}
    arguments = ("-k", f"before or after or {stage}", "-p", "no:faulthandler")
    result = PluginRun(project=files, arguments=arguments).run(tmp_path)
    assert result.exit_status == status
    assert [(item.nodeid, item.current_stage) for item in result.session.running_items] == [
        (f"test_it.py::test_{stage}", stage)
    ]
    assert (result.session.collected, result.session.total, result.session.exit_status) == (3, 2, None)
    assert (result.session.lost_records, result.report) == (0, {})


def test_stream_names_the_running_stage_after_pytest_timeout(tmp_path: Path) -> None:
    files = {"test_it.py": "import time\ndef test_hangs(): time.sleep(20)\n"}
    arguments = ("-p", "pytest_timeout", "--timeout=0.3", "--timeout-method=thread", "-o", "timeout_func_only=true")
    result = PluginRun(project=files, arguments=arguments).run(tmp_path)
    assert result.exit_status == 1
    assert [item.current_stage for item in result.session.running_items] == [StageName.CALL]
    assert result.session.exit_status is None


def test_crashed_worker_fails_only_its_test(tmp_path: Path) -> None:
    files = {"test_it.py": DIES.format(statement="os._exit(1)")}
    arguments = ("-k", "not setup and not teardown", "-p", "xdist", "-n1")
    result = PluginRun(project=files, arguments=arguments).run(tmp_path)
    assert (result.exit_status, result.session.exit_status) == (1, 1)
    *_, stage = result.item("test_call").stages
    assert (stage.name, stage.outcome, result.item("test_call").is_finished) == (
        StageName.CRASHED,
        Outcome.FAILED,
        True,
    )
    assert stage.details is not None
    assert stage.details.message == "worker 'gw0' crashed while running 'test_it.py::test_call'"
    assert result.item("test_before").passed
    assert result.item("test_after").passed


@pytest.mark.slow
def test_xdist_reports_why_it_stopped_early(tmp_path: Path) -> None:
    files = {"test_it.py": DIES.format(statement="raise ValueError")}
    arguments = ("-k", "not setup and not teardown", "-p", "xdist", "-n1", "-x")
    result = PluginRun(project=files, arguments=arguments).run(tmp_path)
    assert result.session.stop_reason == "stopping after 1 failures"
    assert result.session.exit_status == result.exit_status == 2
    assert not result.session.running_items


def test_internal_error_is_reported(tmp_path: Path) -> None:
    files = {
        "conftest.py": "def pytest_runtest_logfinish(nodeid): raise ValueError(nodeid)",
        "test_it.py": "def test_a(): pass",
    }
    result = PluginRun(project=files).run(tmp_path)
    assert (result.exit_status, result.session.exit_status) == (3, 3)
    assert result.session.internal_error.endswith("ValueError: test_it.py::test_a")
    assert result.item("test_a").passed
