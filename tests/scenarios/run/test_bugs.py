"""An unexpected error while results are reported: what is known of the tests is reported all the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from checks.core.model.errors import ExitStatus
from checks.core.model.job import ExitReason, ProcessExit, PytestEnd
from checks.core.model.settings import JobSummary, Settings
from tests.support.github.server import GithubServer
from tests.support.rules import rule
from tests.support.runner.rehearsal import SHA, RecordedWorkspace, Rehearsal, Replay, recorded

PASSES = "def test_ok(): pass\n"
FAILS = f"{PASSES}def test_bad(): assert 0\n"
END = PytestEnd(session_id="", exit_status=0)


class BrokenFlag:
    """A setting that raises when a verdict uses it."""

    def __bool__(self) -> bool:
        raise RuntimeError("a bug\n::set-output name=conclusion::success")


BROKEN_SETTINGS = Settings(fail_on_flaky=cast("bool", BrokenFlag()), job_summary=JobSummary.OFF)


def run(
    rehearsal: Rehearsal,
    process_exit: ProcessExit,
    settings: Settings = BROKEN_SETTINGS,
    *,
    test: str = FAILS,
    commit_after: str = SHA,
) -> ExitStatus:
    recording = replace(recorded(test), process_exit=process_exit)
    workspace = RecordedWorkspace(
        recorded_repository=replace(recording.repository, head=SHA),
        tests=Replay(recording, rehearsal.clock),
        commit_after=commit_after,
    )
    return rehearsal.run(workspace, settings)


@rule("The action's side: a bug in the verdict")
@rule("The job: a bug in the action interrupted the report")
@pytest.mark.parametrize(
    ("process_exit", "conclusion", "title", "status"),
    [
        (
            ProcessExit(reason=ExitReason.EXITED, exit_status=0, pytest_end=END),
            "success",
            "pytest exited with status 0",
            0,
        ),
        (ProcessExit(reason=ExitReason.EXITED, exit_status=0), "action_required", "pytest exited with status 0", 1),
        (ProcessExit(reason=ExitReason.EXITED, exit_status=1), "failure", "pytest exited with status 1", 1),
        (ProcessExit(reason=ExitReason.EXITED, exit_status=3), "action_required", "pytest exited with status 3", 1),
        (ProcessExit(reason=ExitReason.KILLED, signal="SIGKILL"), "failure", "killed", 1),
        (ProcessExit(reason=ExitReason.TIMED_OUT), "timed_out", "timed out", 1),
        (ProcessExit(reason=ExitReason.CANCELLED), "cancelled", "cancelled", 1),
        (ProcessExit(reason=ExitReason.INSTALL_FAILED, exit_status=0), "action_required", "install failed", 1),
    ],
    ids=lambda value: value.reason.value if isinstance(value, ProcessExit) else str(value),
)
def test_bug_in_every_verdict_falls_back_to_process_exit(
    github: GithubServer, tmp_path: Path, process_exit: ProcessExit, conclusion: str, title: str, status: int
) -> None:
    rehearsal = Rehearsal(github, tmp_path)
    assert run(rehearsal, process_exit) == status
    assert (github.run["status"], github.run["conclusion"]) == ("completed", conclusion)
    assert github.run["output"]["title"] == title
    assert "This report is incomplete (a bug in this action)." in github.run["output"]["summary"]
    assert "This report is incomplete (a bug in this action)." in rehearsal.summary
    assert (rehearsal.outputs["conclusion"], rehearsal.outputs["check-run-id"]) == (conclusion, str(github.run["id"]))
    assert (rehearsal.outputs["passed"], rehearsal.outputs["failed-tests"]) == ("", "[]")
    assert rehearsal.log.count("::error::This is a bug in this action") == 2
    assert "\n::set-output" not in rehearsal.log
    assert rehearsal.state is None


class FlagBrokenOnce(BrokenFlag):
    """A setting that raises when a verdict uses it for the first time."""

    def __init__(self) -> None:
        self._has_raised = False

    def __bool__(self) -> bool:
        if self._has_raised:
            return False
        self._has_raised = True
        return super().__bool__()


@pytest.mark.parametrize("commit_after", ["d" * 40, ""], ids=["another commit", "no commit"])
@pytest.mark.parametrize("flag", [BrokenFlag, FlagBrokenOnce])
def test_bug_does_not_hide_that_head_has_moved(
    github: GithubServer, tmp_path: Path, flag: type[BrokenFlag], commit_after: str
) -> None:
    rehearsal = Rehearsal(github, tmp_path)
    process_exit = ProcessExit(reason=ExitReason.EXITED, exit_status=0, pytest_end=END, phase="tests")
    settings = Settings(fail_on_flaky=cast("bool", flag()))
    assert run(rehearsal, process_exit, settings, test=PASSES, commit_after=commit_after) is ExitStatus.FAILED
    assert github.run["conclusion"] == "action_required"


class BrokenGit(RecordedWorkspace):
    """A workspace whose commit cannot be looked up after the tests, because of an unexpected error."""

    def head(self) -> tuple[str, tuple[str, ...]]:
        raise RuntimeError("a bug")


def test_bug_in_the_look_up_of_the_commit_never_succeeds(github: GithubServer, tmp_path: Path) -> None:
    rehearsal = Rehearsal(github, tmp_path)
    recording = recorded(PASSES)
    repository = replace(recording.repository, head=SHA)
    workspace = BrokenGit(recorded_repository=repository, tests=Replay(recording, rehearsal.clock))
    assert rehearsal.run(workspace) is ExitStatus.FAILED
    assert github.run["conclusion"] == "action_required"


def test_bug_in_one_verdict_keeps_the_results(github: GithubServer, tmp_path: Path) -> None:
    rehearsal = Rehearsal(github, tmp_path)
    process_exit = ProcessExit(reason=ExitReason.KILLED, signal="SIGKILL", phase="tests")
    assert run(rehearsal, process_exit, Settings(fail_on_flaky=cast("bool", FlagBrokenOnce()))) is ExitStatus.FAILED
    assert github.run["conclusion"] == "failure"
    assert github.run["output"]["title"].startswith("killed by SIGKILL after 2 of 2 · 1 failed, 1 passed")
    assert (rehearsal.outputs["failed"], rehearsal.outputs["passed"]) == ("1", "1")


def test_bug_during_the_tests_still_completes_check_run(github: GithubServer, tmp_path: Path) -> None:
    rehearsal = Rehearsal(github, tmp_path)
    recording = recorded(FAILS)

    def breaks(chunk: int) -> None:
        if chunk == 2:
            raise RuntimeError("a bug")

    tests = Replay(recording, rehearsal.clock, before=breaks)
    assert rehearsal.run(RecordedWorkspace(recorded_repository=recording.repository, tests=tests)) is ExitStatus.FAILED
    assert github.run["status"] == "completed"
    assert rehearsal.outputs["conclusion"] == github.run["conclusion"]
    assert "This report is incomplete (a bug in this action)." in rehearsal.summary
