"""Full or read-only disks, and unusable reports, in whole runs, as root."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import needs
from tests.support.github.server import GithubServer
from tests.support.rules import rule
from tests.support.runner.jobs import Job

OK = "def test_ok(): pass\n\n\ndef test_bad(): assert 0\n"
#: Fills the disk of temporary files before the other tests run.
FILLS = """import os, tempfile


def test_fills():
    with open(os.path.join(tempfile.gettempdir(), "filling"), "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 65536)
        except OSError:
            pass
"""
#: Not a shell, which would drop variables with dashes in their names.
MOUNTS = """import os, subprocess, sys
for mount in {mounts}:
    subprocess.run(mount.split(), check=True)
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.fixture
def mounted(github: GithubServer, tmp_path: Path) -> Callable[..., Job]:
    """A job whose step starts with these mounts."""
    own_mounts = needs.mounts_of_its_own()
    (tmp_path / "small").mkdir()

    def make(files: dict[str, str], *mounts: str) -> Job:
        job = Job(github=github, folder=tmp_path, files=files, env={"TMPDIR": str(tmp_path / "small")})
        runners = f"mount --bind {job.commands} {job.commands}"  # keeps it unchanged when a folder around it changes
        job.command_prefix = (*own_mounts, sys.executable, "-c", MOUNTS.format(mounts=(runners, *mounts)))
        return job

    return make


@rule("The tests' side: the disk fills up")
def test_full_disk_loses_no_result(mounted: Callable[..., Job], github: GithubServer, tmp_path: Path) -> None:
    files = {"test_a.py": FILLS, "test_b.py": OK + "\n\ndef test_long(): assert 0, 'x' * 15_000\n"}
    job = mounted(files, f"mount -t tmpfs -o size=12m tmpfs {tmp_path / 'small'}")
    result = job.run(pytest_args="-s -p no:cacheprovider")
    assert (result.exit_status, github.run["conclusion"]) == (1, "failure")
    assert github.run["output"]["title"].startswith("2 failed (2 causes), 2 passed")
    assert sorted(annotation["title"].partition("::")[2] for annotation in github.annotations()) == [
        "test_bad",
        "test_fills",
        "test_long",
        "test_ok",
    ]
    assert len(next(a for a in github.annotations() if a["title"].endswith("test_long"))["raw_details"]) > 14_000
    assert "report of pytest-json-report is" in github.run["output"]["summary"]
    report = json.loads((job.workspace / result.outputs["report"]).read_text())
    assert len(report["tests"]) == 4


def without_temporary_folders(tmp_path: Path) -> list[str]:
    """Return mounts that make temporary folders read-only, except for the runner's files."""
    existing = [path for path in ("/tmp", "/var/tmp", "/usr/tmp") if Path(path).is_dir()]
    folders = [*dict.fromkeys([*map(os.path.realpath, existing), str(tmp_path), str(tmp_path / "workspace")])]
    return [mount for path in folders for mount in (f"mount --rbind {path} {path}", f"mount -o remount,bind,ro {path}")]


@rule("The tests' side: no folder for temporary files is writable")
@pytest.mark.parametrize(
    "inputs", [pytest.param({}, id=""), pytest.param({"preview": "page"}, id="preview", marks=pytest.mark.slow)]
)
def test_unwritable_temporary_folders_are_named(
    mounted: Callable[..., Job], github: GithubServer, tmp_path: Path, inputs: dict[str, str]
) -> None:
    job = mounted({"test_b.py": OK}, *without_temporary_folders(tmp_path))
    result = job.run(**inputs)
    assert (result.exit_status, github.run["status"], github.run["conclusion"]) == (2, "completed", "action_required")
    assert github.run["output"]["title"] == "no folder for temporary files"
    for text in (github.run["output"]["summary"], result.summary, result.log):
        assert str(tmp_path / "small") in text.replace("\\", "")
        assert "/var/tmp" in text
        assert "TMPDIR" in text
    assert result.outputs["conclusion"] == "action_required"
    assert "a bug in this action" not in result.log
    assert job.records("state") == {"check_run": "", "signature": job.records("state")["signature"]}


def test_temporary_folder_without_inodes_is_reported(
    mounted: Callable[..., Job], github: GithubServer, tmp_path: Path
) -> None:
    job = mounted({"test_b.py": OK}, f"mount -t tmpfs -o nr_inodes=3 tmpfs {tmp_path / 'small'}")
    result = job.run()
    assert github.run["conclusion"] == "action_required"
    assert "Temporary files cannot be written: No space left on device" in github.run["output"]["summary"]
    assert "a bug in this action" not in result.log


MANY = "import os, pytest\n\n\n@pytest.mark.parametrize('n', range(300))\ndef test(n): {statement}\n"
ARGUMENTS = "-p no:cacheprovider"


@pytest.fixture(params=["8k", pytest.param("64k", marks=pytest.mark.slow)])
def crowded(request: pytest.FixtureRequest, mounted: Callable[..., Job], tmp_path: Path) -> Callable[[str], Job]:
    """A job with little space for temporary files, and 300 tests with this statement."""

    def make(statement: str) -> Job:
        mount = f"mount -t tmpfs -o size={request.param} tmpfs {tmp_path / 'small'}"
        return mounted({"test_a.py": MANY.format(statement=statement)}, mount)

    return make


@rule("The tests' side: the disk is full from the start")
def test_disk_without_room_for_results_is_reported(crowded: Callable[[str], Job], github: GithubServer) -> None:
    result = crowded("pass").run(pytest_args=ARGUMENTS)
    assert (result.exit_status, github.run["conclusion"]) == (0, "action_required")
    title, summary = github.run["output"]["title"], github.run["output"]["summary"]
    assert title.startswith("results could not be recorded")
    assert ", pytest passed" in title
    assert "No space left on device (" in summary
    assert "TMPDIR" in summary
    assert "300 passed" in summary  # as pytest printed it
    assert result.outputs["conclusion"] == "action_required"
    assert "No space left on device (" in result.summary
    assert {annotation["annotation_level"] for annotation in github.annotations()} <= {"notice"}


@pytest.mark.slow
def test_failure_on_full_disk_is_a_failure(crowded: Callable[[str], Job], github: GithubServer) -> None:
    result = crowded("assert n != 299").run(pytest_args=ARGUMENTS)
    assert (result.exit_status, github.run["conclusion"]) == (1, "failure")
    assert ", pytest exited with status 1" in github.run["output"]["title"]


@pytest.mark.slow
def test_crash_on_full_disk_is_a_crash(crowded: Callable[[str], Job], github: GithubServer) -> None:
    result = crowded("n == 299 and os._exit(0)").run(pytest_args=ARGUMENTS)
    assert (result.exit_status, github.run["conclusion"]) == (1, "failure")
    assert github.run["output"]["title"].startswith("interpreter died")


#: Frees space only when pytest writes its report.
MAKES_ROOM = """import os, pytest, tempfile
path = os.path.join(tempfile.gettempdir(), "filling")
def pytest_sessionstart():
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass
@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish():
    os.unlink(path)
"""


@pytest.mark.slow
def test_json_report_counts_where_stream_had_no_room(
    mounted: Callable[..., Job], github: GithubServer, tmp_path: Path
) -> None:
    files = {"conftest.py": MAKES_ROOM, "test_a.py": MANY.format(statement="assert n != 299")}
    result = mounted(files, f"mount -t tmpfs -o size=1m tmpfs {tmp_path / 'small'}").run(pytest_args=ARGUMENTS)
    assert (result.exit_status, github.run["conclusion"]) == (1, "failure")
    assert github.run["output"]["title"].startswith("1 failed, 299 passed")
    assert (result.outputs["failed"], result.outputs["passed"]) == ("1", "299")


@rule("The tests' side: the workspace is not writable")
@rule("The tests' side: the failure report cannot be saved")
@pytest.mark.slow
def test_unwritable_workspace_loses_no_result(
    mounted: Callable[..., Job], github: GithubServer, tmp_path: Path
) -> None:
    folder = tmp_path / "workspace"
    result = mounted({"test_b.py": OK}, f"mount --bind {folder} {folder}", f"mount -o remount,bind,ro {folder}").run()
    assert (result.exit_status, github.run["conclusion"]) == (1, "failure")
    assert github.run["output"]["title"].startswith("1 failed, 1 passed")
    assert len(github.annotations()) == 2
    assert "cannot be saved in the workspace: Read-only file system." in github.run["output"]["summary"]
    assert (result.outputs["report"], result.outputs["failures"], result.outputs["failures-json"]) == ("", "", "")
    assert result.log.count("Could not save the failure report to .check-run/failures.md: Read-only file system.") == 1


#: Runs after pytest has written its report, whose path only its own process knows.
SPOILS = """import atexit, os, sys
def pytest_configure(config):
    path = os.path.join(config.getoption("check_runs_folder"), "report.json")
    def spoil():
        {what}
    atexit.register(spoil)
"""


@rule("The tests' side: pytest-json-report's report is missing, incomplete, or another run's")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "problem"),
    [
        pytest.param("os.unlink(path)", "is missing", id="none"),
        pytest.param("os.truncate(path, os.path.getsize(path) // 2)", "is incomplete", id="half"),
        pytest.param(
            "text = open(path).read()[:-18]; open(path, 'w').write(text + 'f' * 16 + '\"}}')",
            "is from another run",
            id="another run's",
        ),
        pytest.param("os.unlink(path); os.mkfifo(path)", "is missing", id="a pipe"),
    ],
)
def test_stream_is_enough_without_json_report(github: GithubServer, tmp_path: Path, what: str, problem: str) -> None:
    job = Job(
        github=github,
        folder=tmp_path,
        files={"test_b.py": OK, "conftest.py": SPOILS.format(what=what)},
    )
    result = job.run()
    assert (result.exit_status, github.run["conclusion"]) == (1, "failure")
    assert github.run["output"]["title"].startswith("1 failed, 1 passed")
    assert len(github.annotations()) == 2
    assert f"report of pytest-json-report {problem}" in github.run["output"]["summary"]
    report = json.loads((job.workspace / result.outputs["report"]).read_text())
    assert sorted((test["nodeid"], test["outcome"]) for test in report["tests"]) == [
        ("test_b.py::test_bad", "failed"),
        ("test_b.py::test_ok", "passed"),
    ]
