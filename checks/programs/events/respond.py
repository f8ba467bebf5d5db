"""Acts on one event, whichever way it came: parses the intent, looks up the state, decides, and acts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from ...core.events.intent_types import CommitPushed, RepositoryRef, RerunRequested, SuiteRerequested
from ...core.events.intents import lacks_client_id, parse_intent
from ...core.model.delivery import Delivery, DeliveryResult, DeliveryStatus
from ...core.model.ports import Clock
from ...core.rerun.decide import decide
from ...core.rerun.repository import RerunRepository
from ..rerun.act import RATE_LIMITED, Executor
from ..rerun.state import look_up_state

#: What a re-run of one check takes: its queued run, the dispatch, and the link to the workflow run.
_WRITES_PER_RERUN = 3

#: Opens a repository for somebody who needs at least this many writes.
RepositoryFor = Callable[[RepositoryRef, int], AbstractContextManager[RerunRepository]]


@dataclass(frozen=True, kw_only=True)
class Responder:
    """Acts on the events of one App. With `queues_at_push`, a pushed commit gets queued check runs.

    `app_id` is its numeric id or its client id, and `app_number` returns the former.
    """

    app_id: str
    app_number: Callable[[], str]
    repository_for: RepositoryFor
    clock: Clock
    queues_at_push: bool = False

    def respond(self, delivery: Delivery) -> DeliveryResult:
        """Act on a delivery, which may come any number of times, and return its result.

        Raises `PublishError` if GitHub did not accept a request.
        """
        needs_number = not self.app_id.isdecimal() and lacks_client_id(delivery.payload)
        intent = parse_intent(delivery, self.app_number() if needs_number else self.app_id)
        if isinstance(intent, DeliveryResult):
            return intent
        if isinstance(intent, CommitPushed) and not self.queues_at_push:
            return DeliveryResult(
                status=DeliveryStatus.IGNORED, reason="check_suite.requested: queueing check runs at push is off"
            )
        writes = _WRITES_PER_RERUN if isinstance(intent, RerunRequested | SuiteRerequested) else 0
        with self.repository_for(intent.repository_ref, writes) as repository:
            if not repository.can_write(writes):
                return RATE_LIMITED
            state = look_up_state(intent, repository)
            if isinstance(state, DeliveryResult):
                return state
            return Executor(repository, self.clock).execute(decide(intent, state))
