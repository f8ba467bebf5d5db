"""Looks up what a decision on an intent needs to know of the repository."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from ...core.events.intent_types import CommitPushed, Intent, RerunRequested, SuiteRerequested, WorkflowRunCompleted
from ...core.model.check_run import RemoteCheckRun
from ...core.model.delivery import DeliveryResult
from ...core.model.identity import UNKNOWN_RUN_ID
from ...core.rerun.decide import settled_result
from ...core.rerun.decision import Origin, RepositoryState
from ...core.rerun.repository import RerunRepository


def look_up_state(intent: Intent, repository: RerunRepository) -> RepositoryState | DeliveryResult:
    """Return what is needed to decide on an intent, or that it is settled, as most events are that a poll sees."""
    match intent:
        case RerunRequested(run=run):
            runs = repository.runs(run.head_sha, name=run.name)
            if result := settled_result(intent, runs):
                return result
            origin = None if run.head_branch else look_up_origin(repository, (run, *runs))
            return RepositoryState(permission=repository.permission(intent.sender), runs=runs, origin=origin)
        case SuiteRerequested():
            runs = repository.runs(intent.head_sha)
            origin = None if intent.head_branch else look_up_origin(repository, runs)
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
    """Return the events that started the workflow runs of these check runs, by the ids of the former."""
    run_ids = dict.fromkeys(run.identity.run_id for run in runs if run.identity)
    origins = {run_id: repository.origin(run_id) for run_id in run_ids if run_id not in ("", UNKNOWN_RUN_ID)}
    return {run_id: origin.event for run_id, origin in origins.items() if origin}


def look_up_origin(repository: RerunRepository, runs: Sequence[RemoteCheckRun]) -> Origin | None:
    """Return the origin of the first run that names a workflow run; placeholders and republished runs may not."""
    run_ids = (run.identity.run_id for run in runs if run.identity)
    run_id = next((known_id for known_id in run_ids if known_id not in ("", UNKNOWN_RUN_ID)), "")
    return repository.origin(run_id) if run_id else None
