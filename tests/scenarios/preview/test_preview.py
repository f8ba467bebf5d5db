"""The preview from the command line, with pytest and without GitHub."""

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


def test_preview_writes_the_check_run_and_prints_the_verdict(tmp_path: Path) -> None:
    completed = preview(tmp_path)
    assert completed.returncode == 1
    assert "1 failed" in completed.stdout
    assert "1 failed, 1 passed" in completed.stderr
    assert "test_a.py::test_bad" in completed.stderr
    assert "preview/check-run.html" in completed.stderr
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
def test_arguments_after_its_options_go_to_pytest(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    completed = preview(tmp_path, *arguments)
    assert (completed.returncode, "1 passed" in completed.stderr) == (0, True), completed.stderr


@pytest.mark.slow
@pytest.mark.parametrize("git", [True, False], ids=["nothing added yet", "no git"])
def test_files_unknown_to_git_are_annotated(tmp_path: Path, git: bool) -> None:
    preview(tmp_path, git=git)
    bodies = json.loads((tmp_path / "preview" / "check-run.json").read_text())
    paths = [annotation["path"] for body in bodies for annotation in body["output"].get("annotations", [])]
    assert paths == ["test_a.py", "test_a.py"]


def test_unwritable_folder_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    completed = preview(tmp_path, "--folder=taken")
    assert (completed.returncode, "Traceback" in completed.stdout + completed.stderr) == (2, False)
    assert "Choose a writable folder." in completed.stdout


def test_all_wrong_settings_are_reported(tmp_path: Path) -> None:
    completed = preview(tmp_path, CHECKS_WORKERS="many", CHECKS_PASSING="all")
    assert completed.returncode == 2
    assert "workers" in completed.stdout
    assert "passing" in completed.stdout


def test_reason_for_pytest_not_starting_is_printed(tmp_path: Path) -> None:
    completed = preview(tmp_path, CHECKS_PYTHON="/nowhere/python")
    assert completed.returncode == 1
    assert "/nowhere/python" in completed.stderr
