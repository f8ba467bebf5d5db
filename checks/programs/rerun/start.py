"""Starts re-runs: queues their check runs, then starts workflows for all that wait on the commit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ...core.model.check_run import CheckRun, Published, RemoteCheckRun
from ...core.model.delivery import DeliveryResult, DeliveryStatus
from ...core.model.identity import Identity
from ...core.model.ports import Clock
from ...core.model.rerun import CategoryRerun, Rerun
from ...core.rerun import placeholder_runs
from ...core.rerun.decision import Order, StartRerun
from ...core.rerun.dispatch_input import fits_limit, render
from ...core.rerun.refs import known_refs, startable_refs
from ...core.rerun.repository import Dispatched, MissingRefError, NotDispatchedError, RerunRepository
from ...core.rerun.shared_dispatch import waiting_for_dispatch
from .state import look_up_origin, look_up_shared, look_up_workflow

#: To start the workflow that the queued check runs wait for, and to link one of them.
WRITES_TO_START = 2
#: The rest are linked while so many writes are left, for the check runs of other clicks.
SPARE_WRITES = 30
#: How much time must be left for that.
_LINK_SECONDS = 1.0
#: After that, the receiver that has queued a check run no longer works on it.
_GRACE_SECONDS = 60.0
#: To look up what waits, to start the workflow and to link a check run.
_REQUESTS_TO_START = 4
#: The event is to be given again.
RATE_LIMITED = DeliveryResult(status=DeliveryStatus.LATER, reason="GitHub's rate limits allow no more writes now")


@dataclass(frozen=True, kw_only=True)
class _QueuedRun:
    """A placeholder run, its id, and where its workflow is."""

    run: CheckRun
    id: str
    workflow: str
    refs: tuple[str, ...]

    @property
    def tested(self) -> str:
        return self.run.identity.tested or self.run.head_sha

    @property
    def group(self) -> tuple[str, str, tuple[str, ...]]:
        """Return what check runs have in common whose tests one workflow run can run."""
        return self.workflow, self.tested, self.refs


@dataclass(frozen=True, kw_only=True)
class QueuedRerun:
    """The check runs that are queued for a re-run; `is_whole` if no order is left for later."""

    runs: tuple[_QueuedRun, ...]
    is_whole: bool


class RerunStarter:
    """Starts re-runs in one repository. Raises `PublishError`; then the event can be given again."""

    def __init__(self, repository: RerunRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock

    def queue(self, decision: StartRerun) -> QueuedRerun | DeliveryResult:
        """Queue the check runs of all orders, or of as many as can also be started within the limits."""
        queued: list[_QueuedRun] = []
        initial_seconds = self._repository.remaining_seconds()
        for number, order in enumerate(decision.orders):
            remaining_seconds = self._repository.remaining_seconds()
            if number and remaining_seconds < (1 + _REQUESTS_TO_START) * (initial_seconds - remaining_seconds) / number:
                break
            if not self._repository.can_write((not order.queued) + WRITES_TO_START):
                break
            queued.append(self._queue(order, decision.sender))
        if not queued:
            return RATE_LIMITED
        return QueuedRerun(runs=tuple(queued), is_whole=len(queued) == len(decision.orders))

    def find_left_queued(self, runs: Iterable[RemoteCheckRun], repository: str) -> QueuedRerun | None:
        """Return what a receiver has queued a while ago and never started, as it was killed; None if there is nothing.

        `repository` is its name.
        """
        queued: list[_QueuedRun] = []
        for run in waiting_for_dispatch(runs):
            if run.started_at < self._clock.now() - _GRACE_SECONDS:
                same_name = self._repository.runs(run.head_sha, name=run.name)
                is_newest = all(int(other.id) <= int(run.id) for other in same_name)
                origin = look_up_origin(self._repository, (run, *same_name)) if is_newest else None
                refs = startable_refs(known_refs(run, origin, repository))
                if origin and origin.workflow and refs:
                    waiting = placeholder_runs.waiting_run(run)
                    queued.append(_QueuedRun(run=waiting, id=run.id, workflow=origin.workflow, refs=refs))
        return QueuedRerun(runs=tuple(queued), is_whole=True) if queued else None

    def start(self, rerun: QueuedRerun) -> DeliveryResult:
        """Start the workflows, unless another click has, together with what other clicks have queued on the commit."""
        names = ", ".join(queued.run.name for queued in rerun.runs)
        own = [queued for queued in rerun.runs if not self._repository.was_dispatched(queued.id)]
        if not own and rerun.is_whole:
            return DeliveryResult(status=DeliveryStatus.DONE, reason=f"queued {names}, handled with another click")
        refusals = [
            reason
            for group in (self._groups(own) if own else ())
            for part in _split(group)
            if (reason := self._start_group(part))
        ]
        if not rerun.is_whole:
            return RATE_LIMITED  # also with a refusal: the next delivery queues the rest
        if refusals:
            return DeliveryResult(status=DeliveryStatus.REFUSED, reason="; ".join(refusals))
        return DeliveryResult(status=DeliveryStatus.DONE, reason=f"started a re-run of {names}")

    def _groups(self, own: Sequence[_QueuedRun]) -> Iterable[Sequence[_QueuedRun]]:
        """Return what waits for a workflow of these runs, for each dispatch."""
        commit = own[0].run.head_sha
        on_commit = self._repository.incomplete_runs(commit)
        started_ids = {run.id for run in on_commit} - {run.id for run in waiting_for_dispatch(on_commit)}
        groups: dict[tuple[str, str, tuple[str, ...]], list[_QueuedRun]] = defaultdict(list)
        for queued in own:
            if queued.id not in started_ids:  # the list may lack what was created a moment ago
                groups[queued.group].append(queued)
        own_ids = {queued.id for queued in own}
        others = tuple(run for run in on_commit if run.id not in own_ids)
        for run in waiting_for_dispatch(look_up_shared(self._repository, commit, others)):
            if like := _like(run, groups.values()):
                waiting = placeholder_runs.waiting_run(run)
                groups[like.group].append(replace(like, run=waiting, id=run.id))
        return [_newest_by_name(group) for group in groups.values()]

    def _queue(self, order: Order, sender: str) -> _QueuedRun:
        run = placeholder_runs.placeholder_run(order, sender, self._clock.now())
        published = Published(id=order.queued) if order.queued else self._repository.create(run)
        workflow = look_up_workflow(self._repository, order.run)
        return _QueuedRun(run=run, id=published.id, workflow=workflow, refs=order.refs)

    def _start_group(self, group: Sequence[_QueuedRun]) -> str:
        """Start the workflow for the group. Return why GitHub did not, or an empty text."""
        try:
            dispatched = self._dispatch(group)
        except NotDispatchedError as error:
            reasons = {str(error): None}
            for queued in group:
                undispatched_run = placeholder_runs.undispatched_run(queued.run, str(error), self._clock.now())
                published = self._repository.update(Published(id=queued.id), undispatched_run)
                reasons[self._repository.set_commit_status(published, undispatched_run)] = None
                self._repository.remember(queued.id, Dispatched())  # nobody needs to try again
            return "; ".join(filter(None, reasons))
        for queued in group:
            self._repository.remember(queued.id, dispatched)
        for number, queued in enumerate(reversed(group)):  # see `shared_dispatch`
            if number and not self._has_room_to_link():
                break  # their jobs link the rest
            self._repository.update(Published(id=queued.id), placeholder_runs.dispatched_run(queued.run, dispatched))
        return ""

    def _has_room_to_link(self) -> bool:
        return self._repository.has_room(SPARE_WRITES) and self._repository.remaining_seconds() > _LINK_SECONDS

    def _dispatch(self, group: Sequence[_QueuedRun]) -> Dispatched:
        """Start the workflow at the first of its refs that still exists."""
        workflow, _, refs = group[0].group
        rerun = render(_build_rerun(group))
        for ref in refs[:-1]:
            try:
                return self._repository.dispatch(workflow, ref, rerun)
            except MissingRefError:
                continue
        return self._repository.dispatch(workflow, refs[-1], rerun)


def _like(run: RemoteCheckRun, groups: Iterable[Sequence[_QueuedRun]]) -> _QueuedRun | None:
    """Return a run whose workflow run can also run these tests."""
    identity = run.identity or Identity()
    own = (group[0] for group in groups)
    key = identity.workflow, identity.tested
    return next((queued for queued in own if (queued.run.identity.workflow, queued.run.identity.tested) == key), None)


def _newest_by_name(group: Sequence[_QueuedRun]) -> list[_QueuedRun]:
    """Return the newest of each name, as two receivers may have queued one each; the newest of all is last."""
    newest: dict[str, _QueuedRun] = {}
    for queued in group:
        known = newest.get(queued.run.name)
        if known is None or int(known.id) < int(queued.id):
            newest[queued.run.name] = queued
    return sorted(newest.values(), key=lambda queued: int(queued.id))


def _build_rerun(group: Sequence[_QueuedRun]) -> Rerun:
    categories = (
        CategoryRerun(
            category=queued.run.identity.category,
            name=queued.run.name,
            queued=queued.id,
            earlier=queued.run.identity.earlier,
            scope=placeholder_runs.scope_of(queued.run),
        )
        for queued in group
    )
    return Rerun(
        sha=group[0].tested,
        head=group[0].run.head_sha,
        categories=tuple(categories),
        pull_request=max(queued.run.identity.pull_request for queued in group),
    )


def _split(group: Sequence[_QueuedRun]) -> Iterator[Sequence[_QueuedRun]]:
    """Return the group in as few parts as GitHub's limit on inputs allows."""
    if len(group) == 1 or fits_limit(_build_rerun(group)):
        yield group
        return
    middle = len(group) // 2
    yield from _split(group[:middle])
    yield from _split(group[middle:])
