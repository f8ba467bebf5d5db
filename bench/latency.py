"""Measure how long a job waits: for its tests to start, for the verdict, and for the end of the step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from . import processes, tests_process
from .jobs import BenchRun, Jobs
from .suites import BenchSuite
from .table import Row, Spread

#: `SLOW` and `SILENT` are the action with an API that answers late and never.
BARE, OURS, SLOW, SILENT = "bare", "the action", "slow", "silent"
_ANSWER_SECONDS = {OURS: 0.0, SLOW: 0.3, SILENT: 3600.0}
#: A difference that is within the spread.
_MAX_LATER_START_SECONDS = 0.05
_MAX_SILENT_SECONDS = 20.0

Runs = Mapping[str, Sequence[BenchRun]]


def measure(names: Sequence[str], suite: BenchSuite, jobs: Jobs, rounds: Iterable[int]) -> Runs:
    """Run the suite in these ways, in turn."""
    ways: dict[str, Callable[[], BenchRun]] = {
        name: partial(jobs.run, suite, answer_seconds=seconds) for name, seconds in _ANSWER_SECONDS.items()
    }
    ways[BARE] = partial(tests_process.bare, suite, jobs)
    return processes.in_turn({name: ways[name] for name in names}, rounds)


def start_up(runs: Runs, imported: Mapping[str, Spread], *, maximum: float) -> Row:
    """Return the wall time of the step above that of bare pytest, and how much of it the imports take."""
    ours, bare = (Spread([run.usage.wall_seconds for run in runs[name]]) for name in (OURS, BARE))
    extra, tests = ours.above(bare), runs[OURS][0].suite.tests
    imports = " and ".join(f"{seconds:.2f} s for {name}" for name, seconds in imported.items())
    return Row(
        figure=f"start-up: end of the step with {tests} tests, above bare pytest",
        target=f"≤ {maximum:.2f} s",
        measured=f"**{extra:.2f} s**; {ours:.2f} s with the action, {bare:.2f} s bare; imports alone: {imports}",
        is_met=extra.median <= maximum,
    )


def verdict_after_pytest(groups: Iterable[tuple[Sequence[BenchRun], float]]) -> Row:
    """Return the time from pytest's exit to the completed check run; each group has runs of a suite and the maximum."""
    parts, maxima, is_met = [], [], True
    for runs, maximum in groups:
        found = Spread([run.verdict_seconds for run in runs])
        parts.append(f"**{found:.2f} s** at {_described(runs[0].suite)}")
        maxima.append(f"{maximum:g}")
        is_met = is_met and found.median <= maximum
    return Row(
        figure="from pytest's exit to the verdict",
        target=f"≤ {' / '.join(maxima)} s",
        measured="; ".join(parts),
        is_met=is_met,
    )


def verdict_above_bare(runs: Runs, *, maximum: float) -> Row:
    """Return the time from the start of the step to the verdict, above the wall time of bare pytest."""
    seconds = Spread([run.verdict_at - run.usage.started_at for run in runs[OURS]])
    return _above_bare(runs, "the verdict", seconds, maximum)


def end_above_bare(runs: Runs, *, maximum: float) -> Row:
    """Return the wall time of the step above that of bare pytest."""
    return _above_bare(runs, "the end of the step", Spread([run.usage.wall_seconds for run in runs[OURS]]), maximum)


def _above_bare(runs: Runs, what: str, seconds: Spread, maximum: float) -> Row:
    bare = Spread([run.usage.wall_seconds for run in runs[BARE]])
    extra = seconds.above(bare)
    return Row(
        figure=f"{_described(runs[OURS][0].suite)}: {what}, above the end of bare pytest",
        target=f"≤ {maximum:g} s",
        measured=f"**{extra:.2f} s**; {seconds:.2f} s with the action, {bare:.2f} s bare",
        is_met=extra.median <= maximum,
    )


def slow_answers(runs: Runs, *, maximum: float) -> Row:
    """Return how much later after pytest's exit the verdict comes if each answer is late."""
    slow, ours = (Spread([run.verdict_seconds for run in runs[name]]) for name in (SLOW, OURS))
    extra = slow.above(ours)
    return Row(
        figure=f"the same with {_ANSWER_SECONDS[SLOW] * 1000:g} ms an answer: the verdict after pytest's exit, above "
        "that without",
        target=f"≤ {maximum:g} s",
        measured=f"**{extra:.2f} s**; {slow:.2f} s after pytest's exit, {ours:.2f} s without",
        is_met=extra.median <= maximum,
    )


def no_answers(runs: Runs) -> Row:
    """Return when the tests start, and how long the step takes after them, if the API never answers."""
    silent, ours = (
        Spread([run.tests_started_at - run.usage.started_at for run in runs[name]]) for name in (SILENT, OURS)
    )
    later = silent.above(ours)
    end = Spread([run.usage.ended_at - run.usage.tests_ended_at for run in runs[SILENT]])
    return Row(
        figure="an API that accepts connections and never answers: start of the tests, above that with one that "
        "answers; end of the step after pytest's exit",
        target=f"≤ {_MAX_LATER_START_SECONDS:g} s; ≤ {_MAX_SILENT_SECONDS:g} s",
        measured=f"**{later:.2f} s** ({silent:.2f} s, {ours:.2f} s with answers); **{end:.1f} s**",
        is_met=later.median <= _MAX_LATER_START_SECONDS and end.median <= _MAX_SILENT_SECONDS,
    )


def _described(suite: BenchSuite) -> str:
    return f"{suite.tests:,} tests, {suite.failing:,} failing"
