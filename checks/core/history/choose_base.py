"""Chooses the check run of the base commit that the results are compared with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..github.external_id import canonical
from ..model.check_run import CheckRun, Conclusion, RemoteCheckRun, Status
from ..model.history import Base, NoBase, Record
from ..model.identity import Identity, RunKind
from .base_commit import BaseCommit

#: Returns the record of a completed check run; else why it has none that is believed, such as ``is not completed``.
ReadRecord = Callable[[RemoteCheckRun], Record | str]

#: Completed runs of these kinds have no results of their own. `REPUBLISHED` repeats an earlier run, which is looked at.
_WITHOUT_RESULTS = frozenset({RunKind.PLACEHOLDER, RunKind.EXPECTED, RunKind.REPUBLISHED, RunKind.MANUAL})


def choose_base(runs: Sequence[RemoteCheckRun], at: BaseCommit, own: CheckRun, read: ReadRecord) -> Base | NoBase:
    """Return the newest completed one of the App's `runs` (oldest first) with results of the tests of `own`.

    A re-run that is in progress or was cancelled changes nothing about the results before it.
    """
    similar = [(run, run.identity) for run in reversed(runs) if run.identity is not None and _is_similar(run, own)]
    completed = [(run, identity) for run, identity in similar if run.status is Status.COMPLETED]
    with_results = [(run, identity) for run, identity in completed if _may_have_results(run, identity)]
    for run, identity in with_results:
        if identity.kind is not RunKind.FORK and not identity.tested:
            return _base(run, at, read)
    if with_results:
        is_fork = with_results[0][1].kind is RunKind.FORK
        return _unusable(at, "has the results of a fork" if is_fork else "has the results of a merge of the commit")
    if any(run.status is not Status.COMPLETED for run, _ in similar):
        return _unusable(at, "is not completed yet")
    if completed:
        return _unusable(at, "has no results")
    return NoBase(reason=f"{at} has no check run of this name")


def _base(run: RemoteCheckRun, at: BaseCommit, read: ReadRecord) -> Base | NoBase:
    record = read(run)
    if isinstance(record, str):
        return _unusable(at, record)
    return Base(commit=at.commit, branch=at.branch, page=run.page, record=record, text=run.output.text)


def _unusable(at: BaseCommit, reason: str) -> NoBase:
    return NoBase(reason=f"the check run of {at} {reason}")


def _is_similar(run: RemoteCheckRun, own: CheckRun) -> bool:
    """Whether it reports the same tests: by its name, and by the workflow and category of its external id."""
    expected, identity = canonical(own.identity), run.identity
    return (
        identity is not None
        and run.name == own.name
        and (identity.workflow, identity.category) == (expected.workflow, expected.category)
    )


def _may_have_results(run: RemoteCheckRun, identity: Identity) -> bool:
    return identity.kind not in _WITHOUT_RESULTS and run.conclusion is not Conclusion.CANCELLED
