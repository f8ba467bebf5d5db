"""The pool of repositories in which events are handled. Each is used by one thread at a time."""

from __future__ import annotations

import random
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property

from ...adapters.github.client import RERUN_PERMISSIONS, AppApi, GithubApi
from ...adapters.github.deliveries import GithubDeliveries
from ...adapters.github.rerun_repository import GithubRerunRepository
from ...adapters.github.retrying import RetryPolicy
from ...core.github.rate_limit import Pacing
from ...core.model.intents import RepositoryRef
from ...core.model.limits import RERUN_SECONDS_BETWEEN_WRITES, RERUN_WRITES_PER_BURST, WRITES_PER_HOUR
from ...core.model.ports import Clock, DeliveryLog, PublishError
from ...core.model.settings import Credentials
from ...core.rerun.repository import RepositoryFor, RerunRepository
from ..rerun.start import WRITES_TO_START
from .turns import Turns

#: For how many repositories tokens and connections are kept.
_MAX_CACHED = 500
#: Timeout of one request: GitHub waits 10 s for the response to a delivery.
REQUEST_SECONDS = 3


class BusyError(PublishError):
    """Other threads use the repository, or its rate limit is spent, until the deadline."""

    is_temporary = True


@dataclass(kw_only=True)
class _CachedRepository:
    """A repository's API, and the workflow runs that were dispatched by it, by the ids of their check runs.

    `writes` counts those planned by the threads that use it or wait for it.
    """

    api: GithubApi
    turns: Turns = field(default_factory=Turns)
    dispatched: dict[str, str] = field(default_factory=dict)
    writes: int = 0


class RepositoryPool:
    """The repositories of one App. `wait` sleeps for some seconds, and returns whether the process is being stopped."""

    def __init__(
        self,
        credentials: Credentials,
        api_url: str,
        clock: Clock,
        wait: Callable[[float], bool],
        writes_per_hour: int = WRITES_PER_HOUR,
    ) -> None:
        self._credentials = credentials
        self._api_url = api_url
        self._clock = clock
        self._wait = wait
        self._pacing = Pacing(
            seconds_between=RERUN_SECONDS_BETWEEN_WRITES, burst=RERUN_WRITES_PER_BURST, per_hour=writes_per_hour
        )
        self._cached: OrderedDict[RepositoryRef, _CachedRepository] = OrderedDict()
        self._lock = threading.Lock()
        self._app_number = ""

    @cached_property
    def can_sign(self) -> bool:
        """Whether the App's private key is usable. Sends no request."""
        return self._app_api().can_sign()

    def app_number(self) -> str:
        """Return the App's numeric id. Raises `PublishError`."""
        self._app_number = self._app_number or self._app_api().number()
        return self._app_number

    def _app_api(self) -> AppApi:
        return AppApi(self._credentials, api_url=self._api_url, retry_policy=self._retry_policy())

    def deliveries(self) -> DeliveryLog:
        """Return the App's delivery log, for one thread."""
        return GithubDeliveries(self._app_api())

    def open_until(self, deadline: float) -> RepositoryFor:
        """Return a function that opens a repository until `deadline` (monotonic), or raises `BusyError`.

        Threads that plan no writes wait for those that do: check runs are queued before workflows are started.
        """

        @contextmanager
        def repository_for(repository_ref: RepositoryRef, writes: int) -> Iterator[RerunRepository]:
            cached = self._find_or_create(repository_ref)
            with self._reserve_writes(cached, writes, deadline):
                seconds = max(0.0, deadline - self._clock.monotonic())
                with cached.turns.take(seconds, lets_pass=seconds / 2 if writes == 0 else 0.0) as has_turn:
                    if not has_turn:
                        raise BusyError("other events of this repository are still being handled.")
                    yield GithubRerunRepository(cached.api, until=deadline, dispatched=cached.dispatched)
                if cached.api.has_reduced_permissions:
                    self._remove(repository_ref)  # the next event finds newly granted permissions

        return repository_for

    @contextmanager
    def _reserve_writes(self, cached: _CachedRepository, writes: int, deadline: float) -> Iterator[None]:
        """Reserve planned writes. Under a burst of clicks, most fail here, without sending a request."""
        with self._lock:
            planned = cached.writes + writes + WRITES_TO_START
            wait_seconds = cached.api.seconds_until_ready(planned) if writes else 0.0
            if self._clock.monotonic() + wait_seconds >= deadline:
                raise BusyError("GitHub's rate limits allow no more writes now.")
            cached.writes += writes
        try:
            yield
        finally:
            with self._lock:
                cached.writes -= writes

    def _find_or_create(self, repository_ref: RepositoryRef) -> _CachedRepository:
        with self._lock:
            if repository_ref not in self._cached:
                self._cached[repository_ref] = _CachedRepository(api=self._create_api(repository_ref))
            self._cached.move_to_end(repository_ref)
            while len(self._cached) > _MAX_CACHED:
                self._cached.popitem(last=False)
            return self._cached[repository_ref]

    def _remove(self, repository_ref: RepositoryRef) -> None:
        with self._lock:
            self._cached.pop(repository_ref, None)

    def _create_api(self, repository_ref: RepositoryRef) -> GithubApi:
        return GithubApi(
            replace(
                self._credentials, installation_id=repository_ref.installation_id or self._credentials.installation_id
            ),
            repository=repository_ref.full_name,
            api_url=self._api_url,
            retry_policy=self._retry_policy(),
            permissions=RERUN_PERMISSIONS,
        )

    def _retry_policy(self) -> RetryPolicy:
        return RetryPolicy(
            clock=self._clock,
            wait=self._wait,
            is_cancelled=lambda: False,
            jitter=random.SystemRandom().random,
            budget_seconds=0.0,
            answer_seconds=REQUEST_SECONDS,
            pacing=self._pacing,
        )
