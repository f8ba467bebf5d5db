"""The preview from the command line, with real pytest and no GitHub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.runner.jobs import ROOT

TESTS = {"test_a.py": "def test_good(): pass\n\n\ndef test_bad(): assert 0\n"}


def preview(folder: Path, *arguments: str, git: bool = True, **env: str) -> subprocess.CompletedProcess[str]:
    for name, text in TESTS.items():
        (folder / name).write_text(text)
    if git:
        subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    return subprocess.run(
        [sys.executable, str(ROOT / "entrypoint.py"), "preview", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_preview_writes_the_check_run_and_tells_the_verdict(tmp_path: Path) -> None:
    done = preview(tmp_path)
    assert done.returncode == 1
    assert "1 failed" in done.stdout
    assert "1 failed, 1 passed" in done.stderr
    assert "test_a.py::test_bad" in done.stderr
    assert "preview/check-run.html" in done.stderr
    first, *_, last = json.loads((tmp_path / "preview" / "check-run.json").read_text())
    assert (first["status"], last["status"], last["conclusion"]) == ("in_progress", "completed", "failure")
    assert "test_bad" in (tmp_path / "preview" / "check-run.md").read_text()
    assert "test_bad" in (tmp_path / "preview" / "check-run.html").read_text()


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("-q", "-k", "good"),
        ("-k", "good"),
        ("--", "-k", "good"),
        ("test_a.py::test_good",),
        ("--folder", "x", "-kgood"),
    ],
    ids=" ".join,
)
def test_what_follows_its_own_options_goes_to_pytest(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = preview(tmp_path, *arguments)
    assert (done.returncode, "1 passed" in done.stderr) == (0, True), done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("git", [True, False], ids=["nothing added yet", "no git"])
def test_files_that_git_does_not_know_yet_are_places(tmp_path: Path, git: bool) -> None:
    preview(tmp_path, git=git)
    bodies = json.loads((tmp_path / "preview" / "check-run.json").read_text())
    found = [note["path"] for body in bodies for note in body["output"].get("annotations", [])]
    assert found == ["test_a.py", "test_a.py"]


def test_a_folder_that_cannot_be_written_is_the_user_s_mistake(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    done = preview(tmp_path, "--folder=taken")
    assert (done.returncode, "Traceback" in done.stdout + done.stderr) == (2, False)
    assert "Name a folder that can be written." in done.stdout


def test_wrong_settings_are_all_told(tmp_path: Path) -> None:
    done = preview(tmp_path, CHECKS_WORKERS="many", CHECKS_PASSING="all")
    assert done.returncode == 2
    assert "workers" in done.stdout
    assert "passing" in done.stdout


def test_why_pytest_did_not_start_is_told_in_the_terminal(tmp_path: Path) -> None:
    done = preview(tmp_path, CHECKS_PYTHON="/nowhere/python")
    assert done.returncode == 1
    assert "/nowhere/python" in done.stderr
