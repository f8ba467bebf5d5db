"""Carries out decisions: queues check runs, starts workflows, completes orphans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from ...core.github.external_id import is_truncated
from ...core.model.check_run import CheckRun, Published
from ...core.model.delivery import DeliveryResult, DeliveryStatus
from ...core.model.identity import Identity
from ...core.model.ports import Clock
from ...core.model.rerun import CategoryRerun, Rerun
from ...core.rerun import placeholder_runs
from ...core.rerun.decision import CompleteOrphans, Decision, Order, QueueExpected, RepublishVerdict, StartRerun
from ...core.rerun.dispatch_input import fits_limit, render
from ...core.rerun.repository import NotDispatchedError, RerunRepository
from .state import look_up_origin

#: What GitHub's limits allow in a burst.
_MAX_CHECKS_PER_BURST = 19
#: The event is to be given again.
RATE_LIMITED = DeliveryResult(status=DeliveryStatus.LATER, reason="GitHub's rate limits allow no more writes now")


@dataclass(frozen=True, kw_only=True)
class _QueuedRun:
    """A placeholder run and the order that it waits for."""

    order: Order
    run: CheckRun
    published: Published

    @property
    def tested(self) -> str:
        return self.run.identity.tested or self.run.head_sha


def _count_writes(decision: RepublishVerdict | CompleteOrphans | QueueExpected) -> int:
    """Return how many write requests a decision takes."""
    match decision:
        case RepublishVerdict():
            return 1
        case CompleteOrphans(orphans=orphans):
            return len(orphans)
        case QueueExpected(runs=runs):
            return len(runs)
        case _:
            assert_never(decision)


class Executor:
    """Carries out decisions in one repository."""

    def __init__(self, repository: RerunRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock

    def execute(self, decision: Decision) -> DeliveryResult:
        """Carry out a decision. Raises `PublishError`; then the event can be given again."""
        match decision:
            case DeliveryResult():
                return decision
            case StartRerun():
                return self._start_rerun(decision)
            case _ if not self._repository.can_write(_count_writes(decision)):
                return RATE_LIMITED
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
        """Start all orders, or as many as GitHub's limits allow; the rest when the event comes again."""
        refusals: list[str] = []
        for start in range(0, len(decision.orders), _MAX_CHECKS_PER_BURST):
            orders = decision.orders[start : start + _MAX_CHECKS_PER_BURST]
            if not self._repository.can_write(2 * len(orders) + 1):
                return RATE_LIMITED
            groups = self._queue_all(orders, decision.sender)
            refusals += self._start_all(groups, decision.ref)
            if sum(map(len, groups.values())) < len(orders):
                return RATE_LIMITED
        if refusals:
            return DeliveryResult(status=DeliveryStatus.REFUSED, reason="; ".join(refusals))
        return DeliveryResult(
            status=DeliveryStatus.DONE,
            reason=f"started a re-run of {_join_names(order.run.name for order in decision.orders)}",
        )

    def _queue_all(self, orders: Sequence[Order], sender: str) -> dict[tuple[str, str], list[_QueuedRun]]:
        """Queue as many orders as leave time to start them, and return these by workflow and tested commit."""
        groups: dict[tuple[str, str], list[_QueuedRun]] = defaultdict(list)
        initial_seconds = self._repository.remaining_seconds()
        for number, order in enumerate(orders):
            remaining_seconds = self._repository.remaining_seconds()
            # To queue this one, to dispatch, and to link each run takes as long per request as queueing did so far.
            if number and remaining_seconds < (number + 3) * (initial_seconds - remaining_seconds) / number:
                break
            queued = self._queue(order, sender)
            groups[self._workflow(order), queued.tested].append(queued)
        return groups

    def _start_all(self, groups: Mapping[tuple[str, str], Sequence[_QueuedRun]], ref: str) -> Iterator[str]:
        """Start the workflows, and return why GitHub did not start some of them."""
        for (workflow, _), group in groups.items():
            for part in _split(group):
                if reason := self._start(workflow, ref, part):
                    yield reason

    def _queue(self, order: Order, sender: str) -> _QueuedRun:
        run = placeholder_runs.placeholder_run(order, sender, self._clock.now())
        published = Published(id=order.queued) if order.queued else self._repository.create(run)
        return _QueuedRun(order=order, run=run, published=published)

    def _workflow(self, order: Order) -> str:
        """Return the name of the workflow's file, which the external id may have truncated."""
        run, identity = order.run, order.run.identity or Identity()
        if not is_truncated(identity.workflow):
            return identity.workflow
        origin = look_up_origin(self._repository, (run, *self._repository.runs(run.head_sha, name=run.name)))
        return origin.workflow if origin and origin.workflow else identity.workflow

    def _start(self, workflow: str, ref: str, group: Sequence[_QueuedRun]) -> str:
        """Start the workflow for the group. Return why GitHub did not, or an empty text."""
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
    categories = (
        CategoryRerun(
            category=queued.run.identity.category,
            name=queued.run.name,
            queued=queued.published.id,
            earlier=queued.order.run.id,
            scope=queued.order.scope,
        )
        for queued in group
    )
    return Rerun(sha=group[0].tested, head=group[0].run.head_sha, categories=tuple(categories))


def _split(group: Sequence[_QueuedRun]) -> Iterator[Sequence[_QueuedRun]]:
    """Return the group in as few parts as GitHub's limit on inputs allows."""
    if len(group) == 1 or fits_limit(_build_rerun(group)):
        yield group
        return
    middle = len(group) // 2
    yield from _split(group[:middle])
    yield from _split(group[middle:])


def _join_names(names: Iterator[str]) -> str:
    return ", ".join(names)
