"""Measure the action's process: CPU, memory and requests of whole runs of the main step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .jobs import BenchRun, Jobs
from .requests import max_requests
from .suites import BenchSuite
from .table import Row, Spread

_MIB = 1024 * 1024
_MICROSECONDS = 1e6
_MAX_PER_PASSING_TEST, _MAX_PER_FAILING_TEST = 40, 400
_MAX_MIB = 100
#: Relative to the memory at a fifth of the tests.
_MAX_GROWTH = 1.1


def measure(suites: Sequence[BenchSuite], jobs: Jobs, rounds: Iterable[int]) -> Mapping[BenchSuite, Sequence[BenchRun]]:
    """Run each suite, in turn."""
    found: dict[BenchSuite, list[BenchRun]] = {suite: [] for suite in suites}
    for _ in rounds:
        for suite, runs in found.items():
            runs.append(jobs.run(suite))
    return found


def passing(smallest: Sequence[BenchRun], passed: Sequence[BenchRun]) -> Row:
    """Return the CPU time per passing test, above that of the `smallest` runs, in microseconds."""
    found = Spread(_per_passing_test(smallest, passed))
    fixed = Spread([run.usage.cpu_seconds for run in smallest])
    return Row(
        figure="the action's process: CPU time of a passing test, beyond that of a run of two tests",
        target=f"≤ {_MAX_PER_PASSING_TEST} µs",
        measured=f"**{found} µs**; {fixed} s for two tests, {_cpu(passed)} for {passed[0].suite.tests:,}",
        is_met=found.median <= _MAX_PER_PASSING_TEST,
    )


def failing(smallest: Sequence[BenchRun], passed: Sequence[BenchRun], mixed: Sequence[BenchRun]) -> Row:
    """Return the CPU time per failing test: that of `mixed` runs above that of their passing tests."""
    suite = mixed[0].suite
    of_passing = [micros * suite.passing for micros in _per_passing_test(smallest, passed)]
    extra = [_extra_microseconds(*pair) for pair in zip(mixed, smallest, strict=True)]
    found = Spread([(all_ - part) / suite.failing for all_, part in zip(extra, of_passing, strict=True)])
    return Row(
        figure="the action's process: CPU time of a failing test with 3 kB of traceback, beyond the same",
        target=f"≤ {_MAX_PER_FAILING_TEST} µs",
        measured=f"**{found} µs**; {_cpu(mixed)} for {suite.tests:,} tests, {suite.failing:,} of them failing",
        is_met=found.median <= _MAX_PER_FAILING_TEST,
    )


def memory(small_runs: Sequence[BenchRun], large_runs: Sequence[BenchRun]) -> Row:
    """Return the peak memory, and how it grows with the number of tests."""
    peak, small_peak = (Spread([run.usage.peak_bytes / _MIB for run in runs]) for runs in (large_runs, small_runs))
    suite, growth = large_runs[0].suite, peak.median / small_peak.median
    return Row(
        figure=f"the action's process: peak memory at {suite.tests:,} tests, {suite.failing:,} of them failing",
        target=f"≤ {_MAX_MIB} MiB, and ≤ {_MAX_GROWTH} times that at {small_runs[0].suite.tests:,}",
        measured=f"**{peak} MiB**; **{growth:.2f} times** that at {small_runs[0].suite.tests:,}, {small_peak} MiB",
        is_met=peak.median <= _MAX_MIB and growth <= _MAX_GROWTH,
    )


def requests(runs: Iterable[BenchRun]) -> Row:
    """Return the number of requests, of one run per suite."""
    parts, is_met = [], True
    for run in runs:
        suite = run.suite
        maximum = max_requests(run.requests, annotations=suite.failing + suite.notices)
        parts.append(
            f"{len(run.requests)} of at most {maximum} for {suite.tests:,}, {suite.failing:,}, {suite.notices:,}"
        )
        is_met = is_met and len(run.requests) <= maximum
    return Row(
        figure="requests for N tests, F failing, P notices, with default inputs",
        target="≤ ⌈(F + P) / 50⌉ + live updates that carried nothing new + 6",
        measured="; ".join(parts),
        is_met=is_met,
    )


def writes(runs: Sequence[BenchRun], *, maximum: int, seconds: float) -> Row:
    """Return how often the check run was created or changed by the runs of a suite, each of which took less time."""
    suite = runs[0].suite
    found = Spread([sum(request.writes for request in run.requests) for run in runs])
    longest = max(run.usage.wall_seconds for run in runs)
    return Row(
        figure=f"writes for {suite.tests:,} tests, {suite.failing:,} failing, that take less than {seconds:g} s",
        target=f"≤ {maximum}",
        measured=f"**{found}**, in at most {longest:.1f} s",
        is_met=found.median <= maximum and longest < seconds,
    )


def _per_passing_test(smallest: Sequence[BenchRun], passed: Sequence[BenchRun]) -> list[float]:
    return [_extra_microseconds(run, bare) / run.suite.tests for run, bare in zip(passed, smallest, strict=True)]


def _extra_microseconds(run: BenchRun, smallest: BenchRun) -> float:
    return (run.usage.cpu_seconds - smallest.usage.cpu_seconds) * _MICROSECONDS


def _cpu(runs: Sequence[BenchRun]) -> str:
    return f"{Spread([run.usage.cpu_seconds for run in runs])} s"
