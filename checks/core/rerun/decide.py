"""An intent and the repository's state -> a decision; `tests/unit/core/rerun/test_decide.py` has the table.

Whatever comes twice (a redelivery, a replay, two receivers) is recognised by what GitHub has already: a check run has
one successor at most, whose external id names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from ..events.intent_types import CommitPushed, Intent, RerunRequested, SuiteRerequested, WorkflowRunCompleted
from ..github.external_id import UNKNOWN_RUN_ID, ExternalId, RunKind, fit_workflow, parse
from ..model.check_run import Conclusion, RemoteCheckRun, Status
from ..model.delivery import DeliveryResult, DeliveryStatus
from ..model.rerun import RerunScope
from .decision import (
    CompleteOrphans,
    Decision,
    Order,
    Origin,
    Orphan,
    QueueExpected,
    RepositoryState,
    RepublishVerdict,
    StartRerun,
)

_WRITE_PERMISSIONS = frozenset({"admin", "maintain", "write"})
_MERGE_QUEUE_PREFIX = "gh-readonly-queue/"
#: The events whose workflows run for a pushed commit.
_PUSH_EVENTS = frozenset({"push", "pull_request", "pull_request_target", "merge_group"})
#: What can run again, once it is completed.
_REPEATABLE = frozenset({RunKind.TESTS, RunKind.COMPLETE, RunKind.PLACEHOLDER, RunKind.EXPECTED, RunKind.REPUBLISHED})


def decide(intent: Intent, state: RepositoryState) -> Decision:
    """What is done about it."""
    match intent:
        case RerunRequested():
            return _decide_rerun(intent, state)
        case SuiteRerequested():
            return _decide_suite_rerun(intent, state)
        case WorkflowRunCompleted():
            return _decide_orphans(intent, state)
        case CommitPushed():
            return _decide_expected_runs(intent, state)
        case _:
            assert_never(intent)


def _decide_rerun(intent: RerunRequested, state: RepositoryState) -> Decision:
    if result := settled_result(intent, state.runs):
        return result
    run = _current_state(intent.run, state.runs)
    undispatched = _undispatched(_successors(run, state.runs))
    permanent_refusal = _run_refusal(run) or _branch_refusal(intent.run.head_branch, intent, state)
    refusal = permanent_refusal or _sender_refusal(intent, state)
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
    return _start_rerun(
        intent, [Order(run=run, which=intent.which, queued=undispatched[-1].id if undispatched else "")], state
    )


def settled_result(intent: RerunRequested, runs: Sequence[RemoteCheckRun]) -> DeliveryResult | None:
    """Why there is nothing to do, whoever asks; None where there is. `runs` are the check's on that commit."""
    run = _current_state(intent.run, runs)
    successors = _successors(run, runs)
    if successors and not _undispatched(successors):
        return DeliveryResult(
            status=DeliveryStatus.DONE, reason=f"it was already answered by check run {successors[-1].id}"
        )
    if not _is_finished(run, intent):
        return DeliveryResult(status=DeliveryStatus.DONE, reason="the check run is not completed yet")
    newer = [other for other in runs if int(other.id) > int(run.id) and not _is_other_check_or_successor(other, run)]
    if newer:  # the old verdict again, or a re-run of what failed in it, would hide that one's
        reason = f"check run {newer[-1].id} of this check is newer: use its buttons instead"
        return DeliveryResult(status=DeliveryStatus.REFUSED, reason=reason)
    return None


def _current_state(run: RemoteCheckRun, runs: Sequence[RemoteCheckRun]) -> RemoteCheckRun:
    """What an event tells of a run may be old."""
    return next((other for other in runs if other.id == run.id), run)


def _is_other_check_or_successor(other: RemoteCheckRun, run: RemoteCheckRun) -> bool:
    """Whether it is an answer to a button of `run`, or another check's."""
    parts = parse(other.external_id)
    return other.name != run.name or (parts is not None and parts.earlier == run.id)


def _is_finished(run: RemoteCheckRun, intent: RerunRequested) -> bool:
    """Whether it has; GitHub's own button puts a run back to queued where the server goes by an older API."""
    parts = parse(run.external_id)
    is_requeued = intent.is_native and run.status is Status.QUEUED
    is_waiting = parts is not None and parts.kind in (RunKind.PLACEHOLDER, RunKind.EXPECTED)
    return run.status is Status.COMPLETED or (is_requeued and not is_waiting)


def _decide_suite_rerun(intent: SuiteRerequested, state: RepositoryState) -> Decision:
    """What failed when it was asked for, else all, runs again; but for what has been run again since."""
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
    permanent_refusal = permanent_refusal or _branch_refusal(intent.head_branch, intent, state)
    if refusal := permanent_refusal or _sender_refusal(intent, state):
        if not chosen:
            return DeliveryResult(status=DeliveryStatus.REFUSED, reason=refusal)
        if latest[chosen[0].name] is not chosen[0]:
            return DeliveryResult(status=DeliveryStatus.DONE, reason=f"it was already answered: {refusal}")
        return RepublishVerdict(
            repository_ref=intent.repository_ref, run=chosen[0], reason=refusal, has_buttons=not permanent_refusal
        )
    orders = [
        order
        for run in repeatable
        if (order := _build_order(run, latest[run.name], state))
        and (run in chosen or order.queued)  # what waits is dispatched
    ]
    if not orders:
        return DeliveryResult(
            status=DeliveryStatus.DONE, reason="no check run of this App on the commit is left to re-run"
        )
    return _start_rerun(intent, orders, state)


def _had_started(run: RemoteCheckRun, asked_at: float) -> bool:
    """Whether it had begun; GitHub tells whole seconds, within one of which we may have put up a run in answer."""
    parts = parse(run.external_id)
    is_successor = parts is not None and parts.kind in (RunKind.PLACEHOLDER, RunKind.REPUBLISHED)
    return run.started_at < asked_at or (run.started_at == asked_at and not is_successor)


def _build_order(run: RemoteCheckRun, latest: RemoteCheckRun, state: RepositoryState) -> Order | None:
    """To run it again, unless another run of its name, the `latest`, came after it."""
    if undispatched := _undispatched(_successors(run, state.runs)):
        return Order(run=run, which=RerunScope.ALL, queued=undispatched[-1].id)
    return Order(run=run, which=RerunScope.ALL) if latest is run else None


def _successors(
    run: RemoteCheckRun, runs: Sequence[RemoteCheckRun], *, republished: bool = False
) -> list[RemoteCheckRun]:
    """The runs for which it was run again, or (`is_repeat`) which repeat its verdict because it was not."""
    return [
        other
        for other in runs
        if (parts := parse(other.external_id))
        and parts.earlier == run.id
        and (parts.kind is RunKind.REPUBLISHED) is republished
    ]


def _undispatched(successors: Sequence[RemoteCheckRun]) -> list[RemoteCheckRun]:
    """Those of them that are queued and wait for their dispatch."""
    return [other for other in successors if (parts := parse(other.external_id)) and _is_undispatched(other, parts)]


def _decide_orphans(intent: WorkflowRunCompleted, state: RepositoryState) -> Decision:
    orphans = tuple(
        orphan for run in state.runs if run.status is not Status.COMPLETED and (orphan := _find_orphan(run, intent))
    )
    if not orphans:
        return DeliveryResult(
            status=DeliveryStatus.DONE, reason=f"workflow run {intent.run_id} left no check run incomplete"
        )
    return CompleteOrphans(repository_ref=intent.repository_ref, orphans=orphans)


def _find_orphan(run: RemoteCheckRun, intent: WorkflowRunCompleted) -> Orphan | None:
    parts = parse(run.external_id)
    belongs_to_run = parts is not None and parts.run_id == intent.run_id and parts.attempt <= intent.attempt
    is_expected = parts is not None and parts.kind is RunKind.EXPECTED and _belongs_to_workflow(parts, intent.workflow)
    if parts is None or not (belongs_to_run or is_expected or _may_belong_to_run(run, parts, intent)):
        return None
    run_link = f"[workflow run]({intent.page})" if intent.page else f"workflow run {intent.run_id}"
    if run.status is Status.QUEUED:
        conclusion = (
            Conclusion.CANCELLED if is_expected or intent.conclusion == "cancelled" else Conclusion.ACTION_REQUIRED
        )
        reason = (
            f"The {run_link} completed ({intent.conclusion}), but none of its jobs ran this category. Make sure that a "
            "job has this category and check name, and that nothing cancels it."
        )
        return Orphan(run=run, conclusion=conclusion, title="No job ran these tests", reason=reason)
    conclusion = Conclusion.CANCELLED if intent.conclusion == "cancelled" else Conclusion.FAILURE
    reason = (
        f"The {run_link} completed ({intent.conclusion}), but the job that ran these tests was lost before it reported."
    )
    title = " · ".join(filter(None, ["job lost", run.output.title]))
    return Orphan(run=run, conclusion=conclusion, title=title, reason=reason)


def _may_belong_to_run(run: RemoteCheckRun, parts: ExternalId, intent: WorkflowRunCompleted) -> bool:
    """Whether it may have been started for this queued run, which no server has told.

    If another was, its job puts up a run all the same: see `decide_claim`.
    """
    has_unknown_run = (
        run.status is Status.QUEUED and parts.kind is RunKind.PLACEHOLDER and parts.run_id == UNKNOWN_RUN_ID
    )
    return has_unknown_run and run.started_at <= intent.dispatched_at and _belongs_to_workflow(parts, intent.workflow)


def _belongs_to_workflow(parts: ExternalId, workflow: str) -> bool:
    """Whether it is of that file, whose name it may have had no room for."""
    return fit_workflow(parts.workflow) == fit_workflow(workflow)


def _decide_expected_runs(intent: CommitPushed, state: RepositoryState) -> Decision:
    existing_names = {run.name for run in state.runs}
    latest = {run.name: run for run in state.base_runs}
    runs = tuple(run for run in latest.values() if run.name not in existing_names and _runs_on_push(run, state))
    if not runs:
        return DeliveryResult(status=DeliveryStatus.DONE, reason="no category of the base commit is missing")
    return QueueExpected(repository_ref=intent.repository_ref, runs=runs, head_sha=intent.head_sha)


def _runs_on_push(run: RemoteCheckRun, state: RepositoryState) -> bool:
    """Whether a pushed commit will have such a run: nightly tests are of their schedule alone."""
    parts = parse(run.external_id)
    if parts is None or not parts.workflow or parts.kind not in _REPEATABLE:
        return False
    return bool(parts.earlier) or state.base_events.get(parts.run_id, "push") in _PUSH_EVENTS


def _run_refusal(run: RemoteCheckRun) -> str:
    """Why the run is not run again, whoever asks; empty where it is."""
    parts = parse(run.external_id)
    if parts is None:
        return "its external id was not written by this action"
    if parts.kind not in _REPEATABLE or not parts.workflow:
        return "its tests were not run by a workflow, so no workflow can be started"
    return ""


def _sender_refusal(intent: RerunRequested | SuiteRerequested, state: RepositoryState) -> str:
    return (
        ""
        if state.permission in _WRITE_PERMISSIONS
        else f"@{intent.sender} has no write access to this repository ({state.permission})"
    )


def _branch_refusal(branch: str, intent: RerunRequested | SuiteRerequested, state: RepositoryState) -> str:
    ref = branch or _origin_ref(intent, state.origin)
    if not ref:
        return "the commit is from a fork or on no branch, so a workflow cannot be started for it"
    if ref.startswith(_MERGE_QUEUE_PREFIX):
        return "the commit is from a merge queue: add the pull request to the queue again"
    return ""


def _origin_ref(intent: RerunRequested | SuiteRerequested, origin: Origin | None) -> str:
    """Where the run's workflow run was, if that was on this very commit in this repository.

    One that a comment or another workflow starts is on the default branch, and may have tested a fork's commit.
    """
    head_sha = intent.head_sha if isinstance(intent, SuiteRerequested) else intent.run.head_sha
    if origin is None or (origin.repository, origin.head_sha) != (intent.repository_ref.full_name, head_sha):
        return ""
    return origin.branch


def _start_rerun(
    intent: RerunRequested | SuiteRerequested, orders: Sequence[Order], state: RepositoryState
) -> StartRerun:
    branch = intent.head_branch if isinstance(intent, SuiteRerequested) else intent.run.head_branch
    ref = branch or _origin_ref(intent, state.origin)
    return StartRerun(repository_ref=intent.repository_ref, orders=tuple(orders), ref=ref, sender=intent.sender)


def _is_undispatched(run: RemoteCheckRun, parts: ExternalId) -> bool:
    return run.status is Status.QUEUED and parts.kind is RunKind.PLACEHOLDER and not parts.run_id
