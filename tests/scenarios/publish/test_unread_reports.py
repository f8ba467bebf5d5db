"""Results that could not be read from a report are never taken for passed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from checks.adapters.reports.find_reports import find_reports
from checks.core.model.errors import ExitStatus
from checks.core.model.job import Repository
from checks.core.model.ports import JsonReport, Member
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


def publish(github: GithubServer, folder: Path, *reports: JsonReport) -> ExitStatus:
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


@pytest.fixture(scope="module")
def report_text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A report of tests that pass."""
    folder = tmp_path_factory.mktemp("passing")
    decorator = "@pytest.mark.parametrize('n', range(9))"
    test = f"import pytest\nimport warnings\n\n\n{decorator}\ndef test_ok(n): warnings.warn('w')\n"
    (folder / "test_ok.py").write_text(test)
    options = ("--json-report", "--json-report-file=report.json")
    subprocess.run([sys.executable, "-m", "pytest", "--rootdir=.", *options], cwd=folder, check=True)
    return (folder / "report.json").read_text()


CUTS = ('{"nodeid": "test_ok.py::test_ok[2]"', '"warnings": [', '"tests": [', '"exitcode"', '{"created"')


@rule("The tests' side: a report to publish is truncated")
@pytest.mark.parametrize("cut_at", CUTS)
@pytest.mark.parametrize("names", [("cut",), ("whole", "cut"), ("cut", "whole")], ids="-".join)
def test_truncated_report_never_succeeds(
    report_text: str, names: tuple[str, ...], cut_at: str, github: GithubServer, tmp_path: Path
) -> None:
    """A complete report does not hide it, in whichever order the two are read."""
    (tmp_path / "whole.json").write_text(report_text)
    (tmp_path / "cut.json").write_text(report_text[: report_text.index(cut_at)])
    status = publish(github, tmp_path, *find_reports(tmp_path, [f"{name}.json" for name in names]))
    output = github.run["output"]
    assert (status, github.run["conclusion"] in {"failure", "action_required"}) == (ExitStatus.FAILED, True)
    assert output["title"].startswith("incomplete report")
    assert "cut.json" in output["summary"]
    assert "whole.json" not in output["summary"]
    assert "did not start" not in output["summary"]
