"""A burst of deliveries under GitHub's limits: all are answered in time, none is lost, none is handled twice."""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from checks.adapters.github.client import AppApi
from checks.adapters.github.deliveries import GithubDeliveries
from checks.adapters.github.retrying import RetryPolicy
from checks.core.github.external_id import parse
from checks.core.model.limits import WRITES_PER_POLL
from checks.core.model.settings import Credentials
from checks.programs.events.poll import Poll
from checks.programs.events.receiver import AppReceiver
from checks.programs.events.repositories import RepositoryPool
from checks.programs.events.steps import EVENT_SECONDS, STEP_SECONDS
from tests.support.fakes import FakeClock
from tests.support.github.limits import Limits
from tests.support.github.server import GithubServer
from tests.support.rerun.finished_runs import create_failed_run
from tests.support.rerun.receivers import receiving
from tests.support.rules import rule

_CONNECTIONS = 20
_SECONDS_BETWEEN_POLLS = 600.0


@dataclass(frozen=True, kw_only=True)
class Burst:
    """The responses to a burst of deliveries."""

    statuses: Counter[int]
    slowest_seconds: float
    seconds: float


def burst(github: GithubServer, runs: list[int], *, between: Callable[[int], None] = lambda _: None) -> Burst:
    """Click the button of each run at the same time."""

    def press(number: int) -> None:
        between(number)
        github.deliver("check_run", github.press(runs[number], "rerun-failed"))

    began = time.monotonic()
    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        list(pool.map(press, range(len(runs))))
    seconds = time.monotonic() - began
    deliveries = github.world.deliveries
    return Burst(
        statuses=Counter(delivery.status_code for delivery in deliveries),
        slowest_seconds=max(delivery.response.duration for delivery in deliveries),
        seconds=seconds,
    )


def poll_until_none_is_left(github: GithubServer) -> int:
    """Poll until no delivery is left. Return the number of polls. The clock only advances in waits."""
    clock = FakeClock(time.time())
    github.clock = clock.now
    if github.limits is not None:
        github.limits = Limits()
    credentials = Credentials(app_id=github.app.client_id, private_key=github.app.private_key)
    retry_policy = RetryPolicy(
        clock=clock, wait=clock.sleep, is_cancelled=lambda: False, jitter=lambda: 0.5, budget_seconds=1e9
    )
    deliveries = GithubDeliveries(AppApi(credentials, api_url=github.url, retry_policy=retry_policy))
    for number in range(1, 100):
        if _poll(credentials, github, clock, deliveries) == 0:
            return number
        clock.seconds += _SECONDS_BETWEEN_POLLS
    raise AssertionError("there is no end to it")


def _poll(
    credentials: Credentials,
    github: GithubServer,
    clock: FakeClock,
    deliveries: GithubDeliveries,
) -> int:
    """Run one poll with the limits of the program `poll`. Return how many deliveries it leaves."""
    repositories, end = (
        RepositoryPool(credentials, github.url, clock, clock.sleep, WRITES_PER_POLL),
        clock.monotonic() + STEP_SECONDS,
    )
    receiver = AppReceiver(app_id=credentials.app_id, repositories=repositories, clock=clock)
    poll = Poll(
        deliveries=deliveries,
        respond=lambda delivery: receiver(delivery, min(end, clock.monotonic() + EVENT_SECONDS)),
        revisit=lambda delivery: receiver.revisit(delivery, min(end, clock.monotonic() + EVENT_SECONDS)),
        is_over=lambda: clock.monotonic() >= end,
        jitter=random.random(),
        log=lambda _: None,
    )
    return poll.run(0.0)


def assert_each_is_rerun(github: GithubServer, runs: list[int], *, once: bool = True) -> None:
    """Each run has one successor, and the workflow was dispatched for it; clicks at the same time share dispatches."""
    earlier = Counter(
        external_id.earlier for run in github.runs if (external_id := parse(run["external_id"])) and external_id.earlier
    )
    assert earlier == Counter(map(str, runs))
    inputs = [json.loads(dispatch.inputs["rerun"]) for dispatch in github.world.dispatches]
    started = Counter(run["earlier"] for rerun in inputs for run in rerun["runs"])
    assert started.keys() == earlier.keys()
    assert not once or started == earlier


@pytest.fixture
def startable(github: GithubServer) -> GithubServer:
    """The fake GitHub server, with an App that has permission to start workflows."""
    github.installation.permissions["actions"] = "write"
    return github


def tell(burst: Burst, polls: int) -> None:
    """Print the figures for docs/re-runs.md, shown with `-s`."""
    sys.stdout.write(
        f"\n{burst.statuses.total():,} deliveries in {burst.seconds:.1f} s: {burst.statuses[200]:,} done, "
        f"{burst.statuses[503]:,} for later, the slowest answer after {burst.slowest_seconds:.2f} s; polls: {polls}\n"
    )


@rule("A click: GitHub's limits leave no room")
@pytest.mark.slow
@pytest.mark.parametrize("number", [60, 1000])
def test_burst_is_answered_in_time_and_polls_finish_the_rest(startable: GithubServer, number: int) -> None:
    runs = [create_failed_run(startable, f"pytest ({n})", category=str(n)) for n in range(number)]
    startable.limits = Limits()
    with receiving(startable) as receiver:
        became = burst(startable, runs)
        log = receiver.stop()
    assert set(became.statuses) == {200, 503}
    assert became.slowest_seconds < 10
    assert startable.limits.refused == 0
    assert Counter(line["status"] for line in log if "status" in line) == became.statuses
    polls = poll_until_none_is_left(startable)
    assert startable.limits.refused == 0
    tell(became, polls)
    assert_each_is_rerun(startable, runs)


@rule("The receiver and the poll: the receiver is killed and started again, then polled")
@pytest.mark.slow
def test_killed_receiver_loses_and_duplicates_nothing(startable: GithubServer) -> None:
    runs = [create_failed_run(startable, f"pytest ({n})", category=str(n)) for n in range(30)]
    with receiving(startable) as first:

        def kill_in_the_middle(number: int) -> None:
            if number == 12:
                startable.wait_for(lambda: len(startable.world.dispatches) >= 1)
                first.kill()

        burst(startable, runs[:20], between=kill_in_the_middle)
    with receiving(startable):
        burst(startable, runs[20:])
    assert 0 in {delivery.status_code for delivery in startable.world.deliveries}
    poll_until_none_is_left(startable)
    # A dispatch may be repeated after a kill. The second workflow run finds nothing to claim.
    assert_each_is_rerun(startable, runs, once=False)
