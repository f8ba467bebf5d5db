from __future__ import annotations

from pathlib import Path

import pytest

from checks.adapters.reports.find_reports import find_reports
from checks.core.model.errors import CheckError


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f'{{"root": "{name}"}}')


def roots(folder: Path, *globs: str) -> list[object]:
    return [value for report in find_reports(folder, globs) for _, value, _ in report.members()]


def test_reports_are_found_once_and_in_order(tmp_path: Path) -> None:
    write(tmp_path, "r/b.json", "r/a.json", "z.json")
    assert roots(tmp_path, "z.json", "r/*.json", "**/a.json") == ["z.json", "r/a.json", "r/b.json"]


def test_all_globs_without_a_match_are_reported_together(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(CheckError) as raised:
        find_reports(tmp_path, ["gone.json", "folder", "no/*.json"])
    assert len(raised.value.problems) == 3
    assert "'gone.json'" in str(raised.value)


@pytest.mark.parametrize("pattern", [".", "./", "/a", "a**", "a" * 300])
def test_glob_that_cannot_be_expanded_is_reported(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(CheckError) as raised:
        find_reports(tmp_path, [pattern, "gone.json"])
    assert [problem.why for problem in raised.value.problems] == ["it is not a valid path or glob.", "no file matches."]


def test_glob_with_more_than_1_000_matches_is_refused(tmp_path: Path) -> None:
    for number in range(1_001):
        (tmp_path / f"{number}.json").touch()
    with pytest.raises(CheckError, match="more than 1,000 files"):
        find_reports(tmp_path, ["*.json"])
    (tmp_path / "0.json").unlink()
    assert len(find_reports(tmp_path, ["*.json"])) == 1_000


def test_link_out_of_the_workspace_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "outside.json", "w/inside.json")
    (tmp_path / "w" / "link.json").symlink_to(tmp_path / "outside.json")
    (tmp_path / "w" / "out").symlink_to(tmp_path)
    for pattern in ("link.json", "out/outside.json"):
        with pytest.raises(CheckError, match="leads out"):
            find_reports(tmp_path / "w", [pattern])
