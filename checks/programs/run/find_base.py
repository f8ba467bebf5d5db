"""Find the base of a run: its commit, its check run, and the branch that has it."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace

from ...core.history.base_commit import BaseCommit, MergeBase
from ...core.history.base_runs import BaseRuns, BaseUnavailableError
from ...core.history.choose_base import ReadRecord, choose_base
from ...core.model.check_run import CheckRun
from ...core.model.history import Base, NoBase


def find_base(
    question: BaseCommit | MergeBase, own: CheckRun, runs: BaseRuns, read: ReadRecord, protected: Collection[str]
) -> Base | NoBase:
    """Return the base of the tests that `own` reports. `protected` names branches; it may contain an empty name."""
    try:
        at = commit_of(question, runs)
        if isinstance(at, NoBase):
            return at
        base = choose_base(runs.of_commit(at.commit, own.name), at, own, read)
    except BaseUnavailableError as error:
        return NoBase(reason=str(error))
    if isinstance(base, NoBase):
        return _ancestor(at, own, runs, read, instead_of=base.reason) or base
    if not base.branch:
        with suppress(BaseUnavailableError):
            base = replace(base, branch=runs.branch_of(at.commit))
    return replace(base, is_protected=bool(base.branch) and base.branch in protected)


def _ancestor(at: BaseCommit, own: CheckRun, runs: BaseRuns, read: ReadRecord, *, instead_of: str) -> Base | None:
    """Return the nearest ancestor of a commit that has no results, for information only."""
    with suppress(BaseUnavailableError):
        if commit := runs.nearest_ancestor(at.commit, own):
            ancestor = replace(at, commit=commit)
            base = choose_base(runs.of_commit(commit, own.name), ancestor, own, read)
            return replace(base, instead_of=instead_of) if isinstance(base, Base) else None
    return None


def commit_of(question: BaseCommit | MergeBase | NoBase, runs: BaseRuns) -> BaseCommit | NoBase:
    """Return the commit of the base, which a merge base has to be looked up for. Raises `BaseUnavailableError`."""
    while isinstance(question, MergeBase):
        commit = runs.merge_base(question.branch, question.head)
        question = BaseCommit(commit=commit, branch=question.branch) if commit != question.head else question.otherwise
    return question
