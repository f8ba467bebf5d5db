"""Acts on one event: what it wishes is looked up, decided and carried out; whatever way it came in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import assert_never

from ...core.events.intent_types import (
    CommitPushed,
    Intent,
    RepositoryRef,
    RerunRequested,
    SuiteRerequested,
    WorkflowRunCompleted,
)
from ...core.events.intents import parse_intent
from ...core.github.external_id import UNKNOWN_RUN_ID, describe, is_truncated, parse
from ...core.model.check_run import CheckRun, Published, RemoteCheckRun
from ...core.model.delivery import Delivery, DeliveryResult, DeliveryStatus
from ...core.model.ports import Clock
from ...core.model.rerun import CategoryRerun, Rerun
from ...core.rerun import placeholder_runs
from ...core.rerun.decide import decide, settled_result
from ...core.rerun.decision import (
    CompleteOrphans,
    Decision,
    Order,
    Origin,
    QueueExpected,
    RepositoryState,
    RepublishVerdict,
    StartRerun,
)
from ...core.rerun.dispatch_input import fits_limit, render
from ...core.rerun.repository import NotDispatchedError, RerunRepository

#: What a re-run of one check writes: its queued run, the dispatch, and that run's page.
_WRITES_PER_RERUN = 3
#: For so many checks there is room in a burst.
_MAX_CHECKS_PER_BURST = 19
_RATE_LIMITED = DeliveryResult(status=DeliveryStatus.LATER, reason="GitHub's rate limits allow no more writes now")

#: A repository, for one who will write so many times at least.
RepositoryFor = Callable[[RepositoryRef, int], AbstractContextManager[RerunRepository]]


@dataclass(frozen=True, kw_only=True)
class Responder:
    """Acts on the events of the App with that id; `awaits`: puts up queued runs when a commit is pushed."""

    app_id: str
    repository_for: RepositoryFor
    clock: Clock
    queues_at_push: bool = False

    def respond(self, delivery: Delivery) -> DeliveryResult:
        """What became of it. The same event may come any number of times.

        Raises `PublishError` where GitHub did not let us do it.
        """
        intent = parse_intent(delivery, self.app_id)
        if isinstance(intent, DeliveryResult):
            return intent
        if isinstance(intent, CommitPushed) and not self.queues_at_push:
            return DeliveryResult(
                status=DeliveryStatus.IGNORED, reason="check_suite.requested: queueing check runs at push is off"
            )
        writes = _WRITES_PER_RERUN if isinstance(intent, RerunRequested | SuiteRerequested) else 0
        with self.repository_for(intent.repository_ref, writes) as repository:
            if not repository.can_write(writes):
                return _RATE_LIMITED
            state = _look_up_state(intent, repository)
            return (
                state
                if isinstance(state, DeliveryResult)
                else _Executor(repository, self.clock).execute(decide(intent, state))
            )


def _look_up_state(intent: Intent, repository: RerunRepository) -> RepositoryState | DeliveryResult:
    """What is to be known of it, and no more; or that it is settled, which polls see of most that they look at."""
    match intent:
        case RerunRequested(run=run):
            runs = repository.runs(run.head_sha, name=run.name)
            if result := settled_result(intent, runs):
                return result
            origin = None if run.head_branch else _look_up_origin(repository, (run, *runs))
            return RepositoryState(permission=repository.permission(intent.sender), runs=runs, origin=origin)
        case SuiteRerequested():
            runs = repository.runs(intent.head_sha)
            origin = None if intent.head_branch else _look_up_origin(repository, runs)
            return RepositoryState(permission=repository.permission(intent.sender), runs=runs, origin=origin)
        case WorkflowRunCompleted():
            return RepositoryState(
                runs=tuple(run for commit in intent.commits for run in repository.incomplete_runs(commit))
            )
        case CommitPushed():
            runs, base_runs = (
                repository.runs(commit, only_latest=True) for commit in (intent.head_sha, intent.base_sha)
            )
            return RepositoryState(runs=runs, base_runs=base_runs, base_events=_look_up_events(repository, base_runs))
        case _:
            assert_never(intent)


def _look_up_events(repository: RerunRepository, runs: Sequence[RemoteCheckRun]) -> dict[str, str]:
    """What started the workflow runs of these check runs."""
    run_ids = dict.fromkeys(external_id.run_id for run in runs if (external_id := parse(run.external_id)))
    origins = {run_id: repository.origin(run_id) for run_id in run_ids if run_id not in ("", UNKNOWN_RUN_ID)}
    return {run_id: origin.event for run_id, origin in origins.items() if origin}


def _look_up_origin(repository: RerunRepository, runs: Sequence[RemoteCheckRun]) -> Origin | None:
    """Of the first of these that tells its workflow run: one that was only asked for, or repeats another, does not."""
    run_ids = (external_id.run_id for run in runs if (external_id := parse(run.external_id)))
    run_id = next((known_id for known_id in run_ids if known_id not in ("", UNKNOWN_RUN_ID)), "")
    return repository.origin(run_id) if run_id else None


@dataclass(frozen=True, kw_only=True)
class _QueuedRun:
    """A run that waits for its tests, and what it waits for."""

    order: Order
    run: CheckRun
    published: Published

    @property
    def tested(self) -> str:
        external_id = parse(self.order.run.external_id)
        return (external_id.tested if external_id else "") or self.run.head_sha


def _count_writes(decision: RepublishVerdict | CompleteOrphans | QueueExpected) -> int:
    """How many requests that change something carry it out."""
    match decision:
        case RepublishVerdict():
            return 1
        case CompleteOrphans(orphans=orphans):
            return len(orphans)
        case QueueExpected(runs=runs):
            return len(runs)
        case _:
            assert_never(decision)


class _Executor:
    def __init__(self, repository: RerunRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock

    def execute(self, decision: Decision) -> DeliveryResult:
        match decision:
            case DeliveryResult():
                return decision
            case StartRerun():
                return self._start_rerun(decision)
            case _ if not self._repository.can_write(_count_writes(decision)):
                return _RATE_LIMITED
            case RepublishVerdict():
                self._repository.create(placeholder_runs.republished_run(decision, self._clock.now()))
                return DeliveryResult(status=DeliveryStatus.REFUSED, reason=decision.reason)
            case CompleteOrphans():
                for orphan in decision.orphans:
                    self._repository.update(
                        Published(id=orphan.run.id), placeholder_runs.completed_orphan(orphan, self._clock.now())
                    )
                return DeliveryResult(
                    status=DeliveryStatus.DONE,
                    reason=f"completed {_join_names(orphan.run.name for orphan in decision.orphans)}",
                )
            case QueueExpected():
                for run in decision.runs:
                    self._repository.create(placeholder_runs.expected_run(run, decision.head_sha, self._clock.now()))
                return DeliveryResult(
                    status=DeliveryStatus.DONE, reason=f"queued {_join_names(run.name for run in decision.runs)}"
                )
            case _:
                assert_never(decision)

    def _start_rerun(self, decision: StartRerun) -> DeliveryResult:
        """All at once, or as many as GitHub's limits allow: the others when the event comes again."""
        refusals: list[str] = []
        for start in range(0, len(decision.orders), _MAX_CHECKS_PER_BURST):
            orders = decision.orders[start : start + _MAX_CHECKS_PER_BURST]
            if not self._repository.can_write(2 * len(orders) + 1):
                return _RATE_LIMITED
            groups = self._queue_all(orders, decision.sender)
            refusals += self._start_all(groups, decision.ref)
            if sum(map(len, groups.values())) < len(orders):
                return _RATE_LIMITED
        if refusals:
            return DeliveryResult(status=DeliveryStatus.REFUSED, reason="; ".join(refusals))
        return DeliveryResult(
            status=DeliveryStatus.DONE,
            reason=f"started a re-run of {_join_names(order.run.name for order in decision.orders)}",
        )

    def _queue_all(self, orders: Sequence[Order], sender: str) -> dict[tuple[str, str], list[_QueuedRun]]:
        """The first of them queued, by their workflow and tested commit: as many as leave time to start them."""
        groups: dict[tuple[str, str], list[_QueuedRun]] = defaultdict(list)
        initial_seconds = self._repository.remaining_seconds()
        for number, order in enumerate(orders):
            remaining_seconds = self._repository.remaining_seconds()
            # This one, the start of them all, and then the link of each take as long as one did so far.
            if number and remaining_seconds < (number + 3) * (initial_seconds - remaining_seconds) / number:
                break
            queued = self._queue(order, sender)
            groups[self._workflow(order), queued.tested].append(queued)
        return groups

    def _start_all(self, groups: Mapping[tuple[str, str], Sequence[_QueuedRun]], ref: str) -> Iterator[str]:
        """Why GitHub would not, for each workflow that it did not start."""
        for (workflow, _), group in groups.items():
            for part in _split(group):
                if reason := self._start(workflow, ref, part):
                    yield reason

    def _queue(self, order: Order, sender: str) -> _QueuedRun:
        run = placeholder_runs.placeholder_run(order, sender, self._clock.now())
        published = Published(id=order.queued) if order.queued else self._repository.create(run)
        return _QueuedRun(order=order, run=run, published=published)

    def _workflow(self, order: Order) -> str:
        """The workflow's file, which the external id may have had no room for."""
        external_id = describe(order.run.external_id)
        if not is_truncated(external_id.workflow):
            return external_id.workflow
        run = order.run
        origin = _look_up_origin(self._repository, (run, *self._repository.runs(run.head_sha, name=run.name)))
        return origin.workflow if origin and origin.workflow else external_id.workflow

    def _start(self, workflow: str, ref: str, group: Sequence[_QueuedRun]) -> str:
        """Start the workflow for the group; why GitHub would not, else empty."""
        try:
            dispatched = self._repository.dispatch(workflow, ref, render(_build_rerun(group)))
        except NotDispatchedError as error:
            for queued in group:
                undispatched = placeholder_runs.undispatched_run(queued.run, str(error), self._clock.now())
                self._repository.update(queued.published, undispatched)
            return str(error)
        for queued in group:
            self._repository.update(queued.published, placeholder_runs.dispatched_run(queued.run, dispatched))
        return ""


def _build_rerun(group: Sequence[_QueuedRun]) -> Rerun:
    wanted = (
        CategoryRerun(
            category=describe(queued.run.external_id).category,
            name=queued.run.name,
            queued=queued.published.id,
            earlier=queued.order.run.id,
            scope=queued.order.which,
        )
        for queued in group
    )
    return Rerun(sha=group[0].tested, head=group[0].run.head_sha, categories=tuple(wanted))


def _split(group: Sequence[_QueuedRun]) -> Iterator[Sequence[_QueuedRun]]:
    """The group in as few parts as GitHub's limit on inputs allows."""
    if len(group) == 1 or fits_limit(_build_rerun(group)):
        yield group
        return
    middle = len(group) // 2
    yield from _split(group[:middle])
    yield from _split(group[middle:])


def _join_names(names: Iterator[str]) -> str:
    return ", ".join(names)
