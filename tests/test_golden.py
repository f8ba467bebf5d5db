"""The requests and the text for the reports in ``tests/golden``; ``--rewrite-golden`` rewrites them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import golden
from tests.support.github import rules

PROJECTS = sorted(path.parent for path in golden.FOLDER.glob("*/report.json"))

each_project = pytest.mark.parametrize("folder", PROJECTS, ids=lambda folder: folder.name)


def sent_bodies(folder: Path) -> list[golden.Body]:
    report = json.loads((folder / "report.json").read_text("utf-8"))
    return [*golden.sent(report, golden.repository((folder / "tracked.txt").read_text("utf-8").splitlines()))]


@each_project
def test_requests_match_the_golden_files(folder: Path, request: pytest.FixtureRequest) -> None:
    sent = sent_bodies(folder)
    files = {
        "check-run.json": json.dumps(sent, indent=1, ensure_ascii=False) + "\n",
        "check-run.md": golden.reading(sent),
    }
    if request.config.getoption("rewrite_golden"):
        for name, text in files.items():
            (folder / name).write_text(text, "utf-8")
    for name, text in files.items():
        assert text == (folder / name).read_text("utf-8"), name


@each_project
def test_requests_satisfy_githubs_rules(folder: Path) -> None:
    first, *updates = sent_bodies(folder)
    rules.check_create(first)
    for body in updates:
        rules.check_update(body)


@each_project
def test_annotations_are_on_tracked_files(folder: Path) -> None:
    tracked = (folder / "tracked.txt").read_text("utf-8").splitlines()
    assert {
        annotation["path"] for body in sent_bodies(folder) for annotation in body["output"].get("annotations", ())
    } <= {*tracked}
