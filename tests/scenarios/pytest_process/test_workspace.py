from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from checks.adapters.pytest_process.workspace import LocalWorkspace
from checks.adapters.system import linux
from checks.core.model.errors import CheckError
from checks.core.model.job import ExitReason, ProcessExit
from checks.core.model.settings import Settings
from tests.support import needs
from tests.support.runner.running import Log, wait_for_exit

ENVIRON = {
    "PATH": os.environ["PATH"],
    "HOME": os.environ.get("HOME", "/"),
    "CHECKS_PYTHON": sys.executable,
    "GIT_CEILING_DIRECTORIES": "/",
    **{name: value for name, value in os.environ.items() if name.startswith(("UV_", "SSL_", "PIP_"))},
}
TEST = "def test_one(): pass\ndef test_two(): assert 0\n"


class Job:
    """A workspace with its log."""

    def __init__(self, folder: Path, working_directory: str = ".", environ: Mapping[str, str] | None = None) -> None:
        self.log = Log()
        self.workspace = LocalWorkspace(
            folder,
            working_directory,
            environ=environ or ENVIRON,
            sink=self.log,
            in_colour=True,
        )
        self.events: list[str] = []

    def run(self, settings: Settings, only: Sequence[str] | None = None) -> tuple[ProcessExit, Mapping[str, object]]:
        with self.workspace:
            process = self.workspace.start_tests(settings, only)
            end = wait_for_exit(process, seconds=60)
            self.events = [json.loads(line)["event"] for line in process.lines()]
            return end, {name: value for name, value, _ in process.report().members()}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "test_it.py").write_text(TEST)
    return folder


def test_install_and_pytest_run_in_the_test_environment(project: Path) -> None:
    install = 'command -v python; echo "$VIRTUAL_ENV"; echo from-install > test_more.py'
    job = Job(project, environ={**ENVIRON, "INPUT_X": "withheld", "VIRTUAL_ENV": "/other"})
    end, report = job.run(Settings(install=install, pytest_args=("-q", "test_it.py")))
    assert (end.reason, end.exit_status, end.phase) == (ExitReason.EXITED, 1, "tests")
    first, *_ = job.log.text.splitlines()
    assert Path(first).parent == Path(sys.executable).parent
    assert (project / "test_more.py").read_text() == "from-install\n"
    assert "\x1b[" in job.log.text
    assert "\x1b[" not in end.output
    assert "1 failed, 1 passed" in end.output
    assert (job.events[0], job.events[-1]) == ("session", "end")
    assert report["exitcode"] == 1


@pytest.mark.parametrize(
    ("only", "last_line"),
    [
        pytest.param(None, "1 failed, 1 passed", id="all"),
        pytest.param(["test_it.py::test_one", "test_it.py::test_\u0442\ud800"], "1 passed, 1 deselected", id="one"),
        pytest.param([], "2 deselected", id="none", marks=pytest.mark.slow),
    ],
)
def test_workspace_runs_all_tests_or_only_given_titles(
    only: Sequence[str] | None, last_line: str, project: Path
) -> None:
    job = Job(project)
    end, _ = job.run(Settings(pytest_args=("-q",)), only)
    assert end.output.splitlines()[-1].startswith(last_line)
    assert ("missing" in job.events) == bool(only)


@pytest.mark.parametrize("install", ["false; true", "false | cat", "no-such-command", "exit 3"])
def test_installation_fails_if_any_of_its_commands_fails(install: str, project: Path) -> None:
    needs.program("bash")
    job = Job(project)
    end, report = job.run(Settings(install=f"echo begun\n{install}\necho done"))
    assert (end.reason, end.phase) == (ExitReason.INSTALL_FAILED, "install")
    assert end.output.startswith("begun\n")
    assert "done" not in end.output
    assert (job.events, report) == ([], {})


def test_pytest_starts_in_the_working_directory(project: Path) -> None:
    end, _ = Job(project.parent, "project").run(Settings(working_directory="project", pytest_args=("-q",)))
    assert "1 failed, 1 passed" in end.output


def test_missing_working_directory_is_named_in_the_error(project: Path) -> None:
    job = Job(project, "no/such")
    assert job.workspace.repository().tracked == {"test_it.py"}
    with pytest.raises(CheckError, match="Input `working-directory` is 'no/such'"):
        job.run(Settings(working_directory="no/such"))


def test_private_folder_is_outside_the_workspace_and_removed(project: Path) -> None:
    result_file = project / "result"
    (project / "test_it.py").write_text(f"""
import os, json
def test_it(request):
    folder = os.path.dirname(request.config.getoption("check_runs_folder"))
    json.dump([folder, os.stat(folder).st_mode & 0o777], open({str(result_file)!r}, "w"))
""")
    assert Job(project).run(Settings())[0].exit_status == 0
    folder, mode = json.loads(result_file.read_text())
    assert mode == 0o700
    assert not Path(folder).is_relative_to(project)
    assert not Path(folder).exists()


def test_leaving_the_workspace_ends_running_processes(project: Path) -> None:
    needs.linux()
    other_pids = linux.children()
    job = Job(project)

    class OurBugError(Exception):
        """An unexpected error."""

    with suppress(OurBugError), job.workspace:
        job.workspace.start_tests(Settings(install="sleep 60"))
        assert linux.descendants(excluding=other_pids)
        raise OurBugError
    assert linux.descendants(excluding=other_pids) == frozenset()


def test_files_of_the_tests_belong_to_the_workspace_owner(project: Path) -> None:
    needs.root()
    os.chown(project, 12345, 12345)
    Job(project).run(Settings(install="mkdir made; touch made/file"))
    assert (project / "made" / "file").stat().st_uid == 12345


@pytest.mark.slow
def test_python_version_runs_tests_in_another_cpython(project: Path) -> None:
    python = needs.python("3.9")
    needs.uv()
    environ = {**ENVIRON, "PATH": f"{python.parent}:{ENVIRON['PATH']}"}
    job = Job(project, environ=environ)
    settings = Settings(python_version="3.9", install="python --version; pip --version", pytest_args=("-q",))
    end, report = job.run(settings)
    assert (end.reason, end.exit_status) == (ExitReason.EXITED, 1), end.output
    assert "\nPython 3.9." in job.log.text
    assert "(python 3.9)" in job.log.text
    assert report["exitcode"] == 1


def test_unknown_python_version_reports_the_output_of_uv(project: Path) -> None:
    needs.uv()
    end, _ = Job(project).run(Settings(python_version="3.77", pytest_args=("-q",)))
    assert (end.reason, end.phase) == (ExitReason.INSTALL_FAILED, "python-version")
    assert "Python 3.77" in end.output
