"""Our process: whole runs of the main step, and what they say of its CPU, its memory and its requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from . import pace
from .jobs import Jobs, Run
from .suites import Suite
from .table import Row, Spread

_MIB = 1024 * 1024
_MICROSECONDS = 1e6
_MOST_OF_A_PASSING, _MOST_OF_A_FAILING = 40, 400
_MOST_MIB = 100
#: Of the memory at a fifth of the tests.
_MOST_GROWTH = 1.1


def measure(
    suites: Sequence[Suite], jobs: Jobs, rounds: Iterable[int], *, answer_seconds: float = 0.0
) -> Mapping[Suite, Sequence[Run]]:
    """Runs of each suite, in turn."""
    found: dict[Suite, list[Run]] = {suite: [] for suite in suites}
    for _ in rounds:
        for suite, runs in found.items():
            runs.append(jobs.run(suite, answer_seconds=answer_seconds))
    return found


def passing(least: Sequence[Run], passed: Sequence[Run]) -> Row:
    """CPU a test of runs in which all pass, above that of the `least` runs, in microseconds."""
    found = Spread(_of_a_passing(least, passed))
    fixed = Spread([run.took.cpu_seconds for run in least])
    return Row(
        figure="our process: CPU a passing test, above what two tests take",
        target=f"≤ {_MOST_OF_A_PASSING} µs",
        measured=f"**{found} µs**; {fixed} s for two tests, {_cpu(passed)} for {passed[0].suite.tests:,}",
        is_met=found.median <= _MOST_OF_A_PASSING,
    )


def failing(least: Sequence[Run], passed: Sequence[Run], mixed: Sequence[Run]) -> Row:
    """CPU a failing test: what `mixed` runs take above that of their passing tests."""
    suite = mixed[0].suite
    of_passing = [micros * suite.passing for micros in _of_a_passing(least, passed)]
    above = [_above(*pair) for pair in zip(mixed, least, strict=True)]
    found = Spread([(all_ - part) / suite.failing for all_, part in zip(above, of_passing, strict=True)])
    return Row(
        figure="our process: CPU a failing test with 3 kB of traceback, above the same",
        target=f"≤ {_MOST_OF_A_FAILING} µs",
        measured=f"**{found} µs**; {_cpu(mixed)} for {suite.tests:,} tests, {suite.failing:,} of them failing",
        is_met=found.median <= _MOST_OF_A_FAILING,
    )


def memory(fewer: Sequence[Run], more: Sequence[Run]) -> Row:
    """The peak, and how it grows with the tests."""
    peak, before = (Spread([run.took.peak_bytes / _MIB for run in runs]) for runs in (more, fewer))
    suite, growth = more[0].suite, peak.median / before.median
    return Row(
        figure=f"our process: peak memory at {suite.tests:,} tests, {suite.failing:,} of them failing",
        target=f"≤ {_MOST_MIB} MiB, and flat: ≤ {_MOST_GROWTH}",
        measured=f"**{growth:.2f}** of that at {fewer[0].suite.tests:,}; **{peak} MiB**, {before} MiB there",
        is_met=peak.median <= _MOST_MIB and growth <= _MOST_GROWTH,
    )


def requests(runs: Iterable[Run]) -> Row:
    """How many there were, a run for each suite."""
    told, is_met = [], True
    for run in runs:
        suite = run.suite
        most = pace.most_requests(run.requests, annotations=suite.failing + suite.notices)
        told.append(f"{len(run.requests)} of {most} at {suite.tests:,}, {suite.failing:,}, {suite.notices:,}")
        is_met = is_met and len(run.requests) <= most
    return Row(
        figure="requests for N tests, F failing, P notices, with default inputs",
        target="≤ ⌈(F + P) / 50⌉ + live updates that carried nothing new + 6",
        measured="; ".join(told),
        is_met=is_met,
    )


def _of_a_passing(least: Sequence[Run], passed: Sequence[Run]) -> list[float]:
    return [_above(run, bare) / run.suite.tests for run, bare in zip(passed, least, strict=True)]


def _above(run: Run, least: Run) -> float:
    return (run.took.cpu_seconds - least.took.cpu_seconds) * _MICROSECONDS


def _cpu(runs: Sequence[Run]) -> str:
    return f"{Spread([run.took.cpu_seconds for run in runs])} s"
