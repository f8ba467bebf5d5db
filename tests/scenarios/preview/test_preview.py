"""The preview from the command line, with pytest and without GitHub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.environments import copy_packages
from tests.support.rules import rule
from tests.support.runner.jobs import AUTOLOAD_OFF, ROOT
from tests.support.runner.shell import run_in_shell

TESTS = {"test_a.py": "def test_good(): pass\n\n\ndef test_bad(): assert 0\n"}


def preview(
    folder: Path, *arguments: str, git: bool = True, tests: Mapping[str, str] = TESTS, **env: str
) -> subprocess.CompletedProcess[str]:
    folder.mkdir(exist_ok=True)
    for name, text in tests.items():
        (folder / name).write_text(text)
    if git:
        subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    autoload = {} if "CHECKS_PYTHON" in env else AUTOLOAD_OFF
    return run_in_shell(folder, "preview", *arguments, **{**autoload, **env})


@rule("The tests' side: the terminal of a preview is closed")
def test_preview_whose_terminal_closes_is_cancelled(tmp_path: Path) -> None:
    hangs_up = "os.kill(os.getppid(), signal.SIGHUP)"
    test = f"import os, signal, time\n\n\ndef test_a():\n    {hangs_up}\n    time.sleep(600)\n"
    assert preview(tmp_path, tests={"test_a.py": test}).returncode == 1
    page = (tmp_path / ".check-run/preview/check-run.html").read_text()
    assert "<title>cancelled" in page
    assert 'http-equiv="refresh"' not in page


def test_preview_writes_the_check_run_and_prints_the_verdict(tmp_path: Path) -> None:
    completed = preview(tmp_path)
    assert completed.returncode == 1
    assert "1 failed" in completed.stdout
    assert "1 failed, 1 passed" in completed.stderr
    assert "test_a.py::test_bad" in completed.stderr
    assert completed.stderr.endswith("Page:  .check-run/preview/check-run.html\nFailures:  .check-run/failures.md\n")
    assert "ommit" not in completed.stderr  # the files may differ from it
    folder = tmp_path / ".check-run" / "preview"
    first, *_, last = json.loads((folder / "check-run.json").read_text())
    assert (first["status"], last["status"], last["conclusion"]) == ("in_progress", "completed", "failure")
    assert "test_bad" in (folder / "check-run.md").read_text()
    html = (folder / "check-run.html").read_text()
    assert "test_<wbr>bad" in html
    assert "&gt; 4  def test_bad(): assert 0" in html
    assert [action["label"] for action in last["actions"]] == ["Re-run failed", "Re-run all"]
    assert "reloads itself" not in html
    assert (tmp_path / ".check-run" / "pytest.json").exists()
    assert "at `test_a.py:4`, 1 test\n" in (tmp_path / ".check-run" / "failures.md").read_text()
    status = subprocess.run(["git", "status", "--porcelain"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ".check-run" not in status.stdout


def test_preview_shows_whole_diffs_and_sets_no_variable_of_ci(tmp_path: Path) -> None:
    test = "import os\n\n\ndef test_a():\n    assert 'CI' not in os.environ\n    assert [*range(50)] == [*range(49)]\n"
    preview(tmp_path, tests={"test_a.py": test})
    page = (tmp_path / ".check-run" / "preview" / "check-run.md").read_text()
    assert "Full diff:" in page
    assert "-E     +     49," in page


@pytest.mark.parametrize(
    "redirection", [">/dev/full 2>&1", pytest.param("2>&1 | true", marks=pytest.mark.slow), ">&- 2>&-"]
)
def test_preview_ends_with_the_tests_status_if_nothing_can_be_printed(tmp_path: Path, redirection: str) -> None:
    (tmp_path / "test_a.py").write_text("def test_good(): pass\n")
    shell = ["bash", "-c", f'set -o pipefail; "$@" {redirection}', "bash"]
    command = [*shell, sys.executable, str(ROOT / "entrypoint.py"), "preview"]
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **AUTOLOAD_OFF}
    completed = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, check=False)
    first, *_, last = json.loads((tmp_path / ".check-run" / "preview" / "check-run.json").read_text())
    assert (completed.returncode, first["status"], last["conclusion"]) == (0, "in_progress", "success")


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
    assert "Failures:" not in completed.stderr


@pytest.mark.slow
def test_page_shows_progress_and_reloads_itself_while_the_tests_run(tmp_path: Path) -> None:
    tests = (
        "import time\nfrom pathlib import Path\n\n\n"
        "def test_first(): pass\n\n\n"
        "def test_page():\n"
        "    page = Path('.check-run/preview/check-run.html')\n"
        "    while '<h1>1 of 2' not in page.read_text(): time.sleep(0.05)\n"
        "    assert '<meta http-equiv=\"refresh\"' in page.read_text()\n"
    )
    completed = preview(tmp_path, tests={"test_a.py": tests})
    assert completed.returncode == 0, completed.stdout


#: Runs until the page is complete, as a browser may that was not running yet.
BROWSER = """#!/bin/sh
page=.check-run/preview/check-run.html
cp $page part && echo "$1" >address && mv part opened.html
for _ in $(seq 100); do
    grep -q "reloads itself" $page || exec touch saw-the-end
    sleep 0.1
done
"""
WAITS_FOR_BROWSER = """
import os, time
def test_a():
    while not os.path.exists("opened.html"): time.sleep(0.05)
"""


def test_browser_opens_while_the_page_reloads_itself(tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(BROWSER)
    browser.chmod(0o755)
    preview(tmp_path, "--open", tests={"test_a.py": WAITS_FOR_BROWSER}, BROWSER=f"{browser} %s")
    assert (tmp_path / "address").read_text() == f"{(tmp_path / '.check-run/preview/check-run.html').as_uri()}\n"
    assert "reloads itself" in (tmp_path / "opened.html").read_text()
    assert (tmp_path / "saw-the-end").exists()


def test_browser_that_cannot_be_started_changes_nothing(tmp_path: Path) -> None:
    completed = preview(tmp_path, "--open", BROWSER="'%s")
    assert completed.returncode == 1
    assert "check-run.html" in completed.stderr


def test_secret_in_the_code_is_not_on_the_page(tmp_path: Path) -> None:
    secret = "correct-horse-battery"
    tests = f"PASSWORD = '{secret}'\ndef test_bad(): assert 0\n"
    completed = preview(tmp_path, tests={"test_a.py": tests}, SHOP_PASSWORD=secret)
    html = (tmp_path / ".check-run" / "preview" / "check-run.html").read_text()
    assert completed.returncode == 1
    assert "  1  PASSWORD = &#39;***&#39;" in html
    assert secret not in html


@pytest.mark.slow
@pytest.mark.parametrize("git", [True, False], ids=["nothing added yet", "no git"])
def test_files_unknown_to_git_are_annotated(tmp_path: Path, git: bool) -> None:
    preview(tmp_path, git=git)
    bodies = json.loads((tmp_path / ".check-run" / "preview" / "check-run.json").read_text())
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


def test_missing_folder_is_named_by_option_and_variable(tmp_path: Path) -> None:
    completed = preview(tmp_path, "--working-directory", "nope")
    assert (
        "`--working-directory` / `CHECKS_WORKING_DIRECTORY` is 'nope': the current folder has no such"
        in completed.stderr
    )


def test_folder_of_the_user_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".check-run").mkdir()
    (tmp_path / ".check-run" / "notes.txt").write_text("mine")
    completed = preview(tmp_path)
    assert completed.returncode == 2
    assert completed.stdout.startswith(
        "Error: Cannot write the preview to .check-run/preview: .check-run exists already"
    )
    assert [path.name for path in (tmp_path / ".check-run").iterdir()] == ["notes.txt"]


def test_failures_that_are_not_shown_are_counted(tmp_path: Path) -> None:
    tests = "import pytest\n\n\n@pytest.mark.parametrize('n', range(122))\ndef test(n): assert 0\n"
    completed = preview(tmp_path, tests={"test_a.py": tests}, CHECKS_PYTEST_ARGS="--tb=no")
    assert completed.stderr.count("AssertionError") == 10
    assert "  … and 112 more on the page\n" in completed.stderr


@pytest.mark.parametrize("workers", ["", pytest.param("2", marks=pytest.mark.slow)])
def test_python_with_pytest_alone_is_enough(tmp_path: Path, workers: str) -> None:
    """The preview brings pytest-json-report, and none of the action's other packages can be imported."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    python = tmp_path / "env" / "bin" / "python"
    copy_packages(["pytest", "pytest-xdist"] if workers else ["pytest"], python)
    tests = {
        "test_path.py": "import importlib.util, os, sys\n\n\n"
        "def test_last_folder():\n"
        "    assert {name.partition('-')[0] for name in os.listdir(sys.path[-1])} == "
        "{'pytest_jsonreport', 'pytest_json_report'}\n\n\n"
        "def test_nothing_else():\n"
        "    assert importlib.util.find_spec('checks') is importlib.util.find_spec('rich') is None\n"
    }
    project = tmp_path / "project"
    completed = preview(project, tests=tests, CHECKS_PYTHON=str(python), CHECKS_WORKERS=workers)
    assert (completed.returncode, "2 passed" in completed.stderr) == (0, True), completed.stdout + completed.stderr
    assert json.loads((project / ".check-run" / "pytest.json").read_text())["summary"]["passed"] == 2


def test_modules_named_as_our_libraries_are_for_the_tests_alone(tmp_path: Path) -> None:
    for name in ("jinja2", "rich"):
        (tmp_path / "src" / name).mkdir(parents=True)
        (tmp_path / "src" / name / "__init__.py").write_text("name = 'the project'\n")
    tests = {"test_a.py": "def test_a():\n    import jinja2\n    assert jinja2.name == 'the project'\n"}
    completed = preview(tmp_path, tests=tests, PYTHONPATH="src")
    assert (completed.returncode, "1 passed" in completed.stderr) == (0, True), completed.stderr
    assert "Failures:" not in completed.stderr
