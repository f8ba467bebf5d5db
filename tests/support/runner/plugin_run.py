"""Run a project with the plugin and a given Python, and collect the results."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.adapters.pytest_process.failed_first import hand_over
from checks.core.model.item import Item
from checks.core.model.session import Session
from checks.core.pytest_process.selection import selection_json
from checks.core.results import stream
from checks.core.results.session_builder import SessionBuilder
from tests.support.json_reports import session_of
from tests.support.runner.jobs import AUTOLOAD_OFF
from tests.support.waits import HANG_SECONDS

CHILD = Path(__file__).parents[3] / "checks" / "plugin" / "pytest_check_runs_child.py"
PROJECTS = Path(__file__).parents[2] / "projects"

_VARIABLES_OF_CI = ("CI", "BUILD_NUMBER")  # with either of them pytest does not shorten diffs

#: A folder of tests/projects, or files by path.
Project = str | Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class PytestResult:
    """What a user sees of a run: exit status, output, and the files left in `folder`."""

    folder: Path
    exit_status: int
    output: str

    @property
    def last_line(self) -> str:
        return self.output.strip().splitlines()[-1]


@dataclass(frozen=True, kw_only=True)
class PluginResult(PytestResult):
    """A run with the plugin: also the session from its stream, and its report."""

    session: Session
    report: dict[str, Any]
    news: list[stream.News]
    lines: list[bytes]

    @property
    def from_report(self) -> Session:
        return session_of(self.report)

    def item(self, name: str) -> Item:
        """Return the one test whose node id ends with `name`."""
        (found,) = (item for item in self.session.items if item.nodeid.endswith(name))
        return found


@dataclass(frozen=True, kw_only=True)
class PluginRun:
    """How to run a project; it is copied for each run.

    `python` has pytest installed; pytest starts in the project's folder `start`. `only` has the titles of the tests to
    run, by default all. `failed` has the keys of those to run first, None without the option; with `is_late`, they are
    not known in time. For `autoload` see `AUTOLOAD_OFF`.
    """

    project: Project
    arguments: Sequence[str] = ()
    environ: Mapping[str, str] | None = None
    start: str = "."
    python: Path | str = sys.executable
    has_locals: bool = True
    only: Sequence[str] | None = None
    failed: Sequence[int] | None = None
    is_late: bool = False
    autoload: bool = False

    def run(self, folder: Path) -> PluginResult:
        """Run it with the plugin."""
        return _plugin_result(self._start_child(folder), folder)

    def run_beside_plain(self, folder: Path) -> tuple[PluginResult, PytestResult]:
        """Run it with the plugin and, at the same time, without."""
        plain = self._start(folder / "plain", str(Path(self.python).with_name("pytest")))
        child = self._start_child(folder / "child")
        return _plugin_result(child, folder / "child"), _pytest_result(plain, folder / "plain")

    def _start_child(self, folder: Path) -> subprocess.Popen[str]:
        if self.only is not None:
            folder.mkdir(exist_ok=True)
            (folder / "only.json").write_text(selection_json(self.only))
        if self.failed is not None and not self.is_late:
            folder.mkdir(exist_ok=True)
            assert hand_over(self.failed, folder)
        options = [f"--check-runs-folder={folder}"]
        options += [] if self.failed is None else [f"--check-runs-failed-first={time.monotonic()}"]
        options += ["--check-runs-locals"] if self.has_locals else []
        last_arguments = ["-p", "pytest_check_runs_child", *options, "-p", "pytest_jsonreport"]
        return self._start(folder, str(self.python), str(CHILD), last_arguments=last_arguments)

    def _start(self, folder: Path, *command: str, last_arguments: Iterable[str] = ()) -> subprocess.Popen[str]:
        copy = folder / "project"
        if isinstance(self.project, str):
            shutil.copytree(PROJECTS / self.project, copy, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            _write(copy, self.project)
        return subprocess.Popen(
            [*command, *self.arguments, *last_arguments],
            cwd=copy / self.start,
            env={
                **_environ(),
                **({} if self.autoload or self.python != sys.executable else AUTOLOAD_OFF),
                **(self.environ or {}),
            },
            text=True,
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )


def _write(folder: Path, files: Mapping[str, str]) -> None:
    folder.mkdir(parents=True)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def _environ() -> dict[str, str]:
    """Return our environment without what the running pytest, the developer's Python or a CI would change."""
    prefixes = ("PYTEST", "PYTHON", "COVERAGE")
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(prefixes) and name not in _VARIABLES_OF_CI
    }


def _pytest_result(process: subprocess.Popen[str], folder: Path) -> PytestResult:
    try:
        output, _ = process.communicate(timeout=HANG_SECONDS)
    finally:
        process.kill()
    return PytestResult(folder=folder / "project", exit_status=process.returncode, output=output)


def _plugin_result(process: subprocess.Popen[str], folder: Path) -> PluginResult:
    pytest_result = _pytest_result(process, folder)
    channel, report_file = folder / "channel", folder / "report.json"
    lines = channel.read_bytes().splitlines() if channel.exists() else []
    builder = SessionBuilder(lambda entry: entry)
    news = [*builder.feed(filter(None, lines)), *builder.release_held()]
    report = json.loads(report_file.read_text()) if report_file.exists() else {}
    return PluginResult(**vars(pytest_result), session=builder.session(), report=report, news=news, lines=lines)
