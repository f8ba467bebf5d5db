"""The tests' process dies, hangs or does not start, in whole runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from checks.adapters.pytest_process.process import PytestProcess
from checks.adapters.pytest_process.workspace import LocalWorkspace
from checks.core.model.errors import ExitStatus
from checks.core.model.job import ProcessExit
from checks.core.model.settings import Settings
from tests.support import needs
from tests.support.fakes import JumpClock
from tests.support.github.server import GithubServer
from tests.support.rules import rule
from tests.support.runner.jobs import JobOf
from tests.support.runner.rehearsal import ENVIRON, Rehearsal
from tests.support.runner.running import is_running

#: The third test fails at the statement; pytest has captured what it printed before.
FRAGILE = """import ctypes, faulthandler, os, pytest, resource, signal, subprocess, sys, threading, time


def deep():
    {statement}


def test_ok(): pass


def test_bad(): assert 0


@pytest.fixture
def tidy():
    yield


def test_dies(tidy):
    print("printed before")
    sys.stderr.write("written before\\n")
    deep()
"""
LINE_OF_TEST, LINE_OF_CRASH = 19, 5
EXIT, KILL, SEGV, ABORT = (
    "os._exit(0)",
    "os.kill(os.getpid(), signal.SIGKILL)",
    "faulthandler._sigsegv()",
    "ctypes.CDLL(None).abort()",
)


def annotation_of(github: GithubServer, title: str) -> dict[str, Any]:
    (found,) = (annotation for annotation in github.annotations() if annotation["title"] == title)
    return found


def title_and_summary(github: GithubServer) -> str:
    return f"{github.run['output']['title']}\n{github.run['output']['summary']}"


@rule("The tests' side: the interpreter dies in a test: os._exit")
@pytest.mark.parametrize(
    ("statement", "name"),
    [
        pytest.param(EXIT, "interpreter died", id="_exit"),
        pytest.param(KILL, "killed by SIGKILL", id="SIGKILL", marks=pytest.mark.slow),
        pytest.param(SEGV, "killed by SIGSEGV", id="SIGSEGV"),
        pytest.param(ABORT, "killed by SIGABRT", id="abort in C", marks=pytest.mark.slow),
    ],
)
def test_crash_fails_check_and_names_test_with_its_output(
    job_of: JobOf, github: GithubServer, statement: str, name: str
) -> None:
    result = job_of({"test_a.py": FRAGILE.format(statement=statement)}).run()
    assert (result.exit_status, github.run["conclusion"]) == (1, "failure")
    assert github.run["output"]["title"].startswith(f"{name} after 2 of 3 · 1 failed, 1 passed")
    assert "test_a.py::test_dies (in call)" in title_and_summary(github)
    annotation = annotation_of(github, "test_a.py::test_dies")
    assert (annotation["path"], annotation["start_line"], annotation["annotation_level"]) == (
        "test_a.py",
        LINE_OF_TEST,
        "failure",
    )
    for text in (annotation["raw_details"], title_and_summary(github)):
        assert "printed before" in text
        assert "written before" in text
    assert annotation_of(github, "test_a.py::test_bad")["annotation_level"] == "failure"
    assert (result.outputs["passed"], result.outputs["failed"]) == ("1", "1")


@rule("The tests' side: the interpreter dies, and Python could still write a traceback")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("statement", "reason"), [(SEGV, "Segmentation fault"), pytest.param(ABORT, "Aborted", marks=pytest.mark.slow)]
)
def test_crash_traceback_has_only_frames_of_the_project(
    job_of: JobOf, github: GithubServer, statement: str, reason: str
) -> None:
    job_of({"test_a.py": FRAGILE.format(statement=statement)}).run()
    details = annotation_of(github, "test_a.py::test_dies")["raw_details"]
    assert f"Fatal Python error: {reason}" in details
    assert f'test_a.py", line {LINE_OF_CRASH} in deep' in details
    assert "_pytest" not in details


@rule("The tests' side: an xdist worker dies")
@pytest.mark.parametrize("statement", [pytest.param(EXIT, marks=pytest.mark.slow), SEGV], ids=["_exit", "SIGSEGV"])
def test_worker_crash_fails_its_test_and_others_go_on(job_of: JobOf, github: GithubServer, statement: str) -> None:
    text = FRAGILE.format(statement=statement) + "\n\ndef test_after(): pass\n"
    job_of({"test_a.py": text}).run(workers="1")
    assert github.run["conclusion"] == "failure"
    assert github.run["output"]["title"].startswith("2 failed (2 causes), 2 passed")
    annotation = annotation_of(github, "test_a.py::test_dies")
    assert (annotation["start_line"], annotation["annotation_level"]) == (LINE_OF_TEST, "failure")
    assert annotation["message"].startswith("worker 'gw0' crashed")
    assert "printed before" in annotation["raw_details"]
    if statement is SEGV:
        assert f'test_a.py", line {LINE_OF_CRASH} in deep' in annotation["raw_details"]
        assert f'test_a.py", line {LINE_OF_CRASH} in deep' in title_and_summary(github)


@rule("The tests' side: a memory limit of the process is reached")
@pytest.mark.slow
def test_memory_limit_fails_only_the_test_that_exceeds_it(job_of: JobOf, github: GithubServer) -> None:
    needs.linux()
    statement = "resource.setrlimit(resource.RLIMIT_AS, (2**30, resource.RLIM_INFINITY)); bytearray(2**31)"
    job_of({"test_a.py": FRAGILE.format(statement=statement)}).run()
    annotation = annotation_of(github, "test_a.py::test_dies")
    assert (annotation["message"], annotation["start_line"]) == ("MemoryError", LINE_OF_CRASH)
    assert github.run["output"]["title"].startswith("2 failed (2 causes), 1 passed")


#: Reports that it hangs, and does.
FOREVER = "open('hangs', 'w').close()\n    while True: time.sleep(0.05)"
HANGS = {
    "test": FRAGILE.format(statement=FOREVER),
    "fixture": FRAGILE.format(statement=FOREVER).replace("    deep()\n", "").replace("yield", "yield\n    deep()"),
    "C": FRAGILE.format(statement="open('hangs', 'w').close(); __import__('re').match('(a+)+$', 'a' * 60 + 'b')"),
    "child": FRAGILE.format(statement="open('hangs', 'w').close(); subprocess.run(['sleep', '600'])"),
}


class HangingWorkspace(LocalWorkspace):
    """A workspace in which hours pass as soon as the tests hang."""

    clock: JumpClock
    hangs: Path

    def start_tests(self, settings: Settings, only: Sequence[str] | None = None) -> PytestProcess:
        child = super().start_tests(settings, only)
        original_wait = child.wait

        def wait(seconds: float) -> ProcessExit | None:
            if self.hangs.exists():
                self.clock.seconds += 3600
            return original_wait(seconds)

        child.wait = wait  # type: ignore[method-assign] # a slow child
        return child


@rule("The tests' side: the session hangs: in a test, a fixture")
@pytest.mark.parametrize(
    ("where", "stage"),
    [
        ("test", "call"),
        ("fixture", "teardown"),
        ("C", "call"),
        ("child", "call"),
    ],
)
@pytest.mark.slow
def test_timeout_shows_where_the_session_hangs(tmp_path: Path, github: GithubServer, where: str, stage: str) -> None:
    needs.linux()
    rehearsal = Rehearsal(github, tmp_path)
    project = tmp_path / "project"
    project.mkdir()
    (project / "test_a.py").write_text(HANGS[where])
    with HangingWorkspace(project, ".", environ=ENVIRON, sink=lambda _: None) as workspace:
        workspace.clock, workspace.hangs = rehearsal.clock, project / "hangs"
        assert rehearsal.run(workspace, Settings(timeout_minutes=1000.0)) is ExitStatus.FAILED
    assert github.run["conclusion"] == "timed_out"
    assert github.run["output"]["title"].startswith("timed out after 2 of 3 · 1 failed, ")
    annotation = annotation_of(github, "test_a.py::test_dies")
    assert annotation["message"] == f"Timed out during this test's {stage}"
    for text in (annotation["raw_details"], title_and_summary(github)):
        assert " in deep" in text
        assert "_pytest" not in text


@rule("The tests' side: an xdist worker hangs")
@pytest.mark.slow
def test_timeout_names_the_worker_that_hangs(job_of: JobOf, github: GithubServer) -> None:
    needs.linux()
    job_of({"test_a.py": HANGS["test"]}).run(timeout_minutes="0.2", workers="1")
    annotation = annotation_of(github, "test_a.py::test_dies")
    assert github.run["conclusion"] == "timed_out"
    assert "[gw0]" in annotation["raw_details"]
    assert " in deep" in annotation["raw_details"]


@rule("The tests' side: the interpreter does not exit")
@pytest.mark.slow
def test_timeout_shows_hang_at_interpreter_exit(job_of: JobOf, github: GithubServer) -> None:
    needs.linux()
    text = FRAGILE.format(statement=FOREVER).replace("    deep()\n", "    threading.Thread(target=deep).start()\n")
    result = job_of({"test_a.py": text}).run(timeout_minutes="0.2")
    assert (result.exit_status, github.run["conclusion"]) == (1, "timed_out")
    assert "during interpreter shutdown" in title_and_summary(github)
    assert " in deep" in title_and_summary(github)
    assert result.outputs["passed"] == "2"


@rule("The tests' side: a process that a test started holds the output open")
def test_child_holding_the_output_pipe_is_ended_without_delay(job_of: JobOf, tmp_path: Path) -> None:
    needs.linux()
    pid = tmp_path / "pid"
    holds = f"open({str(pid)!r}, 'w').write(str(subprocess.Popen(['sleep', '600'], start_new_session=True).pid))"
    result = job_of({"test_a.py": FRAGILE.format(statement=holds)}).run()
    assert result.outputs["passed"] == "2"
    assert not is_running(int(pid.read_text()))


@rule("The tests' side: install fails, a conftest.py breaks or exits, an invalid option or path, an INTERNALERROR")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("files", "inputs", "title", "sentence"),
    [
        pytest.param(
            {}, {"install": "echo no such index >&2; exit 3"}, "install failed", "no such index", id="install"
        ),
        pytest.param(
            {"conftest.py": "import nowhere"}, {}, "usage error", "No module named 'nowhere'", id="broken conftest"
        ),
        pytest.param({}, {"pytest_args": "--no-such-option"}, "usage error", "--no-such-option", id="bad option"),
        pytest.param({}, {"pytest_args": "nowhere"}, "usage error", "not found: nowhere", id="bad path"),
        pytest.param(
            {"conftest.py": "def pytest_runtest_logreport(report): raise ValueError('plugin of theirs')"},
            {},
            "internal error",
            "plugin of theirs",
            id="INTERNALERROR",
        ),
        pytest.param({"conftest.py": "raise SystemExit('left')"}, {}, "no results", "left", id="conftest that exits"),
        pytest.param(
            {"conftest.py": "import os\ndef pytest_configure(config): os._exit(9)"},
            {},
            "no results",
            "status 9",
            id="exit while pytest starts",
        ),
    ],
)
def test_pytest_that_cannot_run_requires_action_with_reason(
    job_of: JobOf, github: GithubServer, files: dict[str, str], inputs: dict[str, str], title: str, sentence: str
) -> None:
    result = job_of({"test_a.py": "def test_ok(): pass\n", **files}).run(**inputs)
    assert (result.exit_status, github.run["conclusion"]) == (1, "action_required")
    assert github.run["output"]["title"].startswith(title)
    assert sentence in github.run["output"]["summary"]
