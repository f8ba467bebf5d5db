"""`publish` of a JSON report: what it takes until the report is read, and only the pacing keeps it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.support.runner.jobs import Job

from . import processes
from .jobs import Jobs, end, ours, requests, server
from .processes import Took
from .suites import Suite
from .table import Row, Spread

_MIB = 1024 * 1024
_MOST_SECONDS, _MOST_MIB = 2.0, 100


def measure_publish(suite: Suite, jobs: Jobs, rounds: Iterable[int]) -> Row:
    """Of the report that a run of the suite has kept."""
    report = jobs.report(suite)
    size = report.stat().st_size / _MIB
    found = [_took(jobs.of(suite), report) for _ in rounds]
    cpu = Spread([each.cpu_seconds for each in found])
    peak = Spread([each.peak_bytes / _MIB for each in found])
    return Row(
        figure=f"`publish` of a report of {suite.tests:,} tests: CPU and peak memory until it is read",
        target=f"≤ {_MOST_SECONDS:g} s and ≤ {_MOST_MIB} MiB",
        measured=f"**{cpu} s**, **{peak} MiB**, of {size:.0f} MiB and with the first requests",
        is_met=cpu.median <= _MOST_SECONDS and peak.median <= _MOST_MIB,
    )


def _took(job: Job, report: Path) -> Took:
    with server(job) as login:
        command = ours(job, "publish", str(report.relative_to(job.workspace)), environ=job.environ(login))
        took = processes.until_idle(command)
    if not any(request.annotations for request in requests(job)):
        raise RuntimeError(f"nothing was published, and the end of our output:\n{end(command.output)}")
    return took
