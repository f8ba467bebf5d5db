"""Placeholder runs that share a workflow run. If there are many, only the newest names it.

Who dispatches a workflow includes everything that waits for it on the commit. So an older placeholder run without a
workflow run was dispatched with the next newer one that has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..model.check_run import RemoteCheckRun, Status
from ..model.identity import Identity, RunKind


def waiting_for_dispatch(runs: Iterable[RemoteCheckRun]) -> list[RemoteCheckRun]:
    """Return the runs that are queued for a re-run and do not name a workflow run."""
    return [
        run
        for run in runs
        if (identity := run.identity)
        and run.status is Status.QUEUED
        and identity.kind is RunKind.PLACEHOLDER
        and not identity.run_id
    ]


def with_shared_dispatches(
    runs: Sequence[RemoteCheckRun], on_commit: Iterable[RemoteCheckRun]
) -> tuple[RemoteCheckRun, ...]:
    """Return the runs, those that share a workflow run with its id. `on_commit` are all runs of their commit."""
    waiting_ids = {run.id for run in waiting_for_dispatch(runs)}
    dispatched = [
        (int(run.id), run.identity)
        for run in sorted(on_commit, key=lambda run: int(run.id))
        if run.identity and run.identity.earlier and run.identity.run_id
    ]
    return tuple(
        replace(run, identity=_with_next(int(run.id), run.identity, dispatched))
        if run.identity and run.id in waiting_ids
        else run
        for run in runs
    )


def _with_next(run_id: int, identity: Identity, dispatched: Iterable[tuple[int, Identity]]) -> Identity:
    """Return the identity with the workflow run of the next newer check run of the same workflow and tested commit."""
    shared = (
        other.run_id
        for other_id, other in dispatched
        if other_id > run_id and (other.workflow, other.tested) == (identity.workflow, identity.tested)
    )
    return replace(identity, run_id=next(shared, ""))
