"""The table of `docs/rate-limits.md`: how often a job writes to GitHub. ``make docs`` writes it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from pathlib import Path

from checks.core.failure_report.recorder import FailureRecorder
from checks.core.github.annotation_queue import AnnotationQueue
from checks.core.github.schedule import Moment, seconds_until_write
from checks.core.model.check_run import AnnotationLevel
from checks.core.model.job import ExitReason, ProcessExit, Repository
from checks.core.model.limits import ANNOTATIONS_PER_REQUEST
from checks.core.model.settings import Settings
from checks.core.results.session_builder import SessionBuilder
from checks.core.text.durations import duration
from checks.programs.run.collector import ResultCollector
from tests.support.fakes import MemoryRecords, MemorySpool
from tests.support.stream_lines import Lines

PAGE = Path(__file__).parents[2] / "docs" / "rate-limits.md"
_BEGIN = "<!-- `make docs` writes the table: python -m tests.support.writes_per_job -->\n"
_END = "<!-- end of the table -->\n"
# https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
_WRITES_PER_HOUR = 500
_LONG_INTERVAL_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class TypicalJob:
    """A job whose tests take equally long and are spread over `files`, as are the failing ones."""

    tests: int
    files: int
    failing: int
    seconds: float


JOBS = [
    TypicalJob(tests=20, files=2, failing=0, seconds=5),
    TypicalJob(tests=200, files=10, failing=0, seconds=9),
    TypicalJob(tests=200, files=10, failing=20, seconds=9),
    TypicalJob(tests=1_000, files=10, failing=0, seconds=9),
    TypicalJob(tests=1_000, files=10, failing=100, seconds=9),
    TypicalJob(tests=1_000, files=100, failing=10, seconds=60),
    TypicalJob(tests=5_000, files=100, failing=10, seconds=600),
    TypicalJob(tests=5_000, files=100, failing=500, seconds=600),
]


class Simulation:
    """A job's tests and live updates on a simulated clock; GitHub answers at once, and nothing is slowed down."""

    def __init__(self, job: TypicalJob, settings: Settings) -> None:
        self._job = job
        self._settings = settings
        self._queue = AnnotationQueue(MemorySpool(), settings.max_annotations)
        self._collector = ResultCollector(
            settings=settings,
            repository=Repository(root="/repo", tracked=frozenset({"a.py"}), fallback="a.py"),
            annotation_queue=self._queue,
            builder=SessionBuilder(lambda entry: entry),
            failures=FailureRecorder(MemoryRecords()),
        )
        self._now = self._last_write = 0.0
        self._has_changes = self._has_failed = False
        self.writes = 1  # the creation

    def run(self) -> int:
        """Return the number of writes."""
        job, lines = self._job, Lines()
        self._collector.feed(lines.collected(job.tests))
        for number in range(job.tests):
            self._send_until((number + 1) * job.seconds / job.tests)
            fails = number * job.failing % job.tests < job.failing
            self._collector.feed(lines.test("failed" if fails else "passed", f"{number * job.files // job.tests}.py"))
            self._has_changes = True
        self._collector.end(self._collector.session(), ProcessExit(reason=ExitReason.EXITED, exit_status=0))
        return self.writes + max(1, ceil(len(self._queue) / ANNOTATIONS_PER_REQUEST))

    def _send_until(self, time: float) -> None:
        while (due := seconds_until_write(self._moment())) is not None and self._now + due < time:
            self._now = self._last_write = self._now + max(due, 0.0)
            self._collector.session()  # for the output, and to decide on the notices
            self._has_failed |= any(found.level is AnnotationLevel.FAILURE for found in self._queue.take())
            self._has_changes = False
            self.writes += 1
        self._now = time

    def _moment(self) -> Moment:
        return Moment(
            waiting=len(self._queue),
            failures_waiting=self._queue.failures_waiting,
            has_failed=self._has_failed,
            changed=self._has_changes,
            since_last_seconds=self._now - self._last_write,
            interval_seconds=self._settings.live_interval_seconds,
            pacing_seconds=0.0,
            batch_pacing_seconds=0.0,
            live_pacing_seconds=0.0,
            has_room_for_notices=True,
        )


def writes(job: TypicalJob, settings: Settings = Settings()) -> int:  # noqa: B008 - it is frozen
    """Return how often the job writes to GitHub."""
    return Simulation(job, settings).run()


def with_table(page: str) -> str:
    """Return the page with its table written anew."""
    before, _, rest = page.partition(_BEGIN)
    after = rest.partition(_END)[2]
    head = (
        "| tests | files | failing | duration | writes | such jobs an hour "
        "| writes with `live-interval: 60` | such jobs an hour then |\n" + "|---" * 8 + "|\n"
    )
    return f"{before}{_BEGIN}\n{head}{''.join(map(_row, JOBS))}\n{_END}{after}"


def _row(job: TypicalJob) -> str:
    default, thinned = writes(job), writes(job, Settings(live_interval_seconds=_LONG_INTERVAL_SECONDS))
    sizes = f"{job.tests:,} | {job.files:,} | {job.failing:,} | {duration(job.seconds)}"
    return f"| {sizes} | {default} | {_WRITES_PER_HOUR // default} | {thinned} | {_WRITES_PER_HOUR // thinned} |\n"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))
