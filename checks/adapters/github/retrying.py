"""Sends requests with retries and pacing, which `core.github.retry` and `core.github.rate_limit` decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any, Protocol

from ...core.github import redirect
from ...core.github.error_kind import SETUP_KINDS, ApiCaller, ErrorKind, RequestFailure, classify, sentence
from ...core.github.rate_limit import Pacing
from ...core.github.retry import GiveUp, TryAgain, decide_retry, server_time
from ...core.model.ports import Clock, PublishError, Urgency
from ...core.text.durations import duration

#: How many redirects of one request are followed.
_REDIRECTS = 3


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
        self.is_temporary = error_kind in (ErrorKind.UNREACHABLE, ErrorKind.RATE_LIMIT) or error_kind in SETUP_KINDS

    @property
    def is_invalid(self) -> bool:
        """Whether GitHub rejected the content of the request."""
        return self.error_kind is ErrorKind.INVALID and not self.may_have_been_applied


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
        has_answered: whether GitHub is known to answer at this address, so that a refused connection is an outage.
        on_answer: is called when GitHub answers.
        debug: receives the method, path, outcome and duration of each attempt, and no content.
        announce: receives a sentence at the first retry of a request, for somebody who waits at a terminal.
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
    has_answered: bool = False
    on_answer: Callable[[], None] = lambda: None
    debug: Callable[[str], None] = lambda _: None
    announce: Callable[[str], None] = lambda _: None

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
    """One request. `path` follows the API's URL and starts with a slash. `is_hurried`: with the shorter timeout.

    `shape` is the JSON type of the response. A response without one of the `keys` is not GitHub's.
    """

    method: str
    path: str
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    shape: type[dict[str, Any] | list[Any]] = dict
    keys: tuple[str, ...] = ()
    is_hurried: bool = False

    @property
    def writes(self) -> bool:
        """Whether the request counts against the pacing. Creating tokens does not."""
        return self.method != "GET" and self.path.startswith("/repos/")

    @property
    def shares_budget(self) -> bool:
        """Whether the response counts the requests of all jobs. The App's own requests have another budget."""
        return self.path.startswith(("/repos/", "/repositories/")) and not self.path.endswith("/installation")


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
        """Renew the credentials, after a 401 or because the repository moved. Return whether they are different."""

    def relocate(self, until: float) -> bool:
        """Look up, after a 404, where the repository is now. Return whether another attempt may find it."""


class RetryingClient:
    """Sends all requests of one job. Not thread-safe."""

    def __init__(self, caller: ApiCaller, retry_policy: RetryPolicy) -> None:
        self._caller = caller
        self._retry_policy = retry_policy
        self._pacing = retry_policy.pacing
        self._moves: dict[str, str] = {}
        self._has_answered = retry_policy.has_answered
        self._skew_seconds = 0.0

    def current_path(self, path: str) -> str:
        """Return the path at which GitHub has the thing now, as far as redirects have shown."""
        return redirect.current_path(path, self._moves)

    def now(self) -> float:
        """Return the time in seconds since the epoch, by GitHub's clock once it has answered."""
        return self._retry_policy.clock.now() + self._skew_seconds

    def seconds_until_ready(self, writes: int = 1, urgency: Urgency = Urgency.URGENT) -> float:
        """Return how long to wait before the last of the next `writes`."""
        return self._pacing.seconds_until_ready(self._retry_policy.clock.monotonic(), writes, urgency)

    def ask(
        self, login: Login, request: Request, *, until: float, was_applied: WasApplied | None = None
    ) -> ApiResponse:
        """Return GitHub's response. Raises `RefusedError`.

        After an attempt that may have been carried out although its response was lost, each retry calls `was_applied`
        first.
        """
        failures: Counter[ErrorKind] = Counter()
        needs_look_up = may_have_been_applied = is_renewed = is_relocated = False
        while True:
            if needs_look_up and was_applied is not None:
                if (found := _look_up_applied(was_applied)) is not None:
                    return found
                may_have_been_applied = False
            response = self._send_once(login, request, until)
            if isinstance(response, ApiResponse):
                return response
            error_kind = classify(response)
            failures[error_kind] += 1
            needs_look_up = needs_look_up or response.may_have_been_applied
            may_have_been_applied = request.writes and (may_have_been_applied or response.may_have_been_applied)
            if error_kind is ErrorKind.CREDENTIALS and not is_renewed and login.renew(response):
                is_renewed = True
                continue
            if error_kind is ErrorKind.NOT_FOUND and not is_relocated and login.relocate(until):
                is_relocated = True
                continue
            decision = self._decide(response, failures[error_kind], until)
            if isinstance(decision, GiveUp):
                text = sentence(error_kind, response, self._caller, f"{request.method} {request.path}")
                error = RefusedError(error_kind, text, failure=response, may_have_been_applied=may_have_been_applied)
                error.wait_seconds = decision.seconds
                raise error
            if failures.total() == 1:
                self._announce(response, until)
            if self._retry_policy.wait(decision.seconds):
                until = self._retry_policy.clock.monotonic()

    def _announce(self, failure: RequestFailure, until: float) -> None:
        limit = duration(self._retry_policy.remaining_seconds(until))
        self._retry_policy.announce(
            f"A request to GitHub has failed ({failure}). It is retried for up to {limit}. Ctrl+C ends the wait."
        )

    def _send_once(self, login: Login, request: Request, until: float) -> ApiResponse | RequestFailure:
        clock = self._retry_policy.clock
        started_at = clock.monotonic()
        response = self._follow(login, request, until)
        ended_at = clock.monotonic()
        if request.writes:
            self._pacing = self._pacing.spent(started_at)
        if isinstance(response, ApiResponse) or response.is_answer:
            self._has_answered = True
            self._retry_policy.on_answer()
        if isinstance(response, RequestFailure) and classify(response) is ErrorKind.RATE_LIMIT:
            self._pacing = self._pacing.refused(ended_at)
        return response

    def _follow(self, login: Login, request: Request, until: float) -> ApiResponse | RequestFailure:
        """Send the request, and again where GitHub redirects it. Remember where it has a repository now."""
        path = self.current_path(request.path)
        response = self._send_to(login, replace(request, path=path), until)
        for _ in range(_REDIRECTS):
            if isinstance(response, ApiResponse):
                break
            new_path = redirect.redirected_path(response, self._caller.api_url, path)
            if not new_path:
                break
            move = redirect.moved_repository(path, new_path)
            if move is not None and self.current_path(path) != new_path:
                self._remember(*move)
                login.renew(response)  # a new owner's installation has its own tokens
            path = new_path
            response = self._send_to(login, replace(request, path=path), until)
        return response

    def _remember(self, old: str, new: str) -> None:
        self._moves = {**{key: new if path == old else path for key, path in self._moves.items()}, old: new}

    def _send_to(self, login: Login, request: Request, until: float) -> ApiResponse | RequestFailure:
        clock = self._retry_policy.clock
        started_at, sent_at = clock.monotonic(), clock.now()
        response = login.send(request, until)
        ended_at = clock.monotonic()
        if isinstance(response, ApiResponse) and (seconds := server_time(response.headers)) is not None:
            self._skew_seconds = seconds - sent_at
        if self._caller.is_app and request.shares_budget:
            usage = self._pacing.usage.answered(response.headers, ended_at)
            self._pacing = replace(self._pacing, usage=usage)
        outcome = "ok" if isinstance(response, ApiResponse) else str(response)
        milliseconds = 1000 * (ended_at - started_at)
        self._retry_policy.debug(f"{request.method} {request.path} in {milliseconds:.0f} ms: {outcome}")
        return response

    def _decide(self, failure: RequestFailure, failures: int, until: float) -> TryAgain | GiveUp:
        return decide_retry(
            failure,
            failures=failures,
            remaining_seconds=self._retry_policy.remaining_seconds(until),
            jitter=self._retry_policy.jitter(),
            has_answered=self._has_answered,
        )


def _look_up_applied(was_applied: WasApplied) -> ApiResponse | None:
    try:
        return was_applied()
    except RefusedError as error:  # this error says nothing about the original request
        raise RefusedError(error.error_kind, str(error), may_have_been_applied=True) from error
