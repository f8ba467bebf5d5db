"""The program `failures` in the folder of a run, and with a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checks.adapters.reports.saved import SavedReports
from tests.support.runner.shell import run_in_shell

TESTS = """import pytest
@pytest.mark.parametrize("n", [1, 2])
def test_bad(n):
    print("::error::stolen ##[error]too")
    assert n == 0
def test_good(): pass
"""
ENTRY = {"title": "t.py::test_x", "nodeid": "t.py::test_x", "cause": 1, "path": "t.py", "line": 3, "message": "E: x"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a preview was made."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "test_a.py").write_text(TESTS)
    assert run_in_shell(folder, "preview").returncode == 1
    return folder


def save(folder: Path, check: str, text: str) -> None:
    SavedReports(folder, pytest.fail).save_failures(check, "", [text.encode()])


def test_report_of_the_folder_is_printed_as_it_was_saved(folder: Path) -> None:
    completed = run_in_shell(folder, "failures")
    assert completed.stdout == (folder / ".check-run" / "failures.md").read_text()
    assert (completed.returncode, completed.stderr) == (0, "")


def test_json_is_an_array_of_the_saved_documents(folder: Path) -> None:
    completed = run_in_shell(folder, "failures", "--json")
    assert json.loads(completed.stdout) == [json.loads((folder / ".check-run" / "failures.json").read_text())]


def test_report_of_pytest_json_report_is_read(folder: Path) -> None:
    completed = run_in_shell(folder, "failures", ".check-run/pytest.json")
    saved = (folder / ".check-run" / "failures.md").read_text()
    assert completed.stdout.partition("## Cause 1: ")[2] == saved.partition("## Cause 1: ")[2]
    assert (completed.returncode, completed.stderr) == (0, "")
    documents = json.loads(run_in_shell(folder, "failures", "--json", ".check-run/pytest.json").stdout)
    assert [failure["nodeid"] for failure in documents[0]["failures"]] == [
        "test_a.py::test_bad[1]",
        "test_a.py::test_bad[2]",
    ]


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_printed_report_has_no_workflow_command(folder: Path, arguments: list[str]) -> None:
    completed = run_in_shell(folder, "failures", *arguments, GITHUB_ACTIONS="true")
    assert "stolen" in completed.stdout
    assert "##[" not in completed.stdout
    assert not any(line.lstrip().startswith("::") for line in completed.stdout.splitlines())


def test_reports_of_several_checks_follow_each_other(tmp_path: Path) -> None:
    for check in ("unit", "pytest", "docs"):
        save(tmp_path, check, json.dumps({"schema": 1, "check": check, "causes": [], "failures": [ENTRY]}))
    printed = run_in_shell(tmp_path, "failures").stdout
    headings = [line for line in printed.splitlines() if line.startswith("# ")]
    assert headings == ["# `pytest`: ", "# `docs`: ", "# `unit`: "]
    assert [document["check"] for document in json.loads(run_in_shell(tmp_path, "failures", "--json").stdout)] == [
        "pytest",
        "docs",
        "unit",
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it cannot be read, or is not a JSON object."),
        ("[]", "it cannot be read, or is not a JSON object."),
        ('{"schema": 2}', "its `schema` is not 1, so another version of this program wrote it."),
        ('{"schema": 1, "failures": [', "its end is missing."),
    ],
)
def test_file_that_is_no_report_is_an_error(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "x.json").write_text(text)
    completed = run_in_shell(tmp_path, "failures", "x.json")
    assert (completed.returncode, f"REPORT 'x.json': {why}" in completed.stderr) == (2, True)


def test_folder_without_a_report_is_an_error(tmp_path: Path) -> None:
    completed = run_in_shell(tmp_path, "failures")
    assert (completed.returncode, completed.stderr.startswith("Error: No failure report: ")) == (2, True)
