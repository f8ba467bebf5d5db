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
    folder = tmp_path / ".pytest-check-runs"
    if name:
        folder.mkdir()
    plant(folder / name)
    warnings: list[str] = []
    run_with_timeout(lambda: SavedReports(tmp_path, warnings.append).save("pytest", ['{"tests": []}']))
    assert warnings == []
    assert (folder.is_dir(), folder.is_symlink()) == (True, False)
    for path, text in ((folder / "pytest.json", '{"tests": []}'), (folder / ".gitignore", "*\n")):
        assert (path.is_file(), path.is_symlink(), path.stat().st_size) == (True, False, len(text))
        assert path.read_text() == text
    assert not list((tmp_path / "folder").glob("*"))
