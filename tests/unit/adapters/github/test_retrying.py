from __future__ import annotations

from collections.abc import Iterator

import pytest

from checks.adapters.github.retrying import ApiResponse, Request, RetryingClient, RetryPolicy
from checks.core.github.error_kind import ApiCaller, RequestFailure
from checks.core.model.ports import Urgency
from tests.support.fakes import FakeClock

UPDATE = Request(method="PATCH", path="/repos/o/r/check-runs/1")


class CountingLogin:
    """A login whose responses have the next of these counts of the primary limit."""

    def __init__(self, *used: int) -> None:
        self._used: Iterator[int] = iter(used)

    def send(self, request: Request, until: float) -> ApiResponse | RequestFailure:
        del request, until
        headers = {"x-ratelimit-used": str(next(self._used)), "x-ratelimit-reset": "1800003600"}
        return ApiResponse(data={}, headers=headers)

    def renew(self, failure: RequestFailure) -> bool:
        raise AssertionError(failure)

    def relocate(self, until: float) -> bool:
        raise AssertionError(until)


def live_seconds(login: CountingLogin, *requests: Request, is_app: bool = True) -> float:
    """Return how long the next live update waits after these requests."""
    clock = FakeClock()
    policy = RetryPolicy(
        clock=clock, wait=lambda _: False, is_cancelled=lambda: False, jitter=lambda: 0.0, budget_seconds=1.0
    )
    client = RetryingClient(ApiCaller(is_app=is_app, repository="o/r", api_url="https://api.test"), policy)
    for request in requests:
        client.ask(login, request, until=clock.monotonic())
    return client.seconds_until_ready(urgency=Urgency.LIVE)


def test_live_updates_wait_for_other_jobs_of_the_installation() -> None:
    assert live_seconds(CountingLogin(1, 2), UPDATE, UPDATE) == 0.0
    assert live_seconds(CountingLogin(1, 102), UPDATE, UPDATE) == 600.0


@pytest.mark.parametrize("path", ["/repos/o/r/installation", "/app", "/app/installations/1/access_tokens"])
def test_requests_as_the_app_itself_have_another_budget(path: str) -> None:
    assert live_seconds(CountingLogin(1, 102, 2), UPDATE, Request(method="GET", path=path), UPDATE) == 0.0


def test_budget_of_a_token_is_that_of_everything_in_the_workflow() -> None:
    assert live_seconds(CountingLogin(1, 102), UPDATE, UPDATE, is_app=False) == 0.0
