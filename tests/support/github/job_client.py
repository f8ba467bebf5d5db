"""A `GithubChecks` for the fake server, with a clock that only advances in waits."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from checks.adapters.github.checks import GithubChecks
from checks.adapters.github.client import GithubApi
from checks.adapters.github.deadline import Deadline
from checks.adapters.github.retrying import ApiResponse, RefusedError, Request, RetryPolicy
from checks.core.model.check_run import Annotation, AnnotationLevel, CheckRun, Conclusion, Output, Status
from checks.core.model.identity import Identity
from checks.core.model.settings import Credentials
from tests.support.fakes import FakeClock
from tests.support.github.server import REPOSITORY, GithubServer

SHA = "c0ffee" + "0" * 34
#: The timeout of a request of a cancelled job, or near the deadline; short, as tests wait for it.
HURRIED_SECONDS = 1
LIST = Request(method="GET", path=f"/repos/{REPOSITORY}/commits/{SHA}/check-runs")


class FakeWait:
    """A `RetryPolicy.wait` that advances the clock and calls `meanwhile`. Once cancelled, time stands still."""

    def __init__(self, clock: FakeClock) -> None:
        self.seconds: list[float] = []
        self.is_cancelled = False
        self.meanwhile: Callable[[], object] = lambda: None
        self._clock = clock

    def __call__(self, seconds: float) -> bool:
        self.seconds.append(seconds)
        self.meanwhile()
        if not self.is_cancelled:
            self._clock.seconds += seconds
        return self.is_cancelled


class JobClient:
    """A job that publishes to `server`."""

    def __init__(
        self,
        server: GithubServer,
        credentials: Credentials | None = None,
        *,
        repository: str = REPOSITORY,
        api_url: str = "",
        budget_seconds: float = 300.0,
        deadline_seconds: float = 300.0,
        has_answered: bool = False,
    ) -> None:
        self.clock = FakeClock()
        self.clock.seconds = time.time()
        self.waits = FakeWait(self.clock)
        self.deadline = Deadline(self.clock, deadline_seconds)
        self.log: list[str] = []
        self.debug: list[str] = []
        retry_policy = RetryPolicy(
            clock=self.clock,
            wait=self.waits,
            is_cancelled=lambda: self.waits.is_cancelled,
            jitter=lambda: 0.0,
            budget_seconds=budget_seconds,
            hurried_seconds=HURRIED_SECONDS,
            has_answered=has_answered,
            debug=self.debug.append,
            deadline=self.deadline.time,
        )
        self.api = GithubApi(
            credentials or app(server),
            repository=repository,
            api_url=api_url or server.url,
            retry_policy=retry_policy,
        )
        self.checks = GithubChecks(self.api, log=self.log.append)


def ask(client: JobClient, request: Request = LIST) -> ApiResponse:
    """Send a request with the client's time limits. Raises `RefusedError`."""
    return client.api.ask(request, until=client.api.retry_policy.until())


def refused(client: JobClient, request: Request = LIST) -> RefusedError:
    """Return the error of a request that fails."""
    with pytest.raises(RefusedError) as caught:
        ask(client, request)
    return caught.value


def app(server: GithubServer, *, private_key: str = "", app_id: str = "") -> Credentials:
    return Credentials(
        app_id=app_id or str(server.app.id), private_key=private_key or server.app.private_key, installation_id=None
    )


def token(value: str) -> Credentials:
    return Credentials(github_token=value)


def check_run(
    *,
    name: str = "pytest (unit)",
    run_id: str = "17201948301",
    attempt: int = 1,
    job: str = "pytest",
    conclusion: Conclusion | None = None,
    title: str = "512 of 948",
) -> CheckRun:
    return CheckRun(
        name=name,
        head_sha=SHA,
        identity=Identity(workflow="tests.yml", run_id=run_id, attempt=attempt, job=job, category="unit"),
        details_url=f"https://github.test/octo/demo/actions/runs/{run_id}/{job}",
        status=Status.IN_PROGRESS if conclusion is None else Status.COMPLETED,
        output=Output(title=title, summary="| passed |", text="more"),
        started_at=1_767_225_600.0,
        completed_at=None if conclusion is None else 1_767_225_660.0,
        conclusion=conclusion,
    )


def remarks(number: int, *, first: int = 1, message: str = "assert 1 == 2") -> tuple[Annotation, ...]:
    return tuple(
        Annotation(
            path="tests/test_a.py", line=line, level=AnnotationLevel.FAILURE, title=f"test_{line}", message=message
        )
        for line in range(first, first + number)
    )
