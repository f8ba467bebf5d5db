"""The saved report replaces anything that the tests put there."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.adapters.reports.saved import SavedReports
from tests.support.planted import Plant, every_plant, run_with_timeout
from tests.support.rules import rule


@rule("Impersonating the action: a link or a pipe in place of the saved report")
@pytest.mark.parametrize("name", ["", ".gitignore", "pytest.json"])
@every_plant
def test_report_is_saved_whatever_is_planted_in_its_place(tmp_path: Path, name: str, plant: Plant) -> None:
    folder = tmp_path / ".check-run"
    warnings: list[str] = []
    reports = SavedReports(tmp_path, warnings.append)
    if name:
        folder.mkdir()
    plant(folder / name)
    run_with_timeout(lambda: reports.save("pytest", ['{"tests": []}']))
    assert warnings == []
    assert (folder.is_dir(), folder.is_symlink()) == (True, False)
    for path, text in ((folder / "pytest.json", '{"tests": []}'), (folder / ".gitignore", "*\n")):
        assert (path.is_file(), path.is_symlink(), path.stat().st_size) == (True, False, len(text))
        assert path.read_text() == text
    assert not list((tmp_path / "folder").glob("*"))


@pytest.mark.parametrize("name", ["failures.md", "failures.json"])
@every_plant
def test_failure_report_is_saved_whatever_is_planted_in_its_place(tmp_path: Path, name: str, plant: Plant) -> None:
    folder = tmp_path / ".check-run"
    reports = SavedReports(tmp_path, pytest.fail)
    folder.mkdir()
    plant(folder / name)
    run_with_timeout(lambda: reports.save_failures("pytest", "# x", [b"{", b"}"]))
    for path, text in ((folder / "failures.md", "# x"), (folder / "failures.json", "{}")):
        assert (path.is_file(), path.is_symlink(), path.stat().st_size) == (True, False, len(text))
        assert path.read_text() == text


@pytest.mark.parametrize(
    ("check", "failures", "report"),
    [
        ("pytest", "failures", "pytest"),
        ("pytest (unit)", "failures-pytest-unit", "pytest-unit"),
        ("../v1.2", "failures-v1.2", "v1.2"),
        ("failures", "failures-pytest-failures", "pytest-failures"),
    ],
)
def test_each_check_has_files_of_its_own(tmp_path: Path, check: str, failures: str, report: str) -> None:
    reports = SavedReports(tmp_path, pytest.fail)
    paths = [reports.save(check, ["{}"]), *reports.save_failures(check, "# x", [b"{}"])]
    assert paths == [f".check-run/{report}.json", f".check-run/{failures}.md", f".check-run/{failures}.json"]
    assert all((tmp_path / path).is_file() for path in paths)


@rule("The tests' side: another folder is called .check-run")
@pytest.mark.parametrize("ignored", [None, "*.log\n"], ids=["without .gitignore", "with another .gitignore"])
def test_folder_of_the_user_is_left_alone(tmp_path: Path, ignored: str | None) -> None:
    folder = tmp_path / ".check-run"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    if ignored is not None:
        (folder / ".gitignore").write_text(ignored)
    before = {path.name: path.read_text() for path in folder.iterdir()}
    warnings: list[str] = []
    reports = SavedReports(tmp_path, warnings.append)
    assert "rename it" in reports.unavailable_reason()
    assert reports.save("pytest", ["{}"]) == ""
    assert "Could not save the JSON report to .check-run/pytest.json: .check-run exists already" in warnings[0]
    assert reports.save_failures("unit", "# x", [b"{}"]) == ("", "")
    assert "Could not save the failure report to .check-run/failures-unit.md: .check-run exists" in warnings[1]
    assert {path.name: path.read_text() for path in folder.iterdir()} == before


def test_folder_of_an_earlier_run_is_used_again(tmp_path: Path) -> None:
    for check in ("unit", "docs"):
        SavedReports(tmp_path, pytest.fail).save(check, ["{}"])
    names = sorted(path.name for path in (tmp_path / ".check-run").iterdir())
    assert names == [".gitignore", "docs.json", "unit.json"]


def test_folder_that_cannot_be_looked_at_is_a_warning(tmp_path: Path) -> None:
    warnings: list[str] = []
    reports = SavedReports(tmp_path / ("x" * 300), warnings.append)
    assert reports.unavailable_reason() == "File name too long"
    assert reports.save("unit", ["{}"]) == ""
    assert warnings == ["Could not save the JSON report to .check-run/unit.json: File name too long."]


def test_empty_folder_is_used(tmp_path: Path) -> None:
    (tmp_path / ".check-run").mkdir()
    assert SavedReports(tmp_path, pytest.fail).save("unit", ["{}"]) == ".check-run/unit.json"
