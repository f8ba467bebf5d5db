"""Define what is measured: sizes, repetitions, and the resulting rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from . import image, imports, latency, our_process, peers, publish, tests_process
from .jobs import Jobs
from .latency import BARE, OURS, SILENT, SLOW
from .suites import BenchSuite
from .table import Row

_WORK_SECONDS = 0.005
_MAX_START_UP_SECONDS = 0.3
#: From pytest's exit, for a small, a middle and a large suite.
_MAX_VERDICT_SECONDS = (0.1, 0.2, 0.5)
#: Above bare pytest.
_MAX_SMALL_VERDICT_SECONDS, _MAX_SMALL_END_SECONDS, _MAX_MIDDLE_VERDICT_SECONDS = 0.5, 0.7, 1.4
_MAX_SLOW_SECONDS = 0.6
_MAX_WRITES, _WRITES_SECONDS = 6, 10.0


@dataclass(frozen=True, kw_only=True)
class BenchPlan:
    """Numbers of tests, and the most repetitions of each; `share` scales the time available."""

    small: int = 1_000
    middle: int = 10_000
    large: int = 50_000
    share: float = 1.0

    def rounds(self, maximum: int, seconds: float) -> Iterator[int]:
        """Yield as many rounds as there is time for, but at least one."""
        started_at = time.monotonic()
        for number in range(maximum):
            elapsed = time.monotonic() - started_at
            if number and elapsed * (number + 1) / number > seconds * self.share:
                return
            yield number


QUICK = BenchPlan(small=200, middle=500, large=2_500, share=0.0)


def _tests_process(plan: BenchPlan, jobs: Jobs) -> Iterator[Row]:
    suite = BenchSuite(tests=plan.middle)
    yield tests_process.trivial(suite, tests_process.measure(suite, jobs, plan.rounds(5, 130)))
    suite = BenchSuite(tests=plan.small, cpu_seconds=_WORK_SECONDS)
    yield tests_process.working(suite, tests_process.measure(suite, jobs, plan.rounds(5, 70)))


def _our_process(plan: BenchPlan, jobs: Jobs) -> Iterator[Row]:
    smallest, passing = BenchSuite(tests=2), BenchSuite(tests=plan.large)
    small, middle, large = (BenchSuite(tests=tests, is_mixed=True) for tests in (plan.small, plan.middle, plan.large))
    runs = {
        **our_process.measure([small], jobs, plan.rounds(3, 20)),
        **our_process.measure([middle], jobs, plan.rounds(3, 60)),
        **our_process.measure([smallest, passing, large], jobs, plan.rounds(3, 190)),
    }
    yield our_process.passing(runs[smallest], runs[passing])
    yield our_process.failing(runs[smallest], runs[passing], runs[large])
    yield our_process.memory(runs[middle], runs[large])
    yield latency.verdict_after_pytest(zip((runs[small], runs[middle], runs[large]), _MAX_VERDICT_SECONDS, strict=True))
    yield our_process.writes(runs[small], maximum=_MAX_WRITES, seconds=_WRITES_SECONDS)
    yield our_process.requests(runs[suite][0] for suite in (small, middle, large))


def _latency(plan: BenchPlan, jobs: Jobs) -> Iterator[Row]:
    smallest = BenchSuite(tests=2)
    small, middle = (BenchSuite(tests=tests, is_mixed=True) for tests in (plan.small, plan.middle))
    runs = latency.measure((BARE, OURS), smallest, jobs, plan.rounds(7, 25))
    imported = imports.measure(jobs.of(smallest).folder, plan.rounds(7, 8))
    yield latency.start_up(runs, imported, maximum=_MAX_START_UP_SECONDS)
    runs = latency.measure((BARE, OURS, SLOW), small, jobs, plan.rounds(5, 40))
    yield latency.verdict_above_bare(runs, maximum=_MAX_SMALL_VERDICT_SECONDS)
    yield latency.end_above_bare(runs, maximum=_MAX_SMALL_END_SECONDS)
    yield latency.slow_answers(runs, maximum=_MAX_SLOW_SECONDS)
    runs = latency.measure((BARE, OURS, SLOW), middle, jobs, plan.rounds(5, 240))
    yield latency.verdict_above_bare(runs, maximum=_MAX_MIDDLE_VERDICT_SECONDS)
    yield latency.slow_answers(runs, maximum=_MAX_SLOW_SECONDS)
    yield latency.no_answers(latency.measure((OURS, SILENT), smallest, jobs, plan.rounds(3, 60)))


def _publish(plan: BenchPlan, jobs: Jobs) -> Iterator[Row]:
    yield publish.measure_publish(BenchSuite(tests=plan.large, is_mixed=True), jobs, plan.rounds(3, 15))


def _peers(plan: BenchPlan, jobs: Jobs) -> Iterator[Row]:
    """Yield nothing if no folder is named."""
    if code := peers.code():
        for tests, seconds in ((plan.small, 60), (plan.middle, 180)):
            suite = BenchSuite(tests=tests, is_mixed=True)
            yield peers.measure(suite, jobs, plan.rounds(3, seconds), peers.PEERS, code)


def _image(plan: BenchPlan, jobs: Jobs) -> Iterator[Row]:
    del plan, jobs
    yield from image.measure()


MEASUREMENTS: dict[str, Callable[[BenchPlan, Jobs], Iterator[Row]]] = {
    "tests-process": _tests_process,
    "our-process": _our_process,
    "latency": _latency,
    "publish": _publish,
    "peers": _peers,
    "image": _image,
}
