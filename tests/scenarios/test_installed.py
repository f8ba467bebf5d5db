"""The installed package: the command and the module, from a checkout that stays clean."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from checks import __version__
from tests.support import needs

ROOT = Path(__file__).parents[2]
TESTS = "def test_good(): pass\n\n\ndef test_bad(): assert 0\n"


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    ignored = ("CHECKS_", "GITHUB_", "INPUT_", "PYTEST_")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(ignored)}
    return subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=False)


def commit_copy(folder: Path) -> None:
    """Commit a copy of the files of this checkout."""
    names = run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT).stdout.splitlines()
    for name in names:
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    author = ["-c", "user.name=Mona", "-c", "user.email=mona@example.com"]
    for command in (["init", "--quiet"], ["add", "--all"], [*author, "commit", "--quiet", "--message=All"]):
        assert run("git", *command, cwd=folder).returncode == 0


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` folder of a new environment into which a checkout was installed."""
    folder, checkout, uv = tmp_path_factory.mktemp("new"), tmp_path_factory.mktemp("checkout"), needs.uv()
    commit_copy(checkout)
    made = run(uv, "venv", "--quiet", "--no-config", "--python", sys.executable, folder / "env", cwd=folder)
    assert made.returncode == 0, made.stderr
    python = folder / "env" / "bin" / "python"
    installed = run(uv, "pip", "install", "--quiet", "--no-config", "--python", python, checkout, cwd=folder)
    if installed.returncode:
        needs.missing(f"the package cannot be installed: {installed.stderr.strip()[-500:]}")
    assert run("git", "status", "--porcelain", "--ignored", cwd=checkout).stdout == ""
    return python.parent


@pytest.mark.slow
@pytest.mark.parametrize("command", [["pytest-check-runs"], ["python", "-m", "pytest_check_runs"]], ids=" ".join)
def test_installed_package_has_a_command_and_a_module(environment: Path, command: list[str], tmp_path: Path) -> None:
    program: list[str | Path] = [environment / command[0], *command[1:]]
    assert run(*program, "--version", cwd=tmp_path).stdout == f"pytest-check-runs {__version__}\n"
    assert run(*program, "publish", "--help", cwd=tmp_path).stdout.startswith("usage: pytest-check-runs publish")
    (tmp_path / "test_a.py").write_text(TESTS)
    done = run(*program, "preview", "-q", cwd=tmp_path)
    assert (done.returncode, "1 failed, 1 passed" in done.stderr) == (1, True), done.stdout + done.stderr
    assert (tmp_path / ".check-run" / "preview" / "check-run.html").exists()


@pytest.mark.slow
def test_installed_package_keeps_to_its_own_name(environment: Path, tmp_path: Path) -> None:
    code = "import importlib.util as u; print([u.find_spec(n) for n in ('checks', 'entrypoint', 'requirements')])"
    assert run(environment / "python", "-c", code, cwd=tmp_path).stdout == "[None, None, None]\n"
