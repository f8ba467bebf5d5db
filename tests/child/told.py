"""Runs a project through the child with a given Python, and folds what it told."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.translate import events, report
from checks.words.session import Session

CHILD = Path(__file__).parents[2] / "checks" / "child" / "pytest_check_runs_child.py"
PROJECTS = Path(__file__).parents[1] / "projects"


@dataclass(frozen=True, kw_only=True)
class Told:
    """What came of a run: by its stream, by its file, and by pytest itself."""

    session: Session
    report: dict[str, Any]
    news: list[events.News]
    exit_status: int
    output: str

    @property
    def from_report(self) -> Session:
        return report.parse(self.report)

    @property
    def last_line(self) -> str:
        return self.output.strip().splitlines()[-1]


def run(python: Path | str, folder: Path, project: str | Path, *arguments: str, locals_: bool = True) -> Told:
    """Copies the project, so that nothing of one run is seen by another."""
    copy = folder / "project"
    shutil.copytree(PROJECTS / project, copy, ignore=shutil.ignore_patterns("__pycache__"))
    channel, saved = folder / "channel", folder / "report.json"
    options = [f"--check-runs-channel={channel}", f"--check-runs-report={saved}"]
    command = [
        str(python), str(CHILD), "-p", "pytest_check_runs_child", *options,
        *(["--check-runs-locals"] if locals_ else []), "-p", "pytest_jsonreport", *arguments,
    ]  # fmt: skip
    done = subprocess.run(command, cwd=copy, text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    fold = events.Fold(lambda entry: entry)
    lines = channel.read_bytes().splitlines() if channel.exists() else []
    news = [each for line in lines for each in fold.feed(line)]
    kept = json.loads(saved.read_text()) if saved.exists() else {}
    return Told(
        session=fold.session(), report=kept, news=news, exit_status=done.returncode, output=done.stdout + done.stderr
    )
