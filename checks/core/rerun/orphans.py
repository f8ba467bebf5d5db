"""Check runs that nobody else will complete, because their workflow run is over, and how to complete them.

An event may be lost, or come before its workflow run has ended. So the state of the workflow run counts, as far as the
App may read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..github.external_id import fit_workflow
from ..model.check_run import Conclusion, RemoteCheckRun, Status
from ..model.delivery import DeliveryResult, DeliveryStatus
from ..model.identity import UNKNOWN_RUN_ID, Identity, RunKind
from ..model.intents import WorkflowRunCompleted
from .decision import CompleteOrphans, Origin, Orphan, RepositoryState
from .shared_dispatch import waiting_for_dispatch

_WAITING = frozenset({RunKind.PLACEHOLDER, RunKind.EXPECTED})
_CHECK_CATEGORY = "Make sure that a job has this category and check name, and that nothing cancels it."
_CHECK_WORKFLOW = "Open it to see why, correct the workflow, then use the buttons of this check run."


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """How a workflow run ended. `conclusion` is empty if it was deleted."""

    run_id: str
    conclusion: str
    page: str

    def __str__(self) -> str:
        link = f"[workflow run]({self.page})" if self.page else f"workflow run {self.run_id}"
        return f"The {link} completed ({self.conclusion})" if self.conclusion else f"The {link} was deleted"


def open_run_ids(runs: Iterable[RemoteCheckRun]) -> tuple[str, ...]:
    """Return the ids of the workflow runs on which incomplete check runs depend."""
    identities = (run.identity for run in runs if _is_open(run) and run.identity)
    run_ids = (identity.run_id for identity in identities)
    return tuple(dict.fromkeys(run_id for run_id in run_ids if run_id not in ("", UNKNOWN_RUN_ID)))


def waiting_for_unknown(runs: Iterable[RemoteCheckRun]) -> tuple[RemoteCheckRun, ...]:
    """Return the check runs that wait for a workflow run which the server has not named."""
    return tuple(run for run in runs if _is_open(run) and run.identity and run.identity.run_id == UNKNOWN_RUN_ID)


def abandoned_runs(runs: Iterable[RemoteCheckRun], origins: Mapping[str, Origin | None]) -> Iterator[Orphan]:
    """Yield the incomplete check runs whose workflow run is over, as far as `origins` shows."""
    for run in runs:
        identity = run.identity
        if identity and _is_open(run) and identity.run_id in origins:
            origin = origins[identity.run_id]
            if origin is None or (origin.is_over and identity.attempt <= origin.attempt):
                yield _orphan(run, _end_of(identity.run_id, origin))


def superseded_runs(runs: Sequence[RemoteCheckRun]) -> Iterator[Orphan]:
    """Yield what was queued and never started, and has a newer run of its name, which it would hide."""
    for run in waiting_for_dispatch(runs):
        newer = [other for other in runs if other.name == run.name and int(other.id) > int(run.id)]
        newest = next((other for other in reversed(newer) if not _have_same_request(other, run)), None)
        if newest is not None:
            yield Orphan(
                run=run,
                conclusion=Conclusion.CANCELLED,
                title="Superseded by a newer check run",
                reason=f"These tests were not started, and check run {newest.id} of this check is newer.",
            )


def _have_same_request(other: RemoteCheckRun, run: RemoteCheckRun) -> bool:
    """Whether both are for the same click, as two receivers may have queued one each."""
    return other.identity is not None and run.identity is not None and other.identity.earlier == run.identity.earlier


def completed(runs: Iterable[RemoteCheckRun], orphans: Iterable[Orphan]) -> tuple[RemoteCheckRun, ...]:
    """Return the runs as they are after the orphans were completed."""
    conclusions = {orphan.run.id: orphan.conclusion for orphan in orphans}
    return tuple(
        replace(run, status=Status.COMPLETED, conclusion=conclusions[run.id]) if run.id in conclusions else run
        for run in runs
    )


def decide_orphans(intent: WorkflowRunCompleted, state: RepositoryState) -> CompleteOrphans | DeliveryResult:
    """Return what the end of a workflow run leaves to complete. An event that came too early completes nothing."""
    origin = state.origins.get(intent.run_id)
    is_early = origin is not None and bool(origin.status) and not origin.is_over
    abandoned = {orphan.run.id: orphan for orphan in abandoned_runs(state.runs, state.origins)}
    by_event = {} if is_early else {orphan.run.id: orphan for orphan in _runs_left_by(intent, state.runs)}
    orphans = by_event | abandoned
    if orphans:
        ordered = tuple(orphans[run.id] for run in state.runs if run.id in orphans)
        return CompleteOrphans(repository_ref=intent.repository_ref, orphans=ordered)
    if is_early:
        reason = f"workflow run {intent.run_id} has not completed"
        return DeliveryResult(status=DeliveryStatus.IGNORED, reason=reason)
    return DeliveryResult(
        status=DeliveryStatus.DONE, reason=f"workflow run {intent.run_id} left no check run incomplete"
    )


def _runs_left_by(intent: WorkflowRunCompleted, runs: Sequence[RemoteCheckRun]) -> Iterator[Orphan]:
    """Yield what the event leaves incomplete: also check runs that do not name their workflow run."""
    end = _End(run_id=intent.run_id, conclusion=intent.conclusion, page=intent.page)
    for run in runs:
        identity = run.identity
        if identity is None or not _is_open(run):
            continue
        belongs_to_run = identity.run_id == intent.run_id and identity.attempt <= intent.attempt
        is_expected = identity.kind is RunKind.EXPECTED and _belongs_to_workflow(identity, intent.workflow)
        if belongs_to_run or is_expected or _may_belong_to_run(run, identity, intent):
            yield _orphan(run, end)


def _is_open(run: RemoteCheckRun) -> bool:
    """Whether the run waits for a job, or for the end of its tests.

    With an older API, GitHub's own button sets a completed run back to queued: such a run waits for nothing.
    """
    identity = run.identity
    is_waiting = run.status is Status.QUEUED and identity is not None and identity.kind in _WAITING
    return run.status is Status.IN_PROGRESS or is_waiting


def _end_of(run_id: str, origin: Origin | None) -> _End:
    if origin is None:
        return _End(run_id=run_id, conclusion="", page="")
    return _End(run_id=run_id, conclusion=origin.conclusion, page=origin.page)


def _orphan(run: RemoteCheckRun, end: _End) -> Orphan:
    is_cancelled = end.conclusion == "cancelled"
    if run.status is Status.QUEUED:
        is_expected = run.identity is not None and run.identity.kind is RunKind.EXPECTED
        is_unstarted = end.conclusion == "startup_failure"
        why = "GitHub could not start its jobs" if is_unstarted else "none of its jobs ran this category"
        remedy = _CHECK_WORKFLOW if is_unstarted else _CHECK_CATEGORY
        return Orphan(
            run=run,
            conclusion=Conclusion.CANCELLED if is_expected or is_cancelled else Conclusion.ACTION_REQUIRED,
            title="No job ran these tests",
            reason=f"{end}, but {why}. {remedy}",
        )
    return Orphan(
        run=run,
        conclusion=Conclusion.CANCELLED if is_cancelled else Conclusion.FAILURE,
        title=" · ".join(filter(None, ["job lost", run.output.title])),
        reason=f"{end}, but the job that ran these tests was lost before it reported.",
    )


def _may_belong_to_run(run: RemoteCheckRun, identity: Identity, intent: WorkflowRunCompleted) -> bool:
    """Whether the workflow run may have been started for this queued run, although no answer said so.

    If another one was, its job still creates a run: see `decide_claim`.
    """
    has_unknown_run = (
        run.status is Status.QUEUED and identity.kind is RunKind.PLACEHOLDER and identity.run_id == UNKNOWN_RUN_ID
    )
    return (
        has_unknown_run and run.started_at <= intent.dispatched_at and _belongs_to_workflow(identity, intent.workflow)
    )


def _belongs_to_workflow(identity: Identity, workflow: str) -> bool:
    """Whether it belongs to the workflow's file, whose name may be truncated in it."""
    return fit_workflow(identity.workflow) == fit_workflow(workflow)
