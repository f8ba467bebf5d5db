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

_MAY_WRITE = frozenset({"admin", "maintain", "write"})
_MERGE_QUEUE = "gh-readonly-queue/"
#: The events whose workflows run for a pushed commit.
_OF_A_PUSH = frozenset({"push", "pull_request", "pull_request_target", "merge_group"})
#: What can run again, once it is completed.
_REPEATABLE = frozenset({RunKind.TESTS, RunKind.COMPLETE, RunKind.PLACEHOLDER, RunKind.EXPECTED, RunKind.REPUBLISHED})


def decide(intent: Intent, state: RepositoryState) -> Decision:
    """What is done about it."""
    match intent:
        case RerunRequested():
            return _rerun_requested(intent, state)
        case SuiteRerequested():
            return _suite_rerequested(intent, state)
        case WorkflowRunCompleted():
            return _workflow_run_completed(intent, state)
        case CommitPushed():
            return _commit_pushed(intent, state)
        case _:
            assert_never(intent)


def _rerun_requested(intent: RerunRequested, state: RepositoryState) -> Decision:
    if said := settled(intent, state.runs):
        return said
    run = _as_it_is(intent.run, state.runs)
    waiting = _waiting(_answers(run, state.runs))
    for_good = _refusal_of_run(run) or _refusal_of_branch(intent.run.head_branch, intent, state)
    refused = for_good or _refusal_of_sender(intent, state)
    if refused and intent.is_native and not waiting:
        if repeated := _answers(run, state.runs, is_repeat=True):
            return DeliveryResult(
                status=DeliveryStatus.DONE, reason=f"it was answered before, by check run {repeated[-1].id}"
            )
        return RepublishVerdict(repository_ref=intent.repository_ref, run=run, reason=refused, has_buttons=not for_good)
    if refused:
        return DeliveryResult(status=DeliveryStatus.REFUSED, reason=refused)
    return _start_rerun(intent, [Order(run=run, which=intent.which, queued=waiting[-1].id if waiting else "")], state)


def settled(intent: RerunRequested, runs: Sequence[RemoteCheckRun]) -> DeliveryResult | None:
    """Why there is nothing to do, whoever asks; None where there is. `runs` are the check's on that commit."""
    run = _as_it_is(intent.run, runs)
    answers = _answers(run, runs)
    if answers and not _waiting(answers):
        return DeliveryResult(
            status=DeliveryStatus.DONE, reason=f"it was answered before, by check run {answers[-1].id}"
        )
    if not _has_ended(run, intent):
        return DeliveryResult(status=DeliveryStatus.DONE, reason="it has not come to its end yet")
    newer = [one for one in runs if int(one.id) > int(run.id) and not _repeats(one, run)]
    if newer:  # the old verdict again, or a re-run of what failed in it, would hide that one's
        reason = f"there is a newer run of this check, {newer[-1].id}: its buttons are the ones to press"
        return DeliveryResult(status=DeliveryStatus.REFUSED, reason=reason)
    return None


def _as_it_is(run: RemoteCheckRun, runs: Sequence[RemoteCheckRun]) -> RemoteCheckRun:
    """What an event tells of a run may be old."""
    return next((one for one in runs if one.id == run.id), run)


def _repeats(one: RemoteCheckRun, run: RemoteCheckRun) -> bool:
    """Whether it is an answer to a button of `run`, or another check's."""
    theirs = parse(one.external_id)
    return one.name != run.name or (theirs is not None and theirs.earlier == run.id)


def _has_ended(run: RemoteCheckRun, intent: RerunRequested) -> bool:
    """Whether it has; GitHub's own button puts a run back to queued where the server goes by an older API."""
    ours = parse(run.external_id)
    is_put_back = intent.is_native and run.status is Status.QUEUED
    waits = ours is not None and ours.kind in (RunKind.PLACEHOLDER, RunKind.EXPECTED)
    return run.status is Status.COMPLETED or (is_put_back and not waits)


def _suite_rerequested(intent: SuiteRerequested, state: RepositoryState) -> Decision:
    """What failed when it was asked for, else all, runs again; but for what has been run again since."""
    there = [run for run in state.runs if run.status is Status.COMPLETED and _was_there(run, intent.asked_at)]
    before = list({run.name: run for run in there}.values())
    ours = [run for run in before if not _refusal_of_run(run)]
    chosen = [run for run in ours if run.conclusion is None or not run.conclusion.passes] or ours or before
    latest = {run.name: run for run in state.runs}
    for_good = "" if ours or not before else _refusal_of_run(before[0])
    for_good = for_good or _refusal_of_branch(intent.head_branch, intent, state)
    if refused := for_good or _refusal_of_sender(intent, state):
        if not chosen:
            return DeliveryResult(status=DeliveryStatus.REFUSED, reason=refused)
        if latest[chosen[0].name] is not chosen[0]:
            return DeliveryResult(status=DeliveryStatus.DONE, reason=f"it was answered before: {refused}")
        return RepublishVerdict(
            repository_ref=intent.repository_ref, run=chosen[0], reason=refused, has_buttons=not for_good
        )
    orders = [
        order
        for run in ours
        if (order := _order(run, latest[run.name], state))
        and (run in chosen or order.queued)  # what waits is dispatched
    ]
    if not orders:
        return DeliveryResult(
            status=DeliveryStatus.DONE, reason="none of our check runs there has not been run again since"
        )
    return _start_rerun(intent, orders, state)


def _was_there(run: RemoteCheckRun, asked_at: float) -> bool:
    """Whether it had begun; GitHub tells whole seconds, within one of which we may have put up a run in answer."""
    ours = parse(run.external_id)
    is_answer = ours is not None and ours.kind in (RunKind.PLACEHOLDER, RunKind.REPUBLISHED)
    return run.started_at < asked_at or (run.started_at == asked_at and not is_answer)


def _order(run: RemoteCheckRun, latest: RemoteCheckRun, state: RepositoryState) -> Order | None:
    """To run it again, unless another run of its name, the `latest`, came after it."""
    if waiting := _waiting(_answers(run, state.runs)):
        return Order(run=run, which=RerunScope.ALL, queued=waiting[-1].id)
    return Order(run=run, which=RerunScope.ALL) if latest is run else None


def _answers(run: RemoteCheckRun, runs: Sequence[RemoteCheckRun], *, is_repeat: bool = False) -> list[RemoteCheckRun]:
    """The runs for which it was run again, or (`is_repeat`) which repeat its verdict because it was not."""
    return [
        one
        for one in runs
        if (theirs := parse(one.external_id))
        and theirs.earlier == run.id
        and (theirs.kind is RunKind.REPUBLISHED) is is_repeat
    ]


def _waiting(answers: Sequence[RemoteCheckRun]) -> list[RemoteCheckRun]:
    """Those of them that are queued and wait for their dispatch."""
    return [one for one in answers if (theirs := parse(one.external_id)) and _waits_for_dispatch(one, theirs)]


def _workflow_run_completed(intent: WorkflowRunCompleted, state: RepositoryState) -> Decision:
    lost = tuple(one for run in state.runs if run.status is not Status.COMPLETED and (one := _orphan(run, intent)))
    if not lost:
        return DeliveryResult(
            status=DeliveryStatus.DONE, reason=f"workflow run {intent.run_id} has left no check run incomplete"
        )
    return CompleteOrphans(repository_ref=intent.repository_ref, lost=lost)


def _orphan(run: RemoteCheckRun, intent: WorkflowRunCompleted) -> Orphan | None:
    ours = parse(run.external_id)
    is_its_own = ours is not None and ours.run_id == intent.run_id and ours.attempt <= intent.attempt
    is_awaited = ours is not None and ours.kind is RunKind.EXPECTED and _is_of_workflow(ours, intent.workflow)
    if ours is None or not (is_its_own or is_awaited or _may_be_its_own(run, ours, intent)):
        return None
    where = f"[workflow run]({intent.page})" if intent.page else f"workflow run {intent.run_id}"
    if run.status is Status.QUEUED:
        conclusion = (
            Conclusion.CANCELLED if is_awaited or intent.conclusion == "cancelled" else Conclusion.ACTION_REQUIRED
        )
        reason = (
            f"The {where} has ended ({intent.conclusion}), and no job of it has run this category. See that a job "
            "of it has this category and check name, and that nothing cancels it."
        )
        return Orphan(run=run, conclusion=conclusion, title="No job has run this", reason=reason)
    conclusion = Conclusion.CANCELLED if intent.conclusion == "cancelled" else Conclusion.FAILURE
    reason = f"The {where} has ended ({intent.conclusion}), and the job with these tests was lost before it could tell."
    title = " · ".join(filter(None, ["lost", run.output.title]))
    return Orphan(run=run, conclusion=conclusion, title=title, reason=reason)


def _may_be_its_own(run: RemoteCheckRun, ours: ExternalId, intent: WorkflowRunCompleted) -> bool:
    """Whether it may have been started for this queued run, which no server has told.

    If another was, its job puts up a run all the same: see `decide_claim`.
    """
    is_untold = run.status is Status.QUEUED and ours.kind is RunKind.PLACEHOLDER and ours.run_id == UNKNOWN_RUN_ID
    return is_untold and run.started_at <= intent.dispatched_at and _is_of_workflow(ours, intent.workflow)


def _is_of_workflow(ours: ExternalId, workflow: str) -> bool:
    """Whether it is of that file, whose name it may have had no room for."""
    return fit_workflow(ours.workflow) == fit_workflow(workflow)


def _commit_pushed(intent: CommitPushed, state: RepositoryState) -> Decision:
    there = {run.name for run in state.runs}
    latest = {run.name: run for run in state.base_runs}
    runs = tuple(run for run in latest.values() if run.name not in there and _comes_with_a_push(run, state))
    if not runs:
        return DeliveryResult(status=DeliveryStatus.DONE, reason="the base commit has no category that is not there")
    return QueueExpected(repository_ref=intent.repository_ref, runs=runs, head_sha=intent.head_sha)


def _comes_with_a_push(run: RemoteCheckRun, state: RepositoryState) -> bool:
    """Whether a pushed commit will have such a run: nightly tests are of their schedule alone."""
    ours = parse(run.external_id)
    if ours is None or not ours.workflow or ours.kind not in _REPEATABLE:
        return False
    return bool(ours.earlier) or state.base_events.get(ours.run_id, "push") in _OF_A_PUSH


def _refusal_of_run(run: RemoteCheckRun) -> str:
    """Why the run is not run again, whoever asks; empty where it is."""
    ours = parse(run.external_id)
    if ours is None:
        return "its external id is none of ours"
    if ours.kind not in _REPEATABLE or not ours.workflow:
        return "no workflow has run its tests: there is none to be started again"
    return ""


def _refusal_of_sender(intent: RerunRequested | SuiteRerequested, state: RepositoryState) -> str:
    return "" if state.permission in _MAY_WRITE else f"@{intent.sender} has no write access here ({state.permission})"


def _refusal_of_branch(branch: str, intent: RerunRequested | SuiteRerequested, state: RepositoryState) -> str:
    ref = branch or _ref_of_origin(intent, state.origin)
    if not ref:
        return "the commit is a fork's, or on no branch: a workflow cannot be started there"
    if ref.startswith(_MERGE_QUEUE):
        return "the commit is a merge queue's: put the pull request into the queue again"
    return ""


def _ref_of_origin(intent: RerunRequested | SuiteRerequested, origin: Origin | None) -> str:
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
    ref = branch or _ref_of_origin(intent, state.origin)
    return StartRerun(repository_ref=intent.repository_ref, orders=tuple(orders), ref=ref, sender=intent.sender)


def _waits_for_dispatch(run: RemoteCheckRun, ours: ExternalId) -> bool:
    return run.status is Status.QUEUED and ours.kind is RunKind.PLACEHOLDER and not ours.run_id
