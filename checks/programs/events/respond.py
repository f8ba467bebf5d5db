"""Acts on one event, whichever way it came: parses the intent, looks up the state, decides, and acts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from ...core.events.intents import parse_intent
from ...core.manual.decide_event import of_tests
from ...core.model.delivery import Delivery, DeliveryResult, DeliveryStatus
from ...core.model.intents import (
    CommentPosted,
    CommitPushed,
    ForkUpdated,
    ManualIntent,
    RerunIntent,
    RerunRequested,
    SuiteRerequested,
    VerdictRequested,
    WorkflowRunCompleted,
)
from ...core.model.ports import Clock
from ...core.rerun.decide import decide, settled_result
from ...core.rerun.decision import RepositoryState
from ...core.rerun.repository import RepositoryFor, RerunRepository
from ..comment_commands.respond import CommentResponder
from ..manual.events import ManualResponder
from ..rerun.act import Executor
from ..rerun.start import RATE_LIMITED, WRITES_TO_START, QueuedRerun, RerunStarter
from ..rerun.state import look_up_runs, look_up_sender

#: Queueing a click's check run takes one write. Its workflow is dispatched later, together with those of other clicks.
_WRITES_PER_CLICK = 1
#: The result for most clicks that are looked at again.
NOTHING_LEFT_WAITING = DeliveryResult(status=DeliveryStatus.DONE, reason="nothing was left waiting")


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
        if isinstance(intent, CommentPosted):
            return CommentResponder(repository_for=self.repository_for, clock=self.clock).respond(intent)
        is_click = isinstance(intent, RerunRequested | SuiteRerequested | VerdictRequested)
        writes = _WRITES_PER_CLICK if is_click else 0
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
        if isinstance(intent, VerdictRequested):
            return NOTHING_LEFT_WAITING  # no workflow was started
        if not isinstance(intent, RerunRequested | SuiteRerequested):
            return DeliveryResult(status=DeliveryStatus.IGNORED, reason="it is no click on this App's check runs")
        with self.repository_for(intent.repository_ref, 0) as repository:
            result, _ = self._complete_abandoned(intent, repository)
        return result or NOTHING_LEFT_WAITING

    def _act(self, intent: RerunIntent | ManualIntent, repository: RerunRepository) -> DeliveryResult | QueuedRerun:
        """Do what the intent asks for; a re-run is only queued."""
        match intent:
            case VerdictRequested() | ForkUpdated():
                return ManualResponder(repository, self.clock).respond(intent)
            case WorkflowRunCompleted():
                return self._end(intent, repository)
            case CommitPushed():
                return Executor(repository, self.clock).execute(decide(intent, look_up_runs(intent, repository)))
            case RerunRequested() | SuiteRerequested():
                return self._rerun(intent, repository)
            case _:
                assert_never(intent)

    def _rerun(
        self, intent: RerunRequested | SuiteRerequested, repository: RerunRepository
    ) -> DeliveryResult | QueuedRerun:
        """Queue a re-run of tests, after completing what nobody else will. Repeat the states of manual checks."""
        completion, state = self._complete_abandoned(intent, repository)
        results = [completion] if completion else []
        if isinstance(intent, SuiteRerequested) and not _is_later(results):
            repetition = ManualResponder(repository, self.clock).repeat(intent, state.runs)
            state = replace(state, runs=of_tests(state.runs))
            results += [repetition] if repetition else []
            if repetition and not state.runs:
                return _joined(results)
        if _is_later(results):
            return _joined(results)
        result: DeliveryResult | QueuedRerun | None = None
        if isinstance(intent, RerunRequested):
            result = settled_result(intent, state.runs)
        if result is None:
            decision = decide(intent, look_up_sender(intent, state, repository))
            result = Executor(repository, self.clock).execute(decision)
        return _joined([*results, result]) if isinstance(result, DeliveryResult) else result

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
        return Executor(repository, self.clock).complete_abandoned(look_up_runs(intent, repository))


def _is_later(results: Sequence[DeliveryResult]) -> bool:
    return any(result.status is DeliveryStatus.LATER for result in results)


def _joined(results: Sequence[DeliveryResult]) -> DeliveryResult:
    """Return the last result with the reasons of all."""
    return replace(results[-1], reason="; ".join(result.reason for result in results))
