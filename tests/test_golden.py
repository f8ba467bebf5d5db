"""What would be sent for the reports in ``tests/golden``, and how it reads; ``--rewrite-golden`` writes it anew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import golden
from tests.support.github import rules

PROJECTS = sorted(path.parent for path in golden.FOLDER.glob("*/report.json"))

each_project = pytest.mark.parametrize("folder", PROJECTS, ids=lambda folder: folder.name)


def bodies(folder: Path) -> list[golden.Body]:
    kept = json.loads((folder / "report.json").read_text("utf-8"))
    return [*golden.sent(kept, golden.repository((folder / "tracked.txt").read_text("utf-8").splitlines()))]


@each_project
def test_what_is_sent_for_a_report_is_as_it_was(folder: Path, request: pytest.FixtureRequest) -> None:
    sent = bodies(folder)
    made = {
        "check-run.json": json.dumps(sent, indent=1, ensure_ascii=False) + "\n",
        "check-run.md": golden.reading(sent),
    }
    if request.config.getoption("rewrite_golden"):
        for name, text in made.items():
            (folder / name).write_text(text, "utf-8")
    for name, text in made.items():
        assert text == (folder / name).read_text("utf-8"), name


@each_project
def test_what_is_sent_for_a_report_is_what_github_takes(folder: Path) -> None:
    first, *updates = bodies(folder)
    rules.check_create(first)
    for body in updates:
        rules.check_update(body)


@each_project
def test_all_that_is_sent_for_a_report_is_about_tracked_files(folder: Path) -> None:
    tracked = (folder / "tracked.txt").read_text("utf-8").splitlines()
    assert {each["path"] for body in bodies(folder) for each in body["output"].get("annotations", ())} <= {*tracked}
