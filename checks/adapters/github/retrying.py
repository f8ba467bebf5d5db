"""Requests that outlast what fails: `translate.retry` and `translate.pacing` decide, this waits and tries again."""

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
    """GitHub does not do it, or not within the budget; its text is one sentence with the remedy.

    `failure` is what the last attempt met with. `may_have_been_applied`: an attempt may have been carried out all
    the same, and no look has told.
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
        """Whether GitHub has looked at what it was sent, and does not take it."""
        return self.error_kind is ErrorKind.INVALID and not self.may_have_been_applied


class Deadline:
    """The time, on the monotonic clock, from which on no request is tried again: `seconds` after it was started."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._time = inf

    def start(self) -> None:
        """Set the time, for requests under way too; only the first call does."""
        if self._time == inf:
            self._time = self._clock.monotonic() + self._seconds

    def time(self) -> float:
        """Return it; infinity before the start."""
        return self._time


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How failures are waited out.

    Attributes:
        wait: sleeps for so many seconds; comes back early, with True, once the job is being cancelled: what has
            failed is then tried once more, at once.
        is_cancelled: whether the job is being cancelled: answers are then not waited for as long.
        jitter: a number of at least 0 and below 1, such as `random.random`.
        budget_seconds: the most that one `Publisher` call takes, all its attempts and waits together.
        answer_seconds: how long an answer is waited for; GitHub itself gives a request up after 10 s.
        hurried_seconds: how long an answer is waited for once the job is being cancelled, or the deadline is near.
        deadline: the time from which on nothing is tried again, whatever is left of a call's budget; asked each time.
        pacing: how fast is written.
        debug: is told each attempt's method, path, outcome and time, and never what was in it.
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
        """When a call that begins now gives up, on the monotonic clock."""
        return self.clock.monotonic() + self.budget_seconds

    def remaining_seconds(self, until: float) -> float:
        """How long a call that gives up `until` then may go on."""
        return min(until, self.deadline()) - self.clock.monotonic()

    def is_hurried(self) -> bool:
        """Whether there is no time to wait long for an answer."""
        return self.is_cancelled() or self.remaining_seconds(inf) < self.answer_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request; `path` begins with a slash and follows the API's address, `shape` is the answer's in JSON."""

    method: str
    path: str
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    shape: type[dict[str, Any] | list[Any]] = dict

    @property
    def writes(self) -> bool:
        """Whether the pacing counts it: tokens are no content."""
        return self.method != "GET" and self.path.startswith("/repos/")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiResponse:
    """GitHub's, to a request that it carried out; the headers' names are in lower case.

    `data` has the request's shape; where the answer has no content it is an empty object.
    """

    data: Any
    headers: Mapping[str, str] = field(default_factory=dict)


#: Looks whether a request whose answer was lost was carried out; its answer, or None.
WasApplied = Callable[[], ApiResponse | None]


class Login(Protocol):
    """Somebody who may ask GitHub."""

    def send(self, request: Request, until: float) -> ApiResponse | RequestFailure:
        """One attempt; what it needs first, such as a token, is had `until` then. Raises `RefusedError`."""

    def renew(self, failure: RequestFailure) -> bool:
        """After a 401: whether one more attempt will come with other credentials."""


class RetryingClient:
    """All requests of one job. Not for several threads."""

    def __init__(self, caller: ApiCaller, retry_policy: RetryPolicy) -> None:
        self._caller = caller
        self._retry_policy = retry_policy
        self._pacing = retry_policy.pacing

    def seconds_until_ready(self, writes: int = 1) -> float:
        """How long the pacing asks to wait before the last of the next `writes`."""
        return self._pacing.seconds_until_ready(self._retry_policy.clock.monotonic(), writes)

    def ask(
        self, login: Login, request: Request, *, until: float, was_applied: WasApplied | None = None
    ) -> ApiResponse:
        """GitHub's answer. Raises `RefusedError`.

        Once an attempt may have been carried out unseen, each further one begins with `landed`.
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
    except RefusedError as error:  # it says nothing about the request itself
        raise RefusedError(error.error_kind, str(error), may_have_been_applied=True) from error
