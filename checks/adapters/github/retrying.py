"""Sends requests with retries and pacing, which `core.github.retry` and `core.github.rate_limit` decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, Protocol

from ...core.github.error_kind import ApiCaller, ErrorKind, RequestFailure, classify, sentence
from ...core.github.rate_limit import Pacing
from ...core.github.retry import GiveUp, TryAgain, decide_retry
from ...core.model.ports import Clock, PublishError


class RefusedError(PublishError):
    """GitHub refused the request, or did not answer within the budget. The message includes the remedy.

    `failure` is that of the last attempt. `may_have_been_applied`: the request may have been carried out nevertheless.
    """

    def __init__(
        self,
        error_kind: ErrorKind,
        text: str,
        *,
        failure: RequestFailure | None = None,
        may_have_been_applied: bool = False,
    ) -> None:
        super().__init__(text)
        self.error_kind = error_kind
        self.failure = failure
        self.may_have_been_applied = may_have_been_applied
        self.is_temporary = error_kind is ErrorKind.UNREACHABLE

    @property
    def is_invalid(self) -> bool:
        """Whether GitHub rejected the content of the request."""
        return self.error_kind is ErrorKind.INVALID and not self.may_have_been_applied


class Deadline:
    """A time on the monotonic clock after which nothing is retried: `seconds` after `start`."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._time = inf

    def start(self) -> None:
        """Set the time, also for active requests. Only the first call has an effect."""
        if self._time == inf:
            self._time = self._clock.monotonic() + self._seconds

    def time(self) -> float:
        """Return the time; infinity before the start."""
        return self._time


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How failures are retried.

    Attributes:
        wait: sleeps for some seconds. Returns True early if the job is being cancelled: the request is then tried once
            more, at once.
        is_cancelled: whether the job is being cancelled, which shortens the timeout of requests.
        jitter: returns a number in [0, 1), such as `random.random`.
        budget_seconds: the limit for one `Publisher` call with all its attempts and waits.
        answer_seconds: timeout of a request; GitHub gives up after 10 s.
        hurried_seconds: timeout of a request once the job is being cancelled or the deadline is near.
        deadline: returns the time after which nothing is retried, even within the budget.
        pacing: the pacing of writes.
        debug: receives the method, path, outcome and duration of each attempt, and no content.
    """

    clock: Clock
    wait: Callable[[float], bool]
    is_cancelled: Callable[[], bool]
    jitter: Callable[[], float]
    budget_seconds: float
    answer_seconds: int = 15
    hurried_seconds: int = 4
    deadline: Callable[[], float] = lambda: inf
    pacing: Pacing = field(default_factory=Pacing)
    debug: Callable[[str], None] = lambda _: None

    def until(self) -> float:
        """Return when a call that starts now gives up, on the monotonic clock."""
        return self.clock.monotonic() + self.budget_seconds

    def remaining_seconds(self, until: float) -> float:
        """Return how long a call that gives up at `until` may still take."""
        return min(until, self.deadline()) - self.clock.monotonic()

    def is_hurried(self) -> bool:
        """Whether the shorter timeout applies."""
        return self.is_cancelled() or self.remaining_seconds(inf) < self.answer_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. `path` follows the API's URL and starts with a slash. `shape` is the JSON type of the response."""

    method: str
    path: str
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    shape: type[dict[str, Any] | list[Any]] = dict

    @property
    def writes(self) -> bool:
        """Whether the request counts against the pacing. Creating tokens does not."""
        return self.method != "GET" and self.path.startswith("/repos/")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiResponse:
    """GitHub's response to a successful request. Header names are in lower case.

    `data` has the request's shape. It is an empty object for a response without content.
    """

    data: Any
    headers: Mapping[str, str] = field(default_factory=dict)


#: Checks whether a request was carried out although its response was lost; returns its response, or None.
WasApplied = Callable[[], ApiResponse | None]


class Login(Protocol):
    """Credentials with which requests are sent."""

    def send(self, request: Request, until: float) -> ApiResponse | RequestFailure:
        """Send one attempt, after a token is created by `until` if necessary. Raises `RefusedError`."""

    def renew(self, failure: RequestFailure) -> bool:
        """Renew the credentials after a 401. Return whether another attempt will use different ones."""


class RetryingClient:
    """Sends all requests of one job. Not thread-safe."""

    def __init__(self, caller: ApiCaller, retry_policy: RetryPolicy) -> None:
        self._caller = caller
        self._retry_policy = retry_policy
        self._pacing = retry_policy.pacing

    def seconds_until_ready(self, writes: int = 1) -> float:
        """Return how long to wait before the last of the next `writes`."""
        return self._pacing.seconds_until_ready(self._retry_policy.clock.monotonic(), writes)

    def ask(
        self, login: Login, request: Request, *, until: float, was_applied: WasApplied | None = None
    ) -> ApiResponse:
        """Return GitHub's response. Raises `RefusedError`.

        After an attempt that may have been carried out although its response was lost, each retry calls `was_applied`
        first.
        """
        failures: Counter[ErrorKind] = Counter()
        may_have_been_applied = is_renewed = False
        while True:
            if (
                may_have_been_applied
                and was_applied is not None
                and (found := _look_up_applied(was_applied)) is not None
            ):
                return found
            response = self._send_once(login, request, until)
            if isinstance(response, ApiResponse):
                return response
            error_kind = classify(response)
            failures[error_kind] += 1
            may_have_been_applied = may_have_been_applied or response.may_have_been_applied
            if error_kind is ErrorKind.CREDENTIALS and not is_renewed and login.renew(response):
                is_renewed = True
            elif self._wait_before_retry(response, failures[error_kind], until):
                until = self._retry_policy.clock.monotonic()

    def _send_once(self, login: Login, request: Request, until: float) -> ApiResponse | RequestFailure:
        clock = self._retry_policy.clock
        started_at = clock.monotonic()
        response = login.send(request, until)
        ended_at = clock.monotonic()
        outcome = "ok" if isinstance(response, ApiResponse) else str(response)
        self._retry_policy.debug(
            f"{request.method} {request.path} in {1000 * (ended_at - started_at):.0f} ms: {outcome}"
        )
        if request.writes:
            self._pacing = self._pacing.spent(started_at)
        if isinstance(response, RequestFailure) and classify(response) is ErrorKind.RATE_LIMIT:
            self._pacing = self._pacing.refused(ended_at)
        return response

    def _wait_before_retry(self, failure: RequestFailure, failures: int, until: float) -> bool:
        remaining_seconds = self._retry_policy.remaining_seconds(until)
        match decide_retry(
            failure, failures=failures, remaining_seconds=remaining_seconds, jitter=self._retry_policy.jitter()
        ):
            case GiveUp(error_kind=error_kind):
                text = sentence(error_kind, failure, self._caller)
                raise RefusedError(
                    error_kind, text, failure=failure, may_have_been_applied=failure.may_have_been_applied
                )
            case TryAgain(seconds=seconds):
                return self._retry_policy.wait(seconds)


def _look_up_applied(was_applied: WasApplied) -> ApiResponse | None:
    try:
        return was_applied()
    except RefusedError as error:  # this error says nothing about the original request
        raise RefusedError(error.error_kind, str(error), may_have_been_applied=True) from error
