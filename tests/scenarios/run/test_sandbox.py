"""Tests that write the runner's files, which would become the environment of later steps, in whole runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import needs
from tests.support.github.server import GithubServer
from tests.support.rules import rule
from tests.support.runner.jobs import Job
from tests.support.runner.refusing import WITHOUT_LANDLOCK

#: Tries each of the runner's files by the path that it can guess.
WRITES = """
import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ["GITHUB_STEP_SUMMARY"]).parent


@pytest.mark.parametrize("name", ["env", "output", "path", "state"])
def test_is_denied(name):
    with pytest.raises(PermissionError):
        (FOLDER / name).write_text("LD_PRELOAD=/github/workspace/evil.so\\n")


def test_may_write_the_job_summary():
    (FOLDER / "step_summary").write_text("of the tests\\n")


def test_may_write_the_workspace(request):
    (request.config.rootpath / "file").write_text("")
"""

#: Continues to write the environment of the post step's container, and takes every open file from the action.
STEALS = """
import os, resource, subprocess, sys
from pathlib import Path

FOLDER = Path(os.environ["GITHUB_STEP_SUMMARY"]).parent
WRITER = f'''
import time
open("{os.getcwd()}/writer", "w").close()
while True:
    for name in ("env", "output", "path"):
        try:
            open("{FOLDER}/" + name, "w").write("LD_PRELOAD=/github/workspace/evil.so\\\\n")
        except OSError:
            pass
    time.sleep(0.002)
'''


def test_steals():
    subprocess.Popen([sys.executable, "-c", WRITER], start_new_session=True)
    while not os.path.exists("writer"):
        pass
    for name in ("NOFILE", "CPU", "AS", "FSIZE"):
        resource.prlimit(os.getppid(), getattr(resource, f"RLIMIT_{name}"), (3, 3))
    assert 0

"""


def records(job: Job) -> list[str]:
    return [(job.commands / name).read_text() for name in ("env", "path")]


@rule("Reaching later steps: the same from install and the tests of a whole run")
def test_tests_and_install_cannot_write_runner_files(github: GithubServer, tmp_path: Path) -> None:
    needs.landlock()
    job = Job(github=github, folder=tmp_path, files={"test_a.py": WRITES}, is_new=True)
    denied = '! (echo x=y > "$(dirname "$GITHUB_STEP_SUMMARY")/env") 2>/dev/null'
    result = job.run(install=denied)
    assert (result.exit_status, result.outputs["passed"]) == (0, "6")
    assert result.summary.startswith("of the tests")
    assert records(job) == ["", ""]


def test_file_named_in_pass_env_can_be_written(github: GithubServer, tmp_path: Path) -> None:
    writes = 'import os\n\n\ndef test_a(): open(os.environ["GITHUB_ENV"], "w").write("A=b\\n")\n'
    job = Job(github=github, folder=tmp_path, files={"test_a.py": writes}, is_new=True)
    assert job.run(pass_env="GITHUB_ENV").exit_status == 0
    assert records(job) == ["A=b\n", ""]


@rule("Reaching later steps: a process that keeps writing GITHUB_ENV")
@pytest.mark.parametrize(
    "how",
    [
        "in the sandbox",
        *(pytest.param(how, marks=pytest.mark.slow) for how in ("without the sandbox", "without Landlock")),
    ],
)
def test_what_tests_write_for_later_steps_is_emptied(how: str, github: GithubServer, tmp_path: Path) -> None:
    needs.root()
    needs.landlock()
    command_prefix = WITHOUT_LANDLOCK if how == "without Landlock" else ()
    job = Job(github=github, folder=tmp_path, files={"test_a.py": STEALS}, is_new=True, command_prefix=command_prefix)
    result = job.run(sandbox=str(how != "without the sandbox").lower())
    assert (result.exit_status, result.outputs["conclusion"], result.outputs["failed"]) == (1, "failure", "1")
    assert records(job) == ["", ""]
    assert "Operation not permitted" in result.log  # of the first limit
    assert ("Landlock is not available here (Function not implemented)" in result.log) == (how == "without Landlock")
