"""Measure the tests' process: under the action, with a report alone, and bare."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from tempfile import TemporaryDirectory

from checks.adapters.pytest_process import environments
from checks.core.model.settings import Settings
from checks.core.pytest_process.command_line import pytest_command
from checks.core.pytest_process.environment import child_environment, user_environment
from tests.support.runner.jobs import ROOT, Job

from . import processes
from .jobs import SHORT_TRACEBACKS, BenchRun, Jobs, tail, tests_started_at
from .processes import MeasuredCommand, ResourceUsage
from .suites import BenchSuite
from .table import Row, Spread

BARE, JSON, JUNIT, OURS = "bare", "json-report alone", "`--junitxml`", "the action"
_BARE = (sys.executable, "-m", "pytest", "-q")
_CHILD = ROOT / "checks" / "plugin" / "pytest_check_runs_child.py"
_MAX_TRIVIAL = 1.12
#: A difference that nobody would notice.
_MAX_WORKING = 1.02


def measure(suite: BenchSuite, jobs: Jobs, rounds: Iterable[int]) -> Mapping[str, Sequence[ResourceUsage]]:
    """Measure the commands in turn."""
    job = jobs.of(suite)
    run(job, _BARE)  # compiles the suite and fills pytest's cache
    with TemporaryDirectory(dir=job.folder) as private:
        ways = {name: partial(run, job, command) for name, command in commands(private).items()}
        return processes.in_turn(ways, rounds)


def commands(private: str) -> Mapping[str, Sequence[str]]:
    """Return how each is started; `private` is a folder for its files."""
    launcher, settings = (sys.executable, str(_CHILD)), Settings(pytest_args=("-q",))
    return {
        BARE: _BARE,
        JSON: (*_BARE, "--json-report", f"--json-report-file={private}/report.json"),
        JUNIT: (*_BARE, f"--junitxml={private}/report.xml"),
        OURS: pytest_command(settings, launcher=launcher, folder=private, in_colour=True),
    }


def bare(suite: BenchSuite, jobs: Jobs, *arguments: str) -> BenchRun:
    """Run bare pytest with the same tracebacks as under the action."""
    job = jobs.of(suite)
    usage = run(job, (*_BARE, SHORT_TRACEBACKS, *arguments), status=bool(suite.failing))
    return BenchRun(suite=suite, usage=usage, tests_started_at=tests_started_at(job))


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
    times = {name: Spread([used.cpu_seconds for used in usage[name]]) for name in usage}
    ratio = times[OURS].over(times[BARE])
    return Row(
        figure=f"the tests' process: CPU time of {suite.tests:,} trivial tests, relative to bare pytest",
        target=f"≤ {_MAX_TRIVIAL} times",
        measured=f"**{ratio:.3f} times**; {_compare(times)}",
        is_met=ratio.median <= _MAX_TRIVIAL,
    )


def working(suite: BenchSuite, usage: Mapping[str, Sequence[ResourceUsage]]) -> Row:
    """CPU and wall time of tests that do something."""
    cpu = {name: Spread([used.cpu_seconds for used in usage[name]]) for name in usage}
    wall = {name: Spread([used.wall_seconds for used in usage[name]]) for name in usage}
    parts, ratios = [], []
    for resource, times in {"CPU": cpu, "wall": wall}.items():
        ratios.append(ratio := times[OURS].over(times[BARE]))
        parts.append(f"**{ratio:.3f} times** the {resource} time ({_compare(times)})")
    return Row(
        figure=f"the same of {suite.tests:,} tests of {suite.cpu_seconds * 1000:g} ms each; also wall time",
        target=f"≤ {_MAX_WORKING} times, for both",
        measured="; ".join(parts),
        is_met=max(ratio.median for ratio in ratios) <= _MAX_WORKING,
    )


def _compare(times: Mapping[str, Spread]) -> str:
    others = " and ".join(f"{times[name].over(times[BARE]):.3f} times with {name}" for name in (JSON, JUNIT))
    return f"{others}; {times[OURS]} s with the action, {times[BARE]} s bare"
