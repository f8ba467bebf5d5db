"""Looks up what a decision on an intent needs to know of the repository."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import assert_never

from ...core.github.external_id import is_truncated
from ...core.model.check_run import RemoteCheckRun
from ...core.model.identity import UNKNOWN_RUN_ID
from ...core.model.intents import (
    CommitPushed,
    RerunIntent,
    RerunRequested,
    SuiteRerequested,
    WorkflowRunCompleted,
)
from ...core.rerun.decision import Origin, RepositoryState
from ...core.rerun.orphans import open_run_ids, waiting_for_unknown
from ...core.rerun.refs import source_run_id
from ...core.rerun.repository import RerunRepository
from ...core.rerun.shared_dispatch import waiting_for_dispatch, with_shared_dispatches


def look_up_runs(intent: RerunIntent, repository: RerunRepository) -> RepositoryState:
    """Return the check runs that an intent concerns, and the workflow runs on which incomplete ones depend."""
    match intent:
        case RerunRequested(run=run):
            runs = look_up_shared(repository, run.head_sha, repository.runs(run.head_sha, name=run.name))
            return RepositoryState(runs=runs, origins=look_up_awaited(repository, runs))
        case SuiteRerequested():
            runs = repository.runs(intent.head_sha)
            runs = with_shared_dispatches(runs, runs)
            return RepositoryState(runs=runs, origins=look_up_awaited(repository, runs))
        case WorkflowRunCompleted():
            runs = tuple(run for commit in intent.commits for run in look_up_incomplete(repository, commit))
            run_ids = (intent.run_id, *open_run_ids(runs)) if any(run.identity for run in runs) else ()
            return RepositoryState(runs=runs, origins=look_up_origins(repository, run_ids))
        case CommitPushed():
            runs, base_runs = (repository.runs(commit, only_latest=True) for commit in (intent.head_sha, intent.base))
            base_run_ids = (run.identity.run_id for run in base_runs if run.identity)
            return RepositoryState(runs=runs, base_runs=base_runs, origins=look_up_origins(repository, base_run_ids))
        case _:
            assert_never(intent)


def look_up_sender(intent: RerunIntent, state: RepositoryState, repository: RerunRepository) -> RepositoryState:
    """Return the state with the sender's permission, and with the workflow runs that ran the tests."""
    match intent:
        case RerunRequested(run=run):
            run_ids = {source_run_id(run, state.runs)}
        case SuiteRerequested():
            run_ids = {source_run_id(run, state.runs) for run in state.runs}
        case _:
            return state
    origins = look_up_origins(repository, sorted(run_ids - state.origins.keys()))
    return replace(state, permission=repository.permission(intent.sender), origins={**state.origins, **origins})


def look_up_incomplete(repository: RerunRepository, commit: str) -> tuple[RemoteCheckRun, ...]:
    """Return the incomplete check runs on a commit, those that share a workflow run with its id."""
    return look_up_shared(repository, commit, repository.incomplete_runs(commit))


def look_up_shared(
    repository: RerunRepository, commit: str, runs: tuple[RemoteCheckRun, ...]
) -> tuple[RemoteCheckRun, ...]:
    """Return the runs, those that share a workflow run with its id.

    The one that names it may be completed already. All runs of the commit are only read if something waits.
    """
    return with_shared_dispatches(runs, repository.runs(commit)) if waiting_for_dispatch(runs) else runs


def look_up_origin(repository: RerunRepository, runs: Sequence[RemoteCheckRun]) -> Origin | None:
    """Return the origin of the first run that names a workflow run; placeholders and republished runs may not."""
    run_id = source_run_id(runs[0], runs)
    return repository.origin(run_id) if run_id else None


def look_up_workflow(repository: RerunRepository, run: RemoteCheckRun) -> str:
    """Return the name of the run's workflow file. It stays truncated, as in the external id, if nothing names it."""
    workflow = run.identity.workflow if run.identity else ""
    if not is_truncated(workflow):
        return workflow
    origin = look_up_origin(repository, (run, *repository.runs(run.head_sha, name=run.name)))
    return origin.workflow if origin and origin.workflow else workflow


def look_up_awaited(repository: RerunRepository, runs: Sequence[RemoteCheckRun]) -> dict[str, Origin | None]:
    """Return the workflow runs on which incomplete check runs depend, by their ids.

    A server that does not name the workflow run has started one of those that were dispatched later: one that is not
    over, if there is one.
    """
    origins = look_up_origins(repository, open_run_ids(runs))
    unknown = waiting_for_unknown(runs)
    workflows = {run.identity.workflow for run in unknown if run.identity}
    if len(workflows) != 1:
        return origins
    workflow = look_up_workflow(repository, unknown[0])
    if is_truncated(workflow):
        return origins
    candidates = repository.dispatched_runs(workflow, min(run.started_at for run in unknown))
    living = [origin for origin in candidates if not origin.is_over]
    return {**origins, **({UNKNOWN_RUN_ID: (living or candidates)[0]} if candidates else {})}


def look_up_origins(repository: RerunRepository, run_ids: Iterable[str]) -> dict[str, Origin | None]:
    """Return these workflow runs by their ids; None for one that was deleted."""
    known_ids = (run_id for run_id in dict.fromkeys(run_ids) if run_id not in ("", UNKNOWN_RUN_ID))
    return {run_id: repository.origin(run_id) for run_id in known_ids}
