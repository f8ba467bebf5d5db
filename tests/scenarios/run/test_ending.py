"""The order after the tests, however they end: their processes end, files are written, workflow commands resume."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import pytest

from checks.adapters.pytest_process.process import PytestProcess
from checks.adapters.pytest_process.workspace import LocalWorkspace
from checks.adapters.runner.job_files import RunnerFiles
from checks.core.model.check_run import Annotation, CheckRun, Published, Status
from checks.core.model.errors import ExitStatus
from checks.core.model.job import ProcessExit
from checks.core.model.settings import Settings
from tests.support import needs
from tests.support.fakes import FakeCancel, FakePublisher
from tests.support.github.server import GithubServer
from tests.support.rules import rule
from tests.support.runner.rehearsal import ENVIRON, SHA, RecordedWorkspace, Rehearsal, Replay, recorded
from tests.support.runner.running import is_running, read_pids
from tests.support.waits import HANG_SECONDS

#: Writes the runner's files again and again, from a process that is no longer pytest's child.
WRITES = """
import os, subprocess, sys, time

LOOP = '''
import os, sys, time
own = os.path.join(sys.argv[1], "pid")
while True:
    for name in ("GITHUB_OUTPUT", "GITHUB_ENV"):
        with open(os.path.join(sys.argv[1], name), "w") as file:
            file.write("forged=yes")
    print("::notice::from the tests", flush=True)
    if not os.path.exists(own):
        with open(own + ".new", "w") as file:
            file.write(str(os.getpid()))
        os.rename(own + ".new", own)
    time.sleep(0.001)
'''

def test_writes():
    subprocess.Popen([sys.executable, "-ISc", LOOP, os.environ["FILES"]], start_new_session=True)
    time.sleep(60)
"""


class RecordingFiles(RunnerFiles):
    """The runner's files, with the order in which they are written."""

    def __init__(self, folder: Path, stream: BytesIO) -> None:
        names = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_STATE", "GITHUB_STEP_SUMMARY")
        super().__init__({"GITHUB_ACTIONS": "true", **{name: str(folder / name) for name in names}}, stream)
        self.order: list[str] = []
        self.is_closed = threading.Event()

    def outputs(self, values: Mapping[str, str]) -> None:
        super().outputs(values)
        self.order.append("outputs")

    def empty(self, variables: Iterable[str]) -> None:
        super().empty(variables)
        self.order.append("empty")

    def close_fence(self) -> None:
        super().close_fence()
        self.order.append("close")
        self.is_closed.set()


class BrokenWorkspace(LocalWorkspace):
    """A workspace whose tests cannot be followed after their first output, because of an unexpected error."""

    breaks: str
    pid: Path

    def start_tests(self, settings: Settings, only: Sequence[str] | None = None) -> PytestProcess:
        child = super().start_tests(settings, only)
        original = getattr(child, self.breaks)
        has_broken = threading.Event()

        def broken(*arguments: object) -> object:
            if not self.pid.exists() or has_broken.is_set():
                return original(*arguments)
            has_broken.set()
            raise MemoryError

        setattr(child, self.breaks, broken)
        return child


@pytest.fixture
def rehearsal(github: GithubServer, tmp_path: Path) -> Rehearsal:
    return Rehearsal(github, tmp_path)


@rule("The action's side: a bug, or no memory, while the tests are supervised")
@pytest.mark.parametrize("breaks", [pytest.param("lines", marks=pytest.mark.slow), "wait"])
def test_tests_end_before_outputs_are_written_after_a_bug(rehearsal: Rehearsal, tmp_path: Path, breaks: str) -> None:
    needs.linux()
    (tmp_path / "test_writes.py").write_text(WRITES)
    stream = BytesIO()
    files = rehearsal.files = RecordingFiles(tmp_path, stream)
    environ = {**ENVIRON, "GITHUB_ACTIONS": "true", "FILES": str(tmp_path)}
    with BrokenWorkspace(tmp_path, ".", environ=environ, sink=files.write_output) as workspace:
        workspace.breaks, workspace.pid = breaks, tmp_path / "pid"
        assert rehearsal.run(workspace, Settings(pytest_args=("-s",))) is ExitStatus.FAILED
        assert not any(map(is_running, read_pids(tmp_path / "pid")))
    assert files.order[:3] == ["empty", "empty", "outputs"]
    assert (tmp_path / "GITHUB_ENV").read_text() == ""
    assert "forged" not in (tmp_path / "GITHUB_OUTPUT").read_text()
    assert "conclusion" in (tmp_path / "GITHUB_OUTPUT").read_text()
    before, _, after = stream.getvalue().decode().partition("::endgroup::")
    assert "::notice::from the tests" in before
    assert "::notice::" not in after
    assert "MemoryError" in after


class WaitingPublisher(FakePublisher):
    """Completes the run once workflow commands are enabled again."""

    def __init__(self, is_closed: threading.Event) -> None:
        super().__init__()
        self._is_closed = is_closed

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:
        if run.status is Status.COMPLETED:
            assert self._is_closed.wait(HANG_SECONDS)
        super().update(published, run, annotations)


def test_commands_resume_after_outputs_before_upload_ends(rehearsal: Rehearsal, tmp_path: Path) -> None:
    files = rehearsal.files = RecordingFiles(tmp_path, BytesIO())
    publisher = WaitingPublisher(files.is_closed)
    recording = recorded("def test_ok(): pass\n")
    recorded_workspace = RecordedWorkspace(
        recorded_repository=recording.repository, tests=Replay(recording, rehearsal.clock)
    )
    assert rehearsal.run(recorded_workspace, None, publisher) is ExitStatus.PASSED
    assert files.order[:3] == ["empty", "outputs", "close"]
    assert publisher.statuses[-1] is Status.COMPLETED


def test_processes_that_may_remain_fail_the_step(rehearsal: Rehearsal, github: GithubServer) -> None:
    recording = recorded("def test_ok(): pass\n")
    recorded_workspace = RecordedWorkspace(
        recorded_repository=recording.repository, tests=Replay(recording, rehearsal.clock), can_end_all=False
    )
    assert rehearsal.run(recorded_workspace, Settings(fail_job=False)) is ExitStatus.FAILED
    sentence = "Processes of the tests may still be running"
    assert f"::warning::{sentence}" in rehearsal.log
    assert sentence in rehearsal.summary
    assert sentence in github.run["output"]["summary"]
    assert (rehearsal.outputs["conclusion"], github.run["conclusion"]) == ("success", "success")


@dataclass(frozen=True, kw_only=True)
class CancelledInGit(RecordedWorkspace):
    """A workspace whose job is cancelled while git looks up the commit after the tests."""

    cancel: FakeCancel

    def head(self) -> tuple[str, tuple[str, ...]]:
        self.cancel.set()
        return "", ()


def test_commit_before_the_tests_counts_if_git_is_cancelled(rehearsal: Rehearsal, github: GithubServer) -> None:
    recording = recorded("def test_ok(): pass\n")
    workspace = CancelledInGit(
        recorded_repository=replace(recording.repository, head=SHA),
        tests=Replay(recording, rehearsal.clock),
        cancel=rehearsal.cancel,
    )
    rehearsal.run(workspace)
    assert github.run["conclusion"] == "cancelled"
    assert "Tested commit c0ffee0." in github.run["output"]["summary"]


class BrokenReplay(Replay):
    """Raises an unexpected error midway."""

    def wait(self, seconds: float) -> ProcessExit | None:
        raise ZeroDivisionError(seconds)


def test_processes_that_may_remain_after_a_bug_are_reported(rehearsal: Rehearsal) -> None:
    recording = recorded("def test_ok(): pass\n")
    recorded_workspace = RecordedWorkspace(
        recorded_repository=recording.repository, tests=BrokenReplay(recording, rehearsal.clock), can_end_all=False
    )
    assert rehearsal.run(recorded_workspace, Settings(fail_job=False)) is ExitStatus.FAILED
    assert "::warning::Processes of the tests may still be running" in rehearsal.log
    assert "Processes of the tests may still be running" in rehearsal.summary
