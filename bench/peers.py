"""Measure other actions that report pytest's results, if `PEERS` names a folder with their code."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from pathlib import Path

import yaml

from tests.support.runner.jobs import Job

from . import processes, requests, tests_process
from .jobs import LOG, BenchRun, Jobs, server, tail
from .processes import MeasuredCommand, ResourceUsage
from .suites import BenchSuite
from .table import Row, Spread

BARE, OURS = "bare", "this action"
_REPORT = "report.xml"
#: They annotate line 0 or column 0, or create a check run with an empty summary.
_LENIENT = "--lenient"


@dataclass(frozen=True, kw_only=True)
class Peer:
    """An action. Its code is in the folder of `PEERS` that has the last part of its `name`.

    Attributes:
        program: its interpreter, and a path in its folder.
        inputs: those that do not have their defaults.
    """

    name: str
    program: tuple[str, str]
    inputs: Mapping[str, str]

    @property
    def folder(self) -> str:
        return self.name.rpartition("/")[2]


PEERS = (
    Peer(
        name="EnricoMi/publish-unit-test-result-action",
        program=(".venv/bin/python", "python/publish_test_results.py"),
        inputs={"files": _REPORT},
    ),
    Peer(
        name="dorny/test-reporter",
        program=("node", "dist/index.js"),
        # By default it creates no check run. It annotates one failure more than this, and GitHub allows 50 a request.
        inputs={
            "name": "Tests",
            "path": _REPORT,
            "reporter": "python-xunit",
            "use-actions-summary": "false",
            "max-annotations": "49",
        },
    ),
    Peer(name="mikepenz/action-junit-report", program=("node", "dist/index.js"), inputs={"report_paths": _REPORT}),
)


def code() -> Path | None:
    """Return the folder that `PEERS` names."""
    name = os.environ.get("PEERS", "")
    return Path(name).resolve() if name else None


def measure(suite: BenchSuite, jobs: Jobs, rounds: Iterable[int], peers: Sequence[Peer], code: Path) -> Row:
    """Measure this action, and the peers whose code is there, from the start of pytest to the end of the job."""
    ways: dict[str, Callable[[], BenchRun]] = {
        BARE: partial(tests_process.bare, suite, jobs),
        OURS: partial(jobs.run, suite),
    }
    for peer in peers:
        folder = code / peer.folder
        if folder.is_dir():
            ways[f"{peer.name} {_version(folder)}".strip()] = partial(_run, peer, folder, suite, jobs)
    return row(processes.in_turn(ways, rounds))


def row(runs: Mapping[str, Sequence[BenchRun]]) -> Row:
    """Return how much later than bare pytest each job ends, and how many failures it annotates."""
    wall = {name: Spread([run.usage.wall_seconds for run in runs[name]]) for name in runs}
    extra = {name: wall[name].above(wall[BARE]) for name in runs if name != BARE}
    annotated = {name: min(run.failures_annotated for run in runs[name]) for name in extra}
    others = (extra[name].median for name in extra if name != OURS and annotated[name] >= annotated[OURS])
    suite = runs[OURS][0].suite
    return Row(
        figure=f"{suite.tests:,} tests, {suite.failing:,} failing, with each action: end of the job, above bare pytest",
        target="no later than with any action that annotates as many failures",
        measured="; ".join(f"{name}: **{extra[name]:.2f} s**, {annotated[name]:,} annotated" for name in extra),
        is_met=extra[OURS].median <= min(others, default=inf),
    )


def _run(peer: Peer, folder: Path, suite: BenchSuite, jobs: Jobs) -> BenchRun:
    """Run pytest with `--junitxml`, then the peer."""
    job = jobs.of(suite)
    with server(job, _LENIENT) as login:
        tests = tests_process.bare(suite, jobs, f"--junitxml={_REPORT}")
        usage = _report(peer, folder, job, login["github_token"])
    found = requests.read(job.folder / LOG)
    whole = replace(tests.usage, wall_seconds=tests.usage.wall_seconds + usage.wall_seconds)
    return replace(tests, usage=whole, requests=found)


def _report(peer: Peer, folder: Path, job: Job, token: str) -> ResourceUsage:
    """Run the peer as the runner does, and return what it used."""
    interpreter, program = peer.program
    command = MeasuredCommand(
        arguments=[str(folder / interpreter) if "/" in interpreter else interpreter, str(folder / program)],
        folder=job.workspace,
        environ=job.environ({}) | _inputs(folder, {**peer.inputs, "token": token, "github_token": token}),
        output=job.folder / "output.txt",
    )
    usage = processes.measure_with_children(command)
    if not any(request.completes for request in requests.read(job.folder / LOG)):
        raise RuntimeError(f"{peer.name} completed no check, and the end of its output:\n{tail(command.output)}")
    return usage


def _inputs(folder: Path, given: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of an action's inputs, with the defaults of its `action.yml`."""
    declared = yaml.safe_load((folder / "action.yml").read_text(encoding="utf-8"))["inputs"]
    values = {name: given.get(name, declared[name].get("default", "")) for name in declared}
    return {
        f"INPUT_{name.upper()}": str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in values.items()
    }


def _version(folder: Path) -> str:
    """Return the most specific tag of what is checked out; empty without one."""
    command = ["git", "tag", "--points-at=HEAD", "--sort=version:refname"]
    tags = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True).stdout.split()
    return tags[-1] if tags else ""
