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
    Place,
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
from ...core.rerun.decide import decide, settled
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
from ...core.rerun.dispatch_input import fits, render
from ...core.rerun.repository import NotDispatchedError, RerunRepository

#: What a re-run of one check writes: its queued run, the dispatch, and that run's page.
_WRITES = 3
#: For so many checks there is room in a burst.
_CHECKS_AT_ONCE = 19
_LATER = DeliveryResult(status=DeliveryStatus.LATER, reason="GitHub's limits leave no room for it now")

#: A repository, for one who will write so many times at least.
RepositoryOf = Callable[[Place, int], AbstractContextManager[RerunRepository]]


@dataclass(frozen=True, kw_only=True)
class Responder:
    """Acts on the events of the App with that id; `awaits`: puts up queued runs when a commit is pushed."""

    app_id: str
    hub_of: RepositoryOf
    clock: Clock
    awaits: bool = False

    def respond(self, delivery: Delivery) -> DeliveryResult:
        """What became of it. The same event may come any number of times.

        Raises `PublishError` where GitHub did not let us do it.
        """
        intent = parse_intent(delivery, self.app_id)
        if isinstance(intent, DeliveryResult):
            return intent
        if isinstance(intent, CommitPushed) and not self.awaits:
            return DeliveryResult(
                status=DeliveryStatus.IGNORED, reason="check_suite.requested: no runs are put up for it here"
            )
        writes = _WRITES if isinstance(intent, RerunRequested | SuiteRerequested) else 0
        with self.hub_of(intent.place, writes) as hub:
            if not hub.can_write(writes):
                return _LATER
            state = _state(intent, hub)
            return (
                state
                if isinstance(state, DeliveryResult)
                else _Acting(hub, self.clock).carry_out(decide(intent, state))
            )


def _state(intent: Intent, hub: RerunRepository) -> RepositoryState | DeliveryResult:
    """What is to be known of it, and no more; or that it is settled, which polls see of most that they look at."""
    match intent:
        case RerunRequested(run=run):
            runs = hub.runs(run.head_sha, name=run.name)
            if said := settled(intent, runs):
                return said
            origin = None if run.head_branch else _origin(hub, (run, *runs))
            return RepositoryState(permission=hub.permission(intent.sender), runs=runs, origin=origin)
        case SuiteRerequested():
            runs = hub.runs(intent.head_sha)
            origin = None if intent.head_branch else _origin(hub, runs)
            return RepositoryState(permission=hub.permission(intent.sender), runs=runs, origin=origin)
        case WorkflowRunCompleted():
            return RepositoryState(runs=tuple(run for commit in intent.commits for run in hub.incomplete_runs(commit)))
        case CommitPushed():
            runs, base_runs = (hub.runs(commit, only_latest=True) for commit in (intent.head_sha, intent.base_sha))
            return RepositoryState(runs=runs, base_runs=base_runs, base_events=_events(hub, base_runs))
        case _:
            assert_never(intent)


def _events(hub: RerunRepository, runs: Sequence[RemoteCheckRun]) -> dict[str, str]:
    """What started the workflow runs of these check runs."""
    ids = dict.fromkeys(ours.run_id for run in runs if (ours := parse(run.external_id)))
    known = {run_id: hub.origin(run_id) for run_id in ids if run_id not in ("", UNKNOWN_RUN_ID)}
    return {run_id: origin.event for run_id, origin in known.items() if origin}


def _origin(hub: RerunRepository, runs: Sequence[RemoteCheckRun]) -> Origin | None:
    """Of the first of these that tells its workflow run: one that was only asked for, or repeats another, does not."""
    ids = (ours.run_id for run in runs if (ours := parse(run.external_id)))
    run_id = next((one for one in ids if one not in ("", UNKNOWN_RUN_ID)), "")
    return hub.origin(run_id) if run_id else None


@dataclass(frozen=True, kw_only=True)
class _Queued:
    """A run that waits for its tests, and what it waits for."""

    order: Order
    run: CheckRun
    published: Published

    @property
    def tested(self) -> str:
        ours = parse(self.order.run.external_id)
        return (ours.tested if ours else "") or self.run.head_sha


def _writes(decision: RepublishVerdict | CompleteOrphans | QueueExpected) -> int:
    """How many requests that change something carry it out."""
    match decision:
        case RepublishVerdict():
            return 1
        case CompleteOrphans(lost=lost):
            return len(lost)
        case QueueExpected(runs=runs):
            return len(runs)
        case _:
            assert_never(decision)


class _Acting:
    def __init__(self, hub: RerunRepository, clock: Clock) -> None:
        self._hub = hub
        self._clock = clock

    def carry_out(self, decision: Decision) -> DeliveryResult:
        match decision:
            case DeliveryResult():
                return decision
            case StartRerun():
                return self._run_again(decision)
            case _ if not self._hub.can_write(_writes(decision)):
                return _LATER
            case RepublishVerdict():
                self._hub.create(placeholder_runs.repeated(decision, self._clock.now()))
                return DeliveryResult(status=DeliveryStatus.REFUSED, reason=decision.reason)
            case CompleteOrphans():
                for lost in decision.lost:
                    self._hub.update(Published(id=lost.run.id), placeholder_runs.ended(lost, self._clock.now()))
                return DeliveryResult(
                    status=DeliveryStatus.DONE, reason=f"completed {_named(lost.run.name for lost in decision.lost)}"
                )
            case QueueExpected():
                for run in decision.runs:
                    self._hub.create(placeholder_runs.awaited(run, decision.head_sha, self._clock.now()))
                return DeliveryResult(
                    status=DeliveryStatus.DONE, reason=f"awaiting {_named(run.name for run in decision.runs)}"
                )
            case _:
                assert_never(decision)

    def _run_again(self, wanted: StartRerun) -> DeliveryResult:
        """All at once, or as many as GitHub's limits allow: the others when the event comes again."""
        refused: list[str] = []
        for begin in range(0, len(wanted.orders), _CHECKS_AT_ONCE):
            orders = wanted.orders[begin : begin + _CHECKS_AT_ONCE]
            if not self._hub.can_write(2 * len(orders) + 1):
                return _LATER
            groups = self._queued(orders, wanted.sender)
            refused += self._started(groups, wanted.ref)
            if sum(map(len, groups.values())) < len(orders):
                return _LATER
        if refused:
            return DeliveryResult(status=DeliveryStatus.REFUSED, reason="; ".join(refused))
        return DeliveryResult(
            status=DeliveryStatus.DONE, reason=f"started {_named(order.run.name for order in wanted.orders)} again"
        )

    def _queued(self, orders: Sequence[Order], sender: str) -> dict[tuple[str, str], list[_Queued]]:
        """The first of them queued, by their workflow and tested commit: as many as leave time to start them."""
        groups: dict[tuple[str, str], list[_Queued]] = defaultdict(list)
        began = self._hub.remaining_seconds()
        for number, order in enumerate(orders):
            left = self._hub.remaining_seconds()
            # This one, the start of them all, and then the link of each take as long as one did so far.
            if number and left < (number + 3) * (began - left) / number:
                break
            queued = self._queue(order, sender)
            groups[self._workflow(order), queued.tested].append(queued)
        return groups

    def _started(self, groups: Mapping[tuple[str, str], Sequence[_Queued]], ref: str) -> Iterator[str]:
        """Why GitHub would not, for each workflow that it did not start."""
        for (workflow, _), group in groups.items():
            for part in _parts(group):
                if cause := self._start(workflow, ref, part):
                    yield cause

    def _queue(self, order: Order, sender: str) -> _Queued:
        run = placeholder_runs.requested(order, sender, self._clock.now())
        published = Published(id=order.queued) if order.queued else self._hub.create(run)
        return _Queued(order=order, run=run, published=published)

    def _workflow(self, order: Order) -> str:
        """The workflow's file, which the external id may have had no room for."""
        ours = describe(order.run.external_id)
        if not is_truncated(ours.workflow):
            return ours.workflow
        run = order.run
        origin = _origin(self._hub, (run, *self._hub.runs(run.head_sha, name=run.name)))
        return origin.workflow if origin and origin.workflow else ours.workflow

    def _start(self, workflow: str, ref: str, group: Sequence[_Queued]) -> str:
        """Start the workflow for the group; why GitHub would not, else empty."""
        try:
            started = self._hub.dispatch(workflow, ref, render(_rerun(group)))
        except NotDispatchedError as error:
            for queued in group:
                done = placeholder_runs.not_dispatched(queued.run, str(error), self._clock.now())
                self._hub.update(queued.published, done)
            return str(error)
        for queued in group:
            self._hub.update(queued.published, placeholder_runs.dispatched(queued.run, started))
        return ""


def _rerun(group: Sequence[_Queued]) -> Rerun:
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


def _parts(group: Sequence[_Queued]) -> Iterator[Sequence[_Queued]]:
    """The group in as few parts as GitHub's limit on inputs allows."""
    if len(group) == 1 or fits(_rerun(group)):
        yield group
        return
    middle = len(group) // 2
    yield from _parts(group[:middle])
    yield from _parts(group[middle:])


def _named(names: Iterator[str]) -> str:
    return ", ".join(names)
