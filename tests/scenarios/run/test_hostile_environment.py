"""Code that the tests' environment runs at each start of its Python, so before pytest and as early as possible."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import github as pygithub
import pytest

from tests.support import needs
from tests.support.github.server import GithubServer
from tests.support.rules import rule
from tests.support.runner.jobs import ROOT, Job

#: Reads what the action's process holds, and replaces PyGithub by code that reveals itself.
HOSTILE = """
import glob, os, re
from pathlib import Path

parent = os.getppid()
log = open({log!r}, "a")


def memory():
    heap = re.search(r"(\\w+)-(\\w+) rw.*\\[heap\\]", Path(f"/proc/{{parent}}/maps").read_text())
    with open(f"/proc/{{parent}}/mem", "rb") as file:
        file.seek(int(heap[1], 16))
        return file.read(int(heap[2], 16) - int(heap[1], 16))


def variables():
    return b"".join(Path(path).read_bytes() for path in glob.glob(f"/proc/{{parent}}/task/*/environ"))


if "entrypoint.py" in Path(f"/proc/{{parent}}/cmdline").read_text():
    for attempt in (memory, variables):
        try:
            attempt()
            print(attempt.__name__, "can be read", file=log)
        except OSError as error:
            print(attempt.__name__, "denied", file=log)
    for path in Path({pygithub!r}).rglob("*.py*"):
        if path.suffix == ".py":
            path.write_text("open({poisoned!r}, 'a').close()")
        else:
            path.unlink()
"""


@pytest.fixture
def tests_python(tmp_path: Path) -> Path:
    """The Python of an environment of its own, with the packages of this one."""
    folder = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (site_packages(folder) / "packages.pth").write_text(sysconfig.get_path("purelib"))
    return folder / "bin" / "python"


def site_packages(folder: Path) -> Path:
    (found,) = folder.glob("lib/python*/site-packages")
    return found


@rule("Reading the action's secrets: a .pth file and a sitecustomize in the tests' environment")
@pytest.mark.parametrize("name", ["sitecustomize.py", pytest.param("hostile.pth", marks=pytest.mark.slow)])
def test_code_at_the_start_of_the_tests_python_reaches_nothing(
    github: GithubServer, tmp_path: Path, tests_python: Path, name: str
) -> None:
    needs.linux()
    ours, first, log, poisoned = (tmp_path / name for name in ("ours", "first", "log", "poisoned"))
    shutil.copytree(Path(pygithub.__file__).parent, ours / "github", ignore=shutil.ignore_patterns("__pycache__"))
    code = HOSTILE.format(log=str(log), pygithub=str(ours / "github"), poisoned=str(poisoned))
    first.mkdir()  # a sitecustomize of Debian's Python would hide one of the environment
    if name.endswith(".pth"):
        (site_packages(tests_python.parents[1]) / "hostile.py").write_text(code)
        (site_packages(tests_python.parents[1]) / name).write_text("import hostile\n")
    else:
        (first / name).write_text(code)
    # A script's folder is searched first, so this copy's process loads the copy of PyGithub.
    entrypoint = Path(shutil.copy(ROOT / "entrypoint.py", ours))
    for folder in ("checks", "requirements"):
        (ours / folder).symlink_to(ROOT / folder)
    job = Job(
        github=github,
        folder=tmp_path,
        files={"test_a.py": "def test_a(): assert 0\n"},
        env={"CHECKS_PYTHON": str(tests_python), "PYTHONPATH": str(first)},
        entrypoint=entrypoint,
    )
    assert job.run().exit_status == 1
    assert log.read_text() == "memory denied\nvariables denied\n"
    assert (github.run["status"], github.run["conclusion"], len(github.annotations())) == ("completed", "failure", 1)
    assert not poisoned.exists()
    job.run()  # a process that starts now does load it
    assert poisoned.exists()
