"""Acts on one event, whichever way it came: parses the intent, looks up the state, decides, and acts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from ...core.events.intent_types import (
    CommitPushed,
    Intent,
    RepositoryRef,
    RerunRequested,
    SuiteRerequested,
    WorkflowRunCompleted,
)
from ...core.events.intents import parse_intent
from ...core.model.delivery import Delivery, DeliveryResult, DeliveryStatus
from ...core.model.ports import Clock
from ...core.rerun.decide import decide, settled_result
from ...core.rerun.decision import RepositoryState
from ...core.rerun.orphans import abandoned_runs, completed, superseded_runs
from ...core.rerun.repository import RerunRepository
from ..rerun.act import Executor
from ..rerun.start import RATE_LIMITED, WRITES_TO_START, QueuedRerun, RerunStarter
from ..rerun.state import look_up_runs, look_up_sender

#: Queueing a click's check run takes one write. Its workflow is dispatched later, together with those of other clicks.
_WRITES_PER_CLICK = 1
#: Most clicks that are looked at again.
NOTHING_LEFT_WAITING = DeliveryResult(status=DeliveryStatus.DONE, reason="nothing was left waiting")
#: Opens a repository for somebody who needs at least this many writes. Those who need none wait for the others.
RepositoryFor = Callable[[RepositoryRef, int], AbstractContextManager[RerunRepository]]


@dataclass(frozen=True, kw_only=True)
class Responder:
    """Acts on the events of one App. With `queues_at_push`, a pushed commit gets queued check runs.

    `find_commit` returns another commit on which a workflow run has check runs, or an empty text.
    """

    app_id: str
    repository_for: RepositoryFor
    clock: Clock
    queues_at_push: bool = False
    find_commit: Callable[[WorkflowRunCompleted], str] = lambda _: ""

    def respond(self, delivery: Delivery) -> DeliveryResult:
        """Act on a delivery, which may come any number of times, and return its result.

        Raises `PublishError` if GitHub did not accept a request.
        """
        intent = parse_intent(delivery, self.app_id)
        if isinstance(intent, DeliveryResult):
            return intent
        if isinstance(intent, CommitPushed) and not self.queues_at_push:
            return DeliveryResult(
                status=DeliveryStatus.IGNORED, reason="check_suite.requested: queueing check runs at push is off"
            )
        writes = _WRITES_PER_CLICK if isinstance(intent, RerunRequested | SuiteRerequested) else 0
        with self.repository_for(intent.repository_ref, writes) as repository:
            if writes and not repository.can_write(writes + WRITES_TO_START):
                return RATE_LIMITED
            result = self._act(intent, repository)
        if isinstance(result, DeliveryResult):
            return result
        with self.repository_for(intent.repository_ref, 0) as repository:
            return RerunStarter(repository, self.clock).start(result)

    def revisit(self, delivery: Delivery) -> DeliveryResult:
        """Complete what an answered click has left waiting for a workflow run that is over."""
        intent = parse_intent(delivery, self.app_id)
        if not isinstance(intent, RerunRequested | SuiteRerequested):
            return DeliveryResult(status=DeliveryStatus.IGNORED, reason="it is no click on this App's check runs")
        with self.repository_for(intent.repository_ref, 0) as repository:
            result, _ = self._complete_abandoned(intent, repository)
        return result or NOTHING_LEFT_WAITING

    def _act(self, intent: Intent, repository: RerunRepository) -> DeliveryResult | QueuedRerun:
        """Do what the intent asks for; a re-run is only queued."""
        executor = Executor(repository, self.clock)
        if isinstance(intent, WorkflowRunCompleted):
            return self._end(intent, repository)
        if isinstance(intent, CommitPushed):
            return executor.execute(decide(intent, look_up_runs(intent, repository)))
        completion, state = self._complete_abandoned(intent, repository)
        if completion is not None and completion.status is DeliveryStatus.LATER:
            return completion
        result: DeliveryResult | QueuedRerun | None = None
        if isinstance(intent, RerunRequested):
            result = settled_result(intent, state.runs)
        result = result or executor.execute(decide(intent, look_up_sender(intent, state, repository)))
        if completion is not None and isinstance(result, DeliveryResult):
            return replace(result, reason=f"{completion.reason}; {result.reason}")
        return result

    def _end(self, intent: WorkflowRunCompleted, repository: RerunRepository) -> DeliveryResult | QueuedRerun:
        """Complete what a workflow run leaves behind, also on another commit. Start what waits to be started."""
        state = look_up_runs(intent, repository)
        decision = decide(intent, state)
        is_searched = isinstance(decision, DeliveryResult) and bool(intent.searched_since)
        if is_searched and (commit := self.find_commit(intent)):
            elsewhere = replace(intent, commits=(commit,))
            decision = decide(elsewhere, look_up_runs(elsewhere, repository))
        result = Executor(repository, self.clock).execute(decision)
        if isinstance(result, DeliveryResult) and result.status is DeliveryStatus.LATER:
            return result  # the next delivery also starts what waits
        starter = RerunStarter(repository, self.clock)
        return starter.find_left_queued(state.runs, intent.repository_ref.full_name) or result

    def _complete_abandoned(
        self, intent: RerunRequested | SuiteRerequested, repository: RerunRepository
    ) -> tuple[DeliveryResult | None, RepositoryState]:
        """Complete what nobody else will complete. Return the result, if there was anything, and the new state."""
        state = look_up_runs(intent, repository)
        orphans = (*abandoned_runs(state.runs, state.origins), *superseded_runs(state.runs))
        if not orphans:
            return None, state
        result = Executor(repository, self.clock).complete(orphans)
        return result, replace(state, runs=completed(state.runs, orphans))
