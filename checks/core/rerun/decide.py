"""An intent and the repository's state -> a decision. `tests/unit/core/rerun/test_decide.py` has the table.

An event may come twice (redelivery, replay, two receivers). GitHub's state shows that: a check run has at most one
successor, whose identity names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from ..github.choose_run import current_state
from ..model.check_run import RemoteCheckRun, Status
from ..model.delivery import DeliveryResult, DeliveryStatus
from ..model.identity import RunKind
from ..model.intents import CommitPushed, RerunIntent, RerunRequested, SuiteRerequested, WorkflowRunCompleted
from ..model.rerun import RerunScope
from .decision import Decision, Order, QueueExpected, RepositoryState, RepublishVerdict, StartRerun
from .orphans import decide_orphans
from .permission import sender_refusal
from .refs import ref_refusal, refs_of
from .shared_dispatch import waiting_for_dispatch

#: Events whose workflows run for a pushed commit.
_PUSH_EVENTS = frozenset({"push", "pull_request", "pull_request_target", "merge_group"})
#: Kinds of runs that can be re-run once they are completed.
_REPEATABLE = frozenset({RunKind.TESTS, RunKind.COMPLETE, RunKind.PLACEHOLDER, RunKind.EXPECTED, RunKind.REPUBLISHED})


def decide(intent: RerunIntent, state: RepositoryState) -> Decision:
    """Return what to do about an intent."""
    match intent:
        case RerunRequested():
            return _decide_rerun(intent, state)
        case SuiteRerequested():
            return _decide_suite_rerun(intent, state)
        case WorkflowRunCompleted():
            return decide_orphans(intent, state)
        case CommitPushed():
            return _decide_expected_runs(intent, state)
        case _:
            assert_never(intent)


def _decide_rerun(intent: RerunRequested, state: RepositoryState) -> Decision:
    if result := settled_result(intent, state.runs):
        return result
    run = current_state(intent.run, state.runs)
    undispatched = waiting_for_dispatch(_successors(run, state.runs))
    permanent_refusal = _run_refusal(run) or ref_refusal(run, intent, state)
    refusal = permanent_refusal or sender_refusal(intent.sender, state.permission)
    if refusal and intent.is_native and not undispatched:
        if republished := _successors(run, state.runs, republished=True):
            return DeliveryResult(
                status=DeliveryStatus.DONE, reason=f"it was already answered by check run {republished[-1].id}"
            )
        return RepublishVerdict(
            repository_ref=intent.repository_ref, run=run, reason=refusal, has_buttons=not permanent_refusal
        )
    if refusal:
        return DeliveryResult(status=DeliveryStatus.REFUSED, reason=refusal)
    queued = undispatched[-1].id if undispatched else ""
    order = Order(run=run, scope=intent.scope, queued=queued, refs=refs_of(run, intent, state))
    return StartRerun(repository_ref=intent.repository_ref, orders=(order,), sender=intent.sender)


def settled_result(intent: RerunRequested, runs: Sequence[RemoteCheckRun]) -> DeliveryResult | None:
    """Return why nobody's request needs an action; None if it does. `runs` are those of the check on its commit."""
    run = current_state(intent.run, runs)
    if run.is_manual:  # repeated as a check of tests, it would be one
        return DeliveryResult(status=DeliveryStatus.REFUSED, reason="a manual check has no tests to re-run")
    successors = _successors(run, runs)
    if successors and not waiting_for_dispatch(successors):
        return DeliveryResult(
            status=DeliveryStatus.DONE, reason=f"it was already answered by check run {successors[-1].id}"
        )
    if not _is_finished(run, intent):
        return DeliveryResult(status=DeliveryStatus.DONE, reason="the check run is not completed yet")
    newer = [other for other in runs if int(other.id) > int(run.id) and not _is_other_check_or_successor(other, run)]
    if newer:  # republishing or re-running the older run would hide the newer verdict
        reason = f"check run {newer[-1].id} of this check is newer: use its buttons instead"
        return DeliveryResult(status=DeliveryStatus.REFUSED, reason=reason)
    return None


def _is_other_check_or_successor(other: RemoteCheckRun, run: RemoteCheckRun) -> bool:
    """Whether `other` belongs to another check, or follows `run`."""
    identity = other.identity
    return other.name != run.name or (identity is not None and identity.earlier == run.id)


def _is_finished(run: RemoteCheckRun, intent: RerunRequested) -> bool:
    """Whether the run has ended. With an older API, GitHub's own button sets a completed run back to queued."""
    identity = run.identity
    is_requeued = intent.is_native and run.status is Status.QUEUED
    is_waiting = identity is not None and identity.kind in (RunKind.PLACEHOLDER, RunKind.EXPECTED)
    return run.status is Status.COMPLETED or (is_requeued and not is_waiting)


def _decide_suite_rerun(intent: SuiteRerequested, state: RepositoryState) -> Decision:
    """Re-run what had failed at the time of the request, or else all, except what was re-run in between."""
    started_runs = [run for run in state.runs if run.status is Status.COMPLETED and _had_started(run, intent.asked_at)]
    latest_started = list({run.name: run for run in started_runs}.values())
    repeatable = [run for run in latest_started if not _run_refusal(run)]
    chosen = (
        [run for run in repeatable if run.conclusion is None or not run.conclusion.passes]
        or repeatable
        or latest_started
    )
    latest = {run.name: run for run in state.runs}
    permanent_refusal = "" if repeatable or not latest_started else _run_refusal(latest_started[0])
    startable = [run for run in repeatable if not ref_refusal(run, intent, state)]
    if not permanent_refusal and latest_started and not startable:
        permanent_refusal = ref_refusal(repeatable[0], intent, state)
    if refusal := permanent_refusal or sender_refusal(intent.sender, state.permission):
        if not chosen:
            return DeliveryResult(status=DeliveryStatus.REFUSED, reason=refusal)
        if latest[chosen[0].name] is not chosen[0]:
            return DeliveryResult(status=DeliveryStatus.DONE, reason=f"it was already answered: {refusal}")
        return RepublishVerdict(
            repository_ref=intent.repository_ref, run=chosen[0], reason=refusal, has_buttons=not permanent_refusal
        )
    orders = [
        order
        for run in startable
        if (order := _build_order(run, latest[run.name], intent, state))
        and (run in chosen or order.queued)  # a placeholder that waits is dispatched
    ]
    if not orders:
        return DeliveryResult(
            status=DeliveryStatus.DONE, reason="no check run of this App on the commit is left to re-run"
        )
    return StartRerun(repository_ref=intent.repository_ref, orders=tuple(orders), sender=intent.sender)


def _had_started(run: RemoteCheckRun, asked_at: float) -> bool:
    """Whether the run had started. Times are in whole seconds: one that follows may have the same."""
    identity = run.identity
    is_successor = identity is not None and identity.kind in (RunKind.PLACEHOLDER, RunKind.REPUBLISHED)
    return run.started_at < asked_at or (run.started_at == asked_at and not is_successor)


def _build_order(
    run: RemoteCheckRun, latest: RemoteCheckRun, intent: SuiteRerequested, state: RepositoryState
) -> Order | None:
    """Return the order to re-run it; None if the `latest` run of its name is another one."""
    refs = refs_of(run, intent, state)
    if undispatched := waiting_for_dispatch(_successors(run, state.runs)):
        return Order(run=run, scope=RerunScope.ALL, queued=undispatched[-1].id, refs=refs)
    return Order(run=run, scope=RerunScope.ALL, refs=refs) if latest is run else None


def _successors(
    run: RemoteCheckRun, runs: Sequence[RemoteCheckRun], *, republished: bool = False
) -> list[RemoteCheckRun]:
    """Return the re-runs of a run or, if `republished`, the runs that repeat its verdict."""
    return [
        other
        for other in runs
        if (identity := other.identity)
        and identity.earlier == run.id
        and (identity.kind is RunKind.REPUBLISHED) is republished
    ]


def _decide_expected_runs(intent: CommitPushed, state: RepositoryState) -> Decision:
    existing_names = {run.name for run in state.runs}
    latest = {run.name: run for run in state.base_runs}
    runs = tuple(run for run in latest.values() if run.name not in existing_names and _runs_on_push(run, state))
    if not runs:
        return DeliveryResult(status=DeliveryStatus.DONE, reason="no category of the base commit is missing")
    return QueueExpected(repository_ref=intent.repository_ref, runs=runs, head_sha=intent.head_sha)


def _runs_on_push(run: RemoteCheckRun, state: RepositoryState) -> bool:
    """Whether a pushed commit will have such a run. Scheduled tests, for example, do not run on a push."""
    identity = run.identity
    if identity is None or not identity.workflow or identity.kind not in _REPEATABLE:
        return False
    origin = state.origins.get(identity.run_id)
    return bool(identity.earlier) or origin is None or (origin.event or "push") in _PUSH_EVENTS


def _run_refusal(run: RemoteCheckRun) -> str:
    """Return why nobody can re-run the run; empty if it can be re-run."""
    identity = run.identity
    if identity is None:
        return "its external id was not written by this action"
    if identity.kind not in _REPEATABLE or not identity.workflow:
        return "its tests were not run by a workflow, so no workflow can be started"
    return ""
