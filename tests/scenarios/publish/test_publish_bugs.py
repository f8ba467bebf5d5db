"""An unexpected error while reports are published: results that were not read are never taken for passed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from checks.core.model.errors import ExitStatus
from checks.core.model.job import Repository
from checks.core.model.ports import Member
from tests.support.github.server import GithubServer
from tests.support.rules import rule
from tests.support.runner.rehearsal import RecordedWorkspace, Rehearsal, Replay, recorded

_STAGE = {"outcome": "passed", "duration": 0.01}
_TEST = {"nodeid": "test_a.py::test_ok", "lineno": 0, "outcome": "passed"}
_STAGES = dict.fromkeys(("setup", "call", "teardown"), _STAGE)


@dataclass(frozen=True, kw_only=True)
class ReportInMemory:
    """`JsonReport` of one test, in the order of pytest-json-report; it `breaks` after the exit status or nowhere."""

    exit_status: int = 0
    breaks: bool = False
    name: str = "report.json"
    is_truncated: bool = False

    def defect(self, session_id: str) -> str:
        del session_id
        return ""

    def members(self) -> Iterator[Member]:
        yield "exitcode", self.exit_status, ""
        yield "root", "/repo", ""
        yield "summary", {"collected": 1}, ""
        if self.breaks:
            raise RuntimeError("a bug")
        yield "tests", {**_TEST, **_STAGES}, ""


def publish(github: GithubServer, folder: Path, *reports: ReportInMemory) -> ExitStatus:
    rehearsal = Rehearsal(github, folder)
    tests = Replay(recorded("def test_ok(): pass\n"), rehearsal.clock)
    rehearsal.clock.is_held = False
    return rehearsal.publish(RecordedWorkspace(recorded_repository=Repository(root="/repo"), tests=tests), *reports)


@rule("The action's side: a bug while reports are published")
@pytest.mark.parametrize(
    "reports",
    [
        pytest.param((ReportInMemory(breaks=True), ReportInMemory(exit_status=1)), id="first"),
        pytest.param((ReportInMemory(), ReportInMemory(breaks=True)), id="last"),
    ],
)
def test_bug_in_reading_a_report_never_succeeds(
    github: GithubServer, tmp_path: Path, reports: tuple[ReportInMemory, ...]
) -> None:
    assert publish(github, tmp_path, *reports) is ExitStatus.FAILED
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "action_required")
    assert "This report is incomplete (a bug in this action)." in github.run["output"]["summary"]


def test_reports_without_a_bug_succeed(github: GithubServer, tmp_path: Path) -> None:
    assert publish(github, tmp_path, ReportInMemory(), ReportInMemory()) is ExitStatus.PASSED
    assert github.run["conclusion"] == "success"
