"""The branches or tags at which a workflow is started again, or why there are none.

A commit may be on several refs, and its check suite names only one of them. So the ref of the workflow run that ran the
tests comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..model.check_run import RemoteCheckRun
from ..model.identity import UNKNOWN_RUN_ID
from ..model.intents import RerunRequested, SuiteRerequested
from .decision import Origin, RepositoryState

_MERGE_QUEUE_PREFIX = "gh-readonly-queue/"


def source_run_id(run: RemoteCheckRun, runs: Sequence[RemoteCheckRun]) -> str:
    """Return the id of the workflow run that first ran these tests; empty if no check run names one.

    Later workflow runs were started by buttons, perhaps at a branch that has moved.
    """
    family = (*_family(run, {other.id: other for other in runs}), *(other for other in runs if other.name == run.name))
    run_ids = (other.identity.run_id for other in family if other.identity)
    return next((run_id for run_id in run_ids if run_id not in ("", UNKNOWN_RUN_ID)), "")


def refs_of(run: RemoteCheckRun, intent: RerunRequested | SuiteRerequested, state: RepositoryState) -> tuple[str, ...]:
    """Return the refs at which to start the run's workflow, the best first."""
    return startable_refs(_known_refs(run, intent, state))


def startable_refs(refs: Iterable[str]) -> tuple[str, ...]:
    """Return the refs without the temporary branches of a merge queue."""
    return tuple(ref for ref in refs if not ref.startswith(_MERGE_QUEUE_PREFIX))


def known_refs(suite: RemoteCheckRun | SuiteRerequested, origin: Origin | None, repository: str) -> tuple[str, ...]:
    """Return the ref of the workflow run if that ran on this commit in this repository, then that of the suite.

    A workflow run that a comment or another workflow starts is on the default branch, and may test a fork's commit.
    """
    is_here = origin is not None and (origin.repository, origin.head_sha) == (repository, suite.head_sha)
    branch = origin.branch if origin is not None and is_here else ""
    return tuple(dict.fromkeys(ref for ref in (branch, suite.head_branch) if ref))


def ref_refusal(run: RemoteCheckRun, intent: RerunRequested | SuiteRerequested, state: RepositoryState) -> str:
    """Return why the run's workflow cannot be started; empty if it can."""
    if refs_of(run, intent, state):
        return ""
    if _known_refs(run, intent, state):
        return "the commit is from a merge queue: add the pull request to the queue again"
    return "the commit is from a fork or on no branch, so a workflow cannot be started for it"


def _family(run: RemoteCheckRun, runs_by_id: dict[str, RemoteCheckRun]) -> list[RemoteCheckRun]:
    """Return the run and the earlier ones that it follows, oldest first."""
    family: list[RemoteCheckRun] = []
    following: RemoteCheckRun | None = run
    while following is not None and following not in family:
        family.insert(0, following)
        following = runs_by_id.get(following.identity.earlier) if following.identity else None
    return family


def _known_refs(
    run: RemoteCheckRun, intent: RerunRequested | SuiteRerequested, state: RepositoryState
) -> tuple[str, ...]:
    suite = intent if isinstance(intent, SuiteRerequested) else intent.run
    return known_refs(suite, state.origins.get(source_run_id(run, state.runs)), intent.repository_ref.full_name)
