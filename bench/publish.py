"""Measure `publish` until the report is read and only the pacing remains."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.support.runner.jobs import Job

from . import processes, requests
from .jobs import LOG, Jobs, our_command, server, tail
from .processes import ResourceUsage
from .suites import BenchSuite
from .table import Row, Spread

_MIB = 1024 * 1024
_MAX_SECONDS, _MAX_MIB = 2.0, 100


def measure_publish(suite: BenchSuite, jobs: Jobs, rounds: Iterable[int]) -> Row:
    """Measure it with the report of a run of the suite."""
    report = jobs.report(suite)
    size = report.stat().st_size / _MIB
    found = [_measure(jobs.of(suite), report) for _ in rounds]
    cpu = Spread([usage.cpu_seconds for usage in found])
    peak = Spread([usage.peak_bytes / _MIB for usage in found])
    return Row(
        figure=f"`publish` of a report of {suite.tests:,} tests: CPU time and peak memory until it is read",
        target=f"≤ {_MAX_SECONDS:g} s and ≤ {_MAX_MIB} MiB",
        measured=f"**{cpu} s**, **{peak} MiB**; the report has {size:.0f} MiB; with the first requests",
        is_met=cpu.median <= _MAX_SECONDS and peak.median <= _MAX_MIB,
    )


def _measure(job: Job, report: Path) -> ResourceUsage:
    with server(job) as login:
        command = our_command(job, "publish", str(report.relative_to(job.workspace)), environ=job.environ(login))
        usage = processes.measure_until_idle(command)
    if not any(request.annotations for request in requests.read(job.folder / LOG)):
        raise RuntimeError(f"nothing was published, and the end of our output:\n{tail(command.output)}")
    return usage
