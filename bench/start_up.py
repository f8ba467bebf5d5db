"""Measure start-up: the time of a run of two tests above that of bare pytest."""

from __future__ import annotations

from collections.abc import Iterable

from . import tests_process
from .jobs import Jobs
from .suites import BenchSuite
from .table import Row, Spread

_MAX_SECONDS = 0.6


def measure(jobs: Jobs, rounds: Iterable[int]) -> Row:
    """Measure with a server that answers at once."""
    suite = BenchSuite(tests=2)
    pairs = [(jobs.run(suite).usage, tests_process.bare(jobs.of(suite))) for _ in rounds]
    ours, bare = (Spread([usage.wall_seconds for usage in column]) for column in zip(*pairs, strict=True))
    extra = Spread([our_usage.wall_seconds - bare_usage.wall_seconds for our_usage, bare_usage in pairs])
    return Row(
        figure="start-up: wall time of a run of two tests, above that of bare `pytest -q`, with no latency",
        target=f"≤ {_MAX_SECONDS} s",
        measured=f"**{extra:.2f} s**; {ours.over(bare):.2f} times: {ours:.2f} s with the action, {bare:.2f} s bare",
        is_met=extra.median <= _MAX_SECONDS,
    )
