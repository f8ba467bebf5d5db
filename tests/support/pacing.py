"""Many jobs of one installation that share GitHub's secondary limits: ``python -m tests.support.pacing [SEED]``.

Time is simulated. The jobs decide as the action does and know nothing of each other; the server applies the limits of
`tests.support.github.limits`, and counts all requests in ``x-ratelimit-used``.
"""

from __future__ import annotations

import heapq
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from math import ceil, inf
from random import Random

from checks.core.github.error_kind import RequestFailure
from checks.core.github.rate_limit import Pacing
from checks.core.github.retry import GiveUp, decide_retry
from checks.core.github.schedule import Moment, has_room_for_notices, seconds_after_completion, seconds_until_write
from checks.core.model.limits import ANNOTATIONS_PER_REQUEST, SECONDS_AFTER_TESTS
from checks.core.model.ports import PublishError, Urgency
from tests.support.github.limits import MESSAGE, Limits

ANSWER_SECONDS = 0.3
INTERVAL_SECONDS = 10.0
#: Beyond this, passed tests have one notice per file.
NOTICES = 200
TESTS_PER_FILE = 20
BUDGET_SECONDS = 300.0
_STEP_SECONDS = 0.25
_EPOCH = 1_800_000_000

#: Yields how many seconds it waits, and returns whether GitHub has accepted the request.
Wait = Generator[float, None, bool]


@dataclass
class Server:
    """GitHub, for one installation. `tells_usage`: whether responses have the headers of the primary limit."""

    tells_usage: bool = True
    limits: Limits = field(default_factory=Limits)
    now: float = 0.0
    used: int = 0
    reset: float = 0.0

    def answer(self, method: str) -> tuple[int | None, dict[str, str]]:
        """Return after how many seconds a refused request may be retried, and the response's headers."""
        if self.now >= self.reset:
            self.used, self.reset = 0, self.now + 3600.0
        self.used += 1
        headers = {"date": formatdate(_EPOCH + self.now, usegmt=True)}
        if self.tells_usage:
            headers |= {"x-ratelimit-used": str(self.used), "x-ratelimit-reset": str(int(_EPOCH + self.reset))}
        retry_after = self.limits.retry_after(method, "/repos/", now=self.now, at_once=1)
        if retry_after is not None:
            headers["retry-after"] = str(retry_after)
        return retry_after, headers


@dataclass(frozen=True, kw_only=True)
class Suite:
    """The tests of one job, evenly spread over its `seconds`, and so are those that fail."""

    starts_at: float
    seconds: float
    number: int
    failures: int = 0

    @property
    def ends_at(self) -> float:
        """When the last test is over."""
        return self.starts_at + self.seconds

    @property
    def notices(self) -> int:
        """How many annotations the passed tests have."""
        passed = self.number - self.failures
        files = ceil(self.number / TESTS_PER_FILE)
        return passed if passed <= NOTICES else files if files <= NOTICES else 0

    def found(self, now: float) -> tuple[int, int]:
        """Return how many annotations, and how many failures among them, there are so far.

        One notice per file can only be given at the end.
        """
        share = (now - self.starts_at) / self.seconds if now < self.ends_at else 1.0
        failures = ceil(share * self.failures)
        is_settled = self.notices == self.number - self.failures or share >= 1
        return failures + (int(share * self.notices) if is_settled else 0), failures


class Job:
    """One job, as the check run's sender reports it. `run` yields how many seconds it waits.

    Attributes:
        live_updates: updates while the tests ran.
        refused: refused requests.
        left_out: notices that were left out.
        seconds_to_verdict: from the tests' end to the completion; None if it was given up.
        seconds_to_end: the same to the last annotation; None if any was given up.
        ended_at: when the job has ended.
    """

    def __init__(self, tests: Suite, server: Server, jitter: Callable[[], float]) -> None:
        self.tests = tests
        self._server = server
        self._jitter = jitter
        self._pacing = Pacing()
        self._sent = 0
        self._failures_sent = 0
        self._last_write = 0.0
        self.live_updates = 0
        self.refused = 0
        self.left_out = 0
        self.seconds_to_verdict: float | None = None
        self.seconds_to_end: float | None = None
        self.ended_at = 0.0

    def run(self) -> Iterator[float]:
        """Report the tests."""
        yield from self._report()
        self.ended_at = self._server.now

    def _report(self) -> Iterator[float]:
        yield from self._ask("GET", self._deadline)
        is_created = yield from self._ask("POST", self._deadline)
        if not is_created:
            return
        self._last_write = self._server.now
        ends_at = self.tests.ends_at
        while self._server.now < ends_at:
            due = seconds_until_write(self._moment())
            if due is None or due > 0:
                yield min(_STEP_SECONDS, ends_at - self._server.now)
            else:
                self.live_updates += 1
                yield from self._send()
        yield from self._finish(ends_at)

    def _finish(self, ends_at: float) -> Wait:
        self._leave_out_notices(carried=ANNOTATIONS_PER_REQUEST)
        is_accepted = yield from self._send()
        if not is_accepted:
            return False
        completed_at = self._server.now
        self.seconds_to_verdict = completed_at - ends_at
        while self._waiting():
            self._leave_out_notices()
            now = self._server.now
            since_seconds = now - completed_at if self._waiting() else inf
            try:
                yield seconds_after_completion(
                    self._ready, since_seconds=since_seconds, remaining_seconds=self._deadline - now
                )
            except PublishError:
                return False
            is_accepted = yield from self._send()
            if not is_accepted:
                return False
        self.seconds_to_end = self._server.now - ends_at
        return True

    def _leave_out_notices(self, *, carried: int = 0) -> None:
        """Leave out notices if there is no room, except what an update with `carried` annotations has anyway."""
        if not has_room_for_notices(self._ready):
            failures_waiting = self.tests.failures - self._failures_sent
            left_out = max(0, self._waiting() - max(failures_waiting, carried))
            self._sent += left_out
            self.left_out += left_out

    def _ready(self, urgency: Urgency) -> float:
        return self._pacing.seconds_until_ready(self._server.now, urgency=urgency)

    @property
    def _deadline(self) -> float:
        return self.tests.ends_at + SECONDS_AFTER_TESTS

    def _waiting(self) -> int:
        return self.tests.found(self._server.now)[0] - self._sent

    def _moment(self) -> Moment:
        now, failures = self._server.now, self.tests.found(self._server.now)[1]
        return Moment(
            waiting=self._waiting(),
            failures_waiting=failures - self._failures_sent,
            has_failed=self._failures_sent > 0,
            changed=True,
            since_last_seconds=now - self._last_write,
            interval_seconds=INTERVAL_SECONDS,
            pacing_seconds=self._ready(Urgency.URGENT),
            batch_pacing_seconds=self._ready(Urgency.ANNOTATIONS),
            live_pacing_seconds=self._ready(Urgency.LIVE),
            has_room_for_notices=has_room_for_notices(self._ready),
        )

    def _send(self) -> Wait:
        """Send the next annotations; return whether GitHub accepted them."""
        self._last_write = self._server.now
        failures = self.tests.found(self._server.now)[1] - self._failures_sent
        batch = min(self._waiting(), ANNOTATIONS_PER_REQUEST)
        is_accepted = yield from self._ask("PATCH", min(self._deadline, self._server.now + BUDGET_SECONDS))
        if is_accepted:
            self._sent += batch
            self._failures_sent += min(failures, batch)
        return is_accepted

    def _ask(self, method: str, until: float) -> Wait:
        """Send a request until it is accepted; return whether it was."""
        failures = 0
        while True:
            started_at = self._server.now
            yield ANSWER_SECONDS
            retry_after, headers = self._server.answer(method)
            now = self._server.now
            self._pacing = replace(self._pacing, usage=self._pacing.usage.answered(headers, now))
            if method != "GET":
                self._pacing = self._pacing.spent(started_at)
            if retry_after is None:
                return True
            failures += 1
            self.refused += 1
            self._pacing = self._pacing.refused(now)
            failure = RequestFailure(status=403, message=MESSAGE, headers=headers)
            decision = decide_retry(failure, failures=failures, remaining_seconds=until - now, jitter=self._jitter())
            if isinstance(decision, GiveUp):
                return False
            yield decision.seconds


def simulate(tests: Sequence[Suite], *, tells_usage: bool = True, seed: int = 1) -> list[Job]:
    """Run the jobs to their end."""
    server, random = Server(tells_usage=tells_usage), Random(seed)
    jobs = [Job(each, server, random.random) for each in tests]
    waiting = [(job.tests.starts_at, number, job.run()) for number, job in enumerate(jobs)]
    heapq.heapify(waiting)
    while waiting:
        server.now, number, run = heapq.heappop(waiting)
        if (seconds := next(run, None)) is not None:
            heapq.heappush(waiting, (server.now + seconds, number, run))
    return jobs


def scenarios(seed: int = 1) -> dict[str, Sequence[Suite]]:
    """Return the suites of all jobs of each scenario."""
    random = Random(seed)

    def suites(number: int, starts_at: Callable[[int], float]) -> list[Suite]:
        return [_suite(random, starts_at(index), has_failures=index % 5 == 0) for index in range(number)]

    return {
        "one job of 10 minutes": [Suite(starts_at=0.0, seconds=600.0, number=1000, failures=10)],
        "a matrix of 4": suites(4, lambda _: random.uniform(0, 5)),
        "50 jobs at once": suites(50, lambda _: random.uniform(0, 5)),
        "200 jobs an hour, for 3 hours": suites(600, lambda index: 18 * index + random.uniform(0, 120)),
        "a monorepo of 40 categories, pushed once": suites(40, lambda _: random.uniform(0, 20)),
        "the same, pushed 4 times in an hour": suites(160, lambda index: index // 40 * 900 + random.uniform(0, 20)),
    }


def _suite(random: Random, starts_at: float, *, has_failures: bool) -> Suite:
    """Return 20 to 2,000 tests that take 20 s to 6 minutes, of which up to a tenth may fail."""
    tests = int(20 * 100 ** random.random())
    return Suite(
        starts_at=starts_at,
        seconds=20 * 18 ** random.random(),
        number=tests,
        failures=random.randint(1, max(1, tests // 10)) if has_failures else 0,
    )


COLUMNS = (
    "jobs",
    "completed within 2 s",
    "latest completion",
    "refused requests",
    "live updates",
    "last annotation",
    "notices left out",
    "given up",
)


def figures(jobs: Sequence[Job]) -> tuple[str, ...]:
    """Return the figures of a row."""
    verdicts = [job.seconds_to_verdict for job in jobs if job.seconds_to_verdict is not None]
    ends = [job.seconds_to_end for job in jobs if job.seconds_to_end is not None]
    return (
        f"{len(jobs)}",
        f"{sum(seconds <= 2 for seconds in verdicts)}",
        f"{max(verdicts):.1f} s",
        f"{sum(job.refused for job in jobs):,}",
        f"{sum(job.live_updates for job in jobs):,}",
        f"{max(ends):.1f} s",
        f"{sum(job.left_out > 0 for job in jobs)}",
        f"{len(jobs) - len(ends)}",
    )


def rows(seed: int = 1) -> Iterator[str]:
    """Yield the rows of the table, for each scenario with and without the headers of the primary limit."""
    yield f"| scenario | {' | '.join(COLUMNS)} |"
    yield f"|---{'|---' * len(COLUMNS)}|"
    for name, tests in scenarios(seed).items():
        for suffix, tells_usage in ("", True), (", no headers", False):
            yield f"| {name}{suffix} | {' | '.join(figures(simulate(tests, tells_usage=tells_usage, seed=seed)))} |"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in rows(*map(int, sys.argv[1:])))
