"""Measure the tests' process: under the action, with pytest-json-report alone, and bare."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from tempfile import TemporaryDirectory

from checks.adapters.pytest_process import environments
from checks.core.model.settings import Settings
from checks.core.pytest_process.command_line import pytest_command
from checks.core.pytest_process.environment import child_environment, user_environment
from tests.support.runner.jobs import ROOT, Job

from . import processes
from .jobs import Jobs, tail
from .processes import MeasuredCommand, ResourceUsage
from .suites import BenchSuite
from .table import Row, Spread

BARE, ALONE, OURS = "bare", "json-report alone", "the action"
_BARE = (sys.executable, "-m", "pytest", "-q")
_CHILD = ROOT / "checks" / "plugin" / "pytest_check_runs_child.py"
_MAX_TRIVIAL = 1.05
#: A difference that nobody would notice.
_MAX_WORKING = 1.02


def measure(suite: BenchSuite, jobs: Jobs, rounds: Iterable[int]) -> Mapping[str, Sequence[ResourceUsage]]:
    """Measure the three commands in turn."""
    job = jobs.of(suite)
    run(job, (*_BARE, "--collect-only"))  # compiles the suite
    found: dict[str, list[ResourceUsage]] = {BARE: [], ALONE: [], OURS: []}
    for number in rounds:
        # In alternating order, so that no command is always the first.
        for name in [*found][:: -1 if number % 2 else 1]:
            with TemporaryDirectory(dir=job.folder) as private:
                found[name].append(run(job, commands(private)[name]))
    return found


def commands(private: str) -> Mapping[str, Sequence[str]]:
    """Return how each is started; `private` is a new folder for its files."""
    launcher, settings = (sys.executable, str(_CHILD)), Settings(pytest_args=("-q",))
    return {
        BARE: _BARE,
        ALONE: (*_BARE, "--json-report", f"--json-report-file={private}/report.json"),
        OURS: pytest_command(settings, launcher=launcher, folder=private, in_colour=True),
    }


def bare(job: Job, *arguments: str, status: int = 0) -> ResourceUsage:
    """Run bare pytest, and return what it used."""
    return run(job, (*_BARE, *arguments), status=status)


def run(job: Job, arguments: Sequence[str], *, status: int = 0) -> ResourceUsage:
    """Run a command in the checkout, with the variables that the tests get. It has to exit with `status`."""
    environment = environments.existing({})
    environ = child_environment(
        user_environment(job.environ({})), bin_folder=str(environment.python.parent), venv=environment.venv
    )
    command = MeasuredCommand(
        arguments=arguments, folder=job.workspace, environ=environ, output=job.folder / "output.txt"
    )
    usage = processes.measure_with_children(command)
    if usage.status != status:
        raise RuntimeError(
            f"pytest's exit status is {usage.status}, and the end of its output:\n{tail(command.output)}"
        )
    return usage


def trivial(suite: BenchSuite, usage: Mapping[str, Sequence[ResourceUsage]]) -> Row:
    """CPU time of tests that do nothing."""
    bare, alone, ours = (Spread([usage.cpu_seconds for usage in usage[name]]) for name in (BARE, ALONE, OURS))
    ratio = ours.over(alone)
    return Row(
        figure=f"the tests' process: CPU time of {suite.tests:,} trivial tests, relative to json-report alone",
        target=f"≤ {_MAX_TRIVIAL} times",
        measured=f"**{ratio:.3f} times**; {_compare(bare, alone, ours)}",
        is_met=ratio.median <= _MAX_TRIVIAL,
    )


def working(suite: BenchSuite, usage: Mapping[str, Sequence[ResourceUsage]]) -> Row:
    """CPU and wall time of tests that do something."""
    cpu = [Spread([usage.cpu_seconds for usage in usage[name]]) for name in (BARE, ALONE, OURS)]
    wall = [Spread([usage.wall_seconds for usage in usage[name]]) for name in (BARE, ALONE, OURS)]
    parts, ratios = [], []
    for resource, (bare, alone, ours) in {"CPU": cpu, "wall": wall}.items():
        ratios.append(ratio := ours.over(alone))
        parts.append(f"**{ratio:.3f} times** the {resource} time ({_compare(bare, alone, ours)})")
    return Row(
        figure=f"the same of {suite.tests:,} tests of {suite.cpu_seconds * 1000:g} ms each; also wall time",
        target=f"≤ {_MAX_WORKING} times, for both",
        measured="; ".join(parts),
        is_met=max(ratio.median for ratio in ratios) <= _MAX_WORKING,
    )


def _compare(bare: Spread, alone: Spread, ours: Spread) -> str:
    return (
        f"relative to bare `pytest -q`, {ours.over(bare):.3f} times with the action and {alone.over(bare):.3f} times "
        f"with json-report alone; {ours} s with the action, {alone} s with json-report alone, {bare} s bare"
    )
