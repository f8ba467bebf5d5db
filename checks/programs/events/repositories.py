"""The repositories in which events are acted on: one `RerunRepository` each, used by one thread at a time."""

from __future__ import annotations

import random
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property

from ...adapters.github.client import RERUN_PERMISSIONS, AppApi, GithubApi
from ...adapters.github.rerun_repository import GithubRerunRepository
from ...adapters.github.retrying import RetryPolicy
from ...core.events.intent_types import Place
from ...core.github.rate_limit import Pacing
from ...core.model.limits import RERUN_SECONDS_BETWEEN_WRITES, RERUN_WRITES_PER_BURST, WRITES_PER_HOUR
from ...core.model.ports import Clock, PublishError
from ...core.model.settings import Credentials
from ...core.rerun.repository import RerunRepository
from .respond import RepositoryOf

#: Tokens and connections of so many repositories are kept.
_KEPT = 500
#: GitHub waits 10 s for all, so that no answer to us may take that long.
ANSWER_SECONDS = 3


class BusyError(PublishError):
    """Others have the repository, and there is no time left to wait for them."""

    is_temporary = True


@dataclass(kw_only=True)
class _Kept:
    """`writes`: how many those will send that have the repository or wait for it."""

    api: GithubApi
    lock: threading.Lock = field(default_factory=threading.Lock)
    writes: int = 0


class RepositoryPool:
    """As the App of these credentials; `wait` sleeps for so many seconds, and says whether we are being stopped."""

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
        self._kept: OrderedDict[Place, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    @cached_property
    def can_sign(self) -> bool:
        """Whether the App's private key is one; nobody is asked."""
        return AppApi(self._credentials, api_url=self._api_url, retry_policy=self._retry_policy()).can_sign()

    def until(self, deadline: float) -> RepositoryOf:
        """What gives a hub that gives up at `deadline`, on the monotonic clock. Raises `BusyError`."""

        @contextmanager
        def hub_of(place: Place, writes: int) -> Iterator[RerunRepository]:
            kept = self._of(place)
            with self._announced(kept, writes, deadline):
                if not kept.lock.acquire(timeout=max(0.0, deadline - self._clock.monotonic())):
                    raise BusyError("other events of this repository are being acted on.")
                try:
                    yield GithubRerunRepository(kept.api, until=deadline)
                finally:
                    kept.lock.release()
                if kept.api.has_reduced_permissions:
                    self._forget(place)  # so that the next event finds what was granted meanwhile

        return hub_of

    @contextmanager
    def _announced(self, kept: _Kept, writes: int, deadline: float) -> Iterator[None]:
        """Count these writes among those to come; of a thousand clicks at once most end here, with no request."""
        with self._lock:
            seconds = kept.api.seconds_until_ready(kept.writes + writes) if writes else 0.0
            if self._clock.monotonic() + seconds >= deadline:
                raise BusyError("GitHub's limits leave no room for it now.")
            kept.writes += writes
        try:
            yield
        finally:
            with self._lock:
                kept.writes -= writes

    def _of(self, place: Place) -> _Kept:
        with self._lock:
            if place not in self._kept:
                self._kept[place] = _Kept(api=self._api(place))
            self._kept.move_to_end(place)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return self._kept[place]

    def _forget(self, place: Place) -> None:
        with self._lock:
            self._kept.pop(place, None)

    def _api(self, place: Place) -> GithubApi:
        return GithubApi(
            replace(self._credentials, installation_id=place.installation_id or self._credentials.installation_id),
            repository=place.repository,
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
            answer_seconds=ANSWER_SECONDS,
            pacing=self._pacing,
        )
