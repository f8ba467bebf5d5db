"""Look up the base while the tests run."""

from __future__ import annotations

from contextlib import closing

from ...core.history.base_commit import base_commit
from ...core.history.trusted_record import record_of_run
from ...core.model.check_run import CheckRun
from ...core.model.history import Base, NoBase
from ...core.model.job import Context, Repository
from ...core.model.settings import Compare
from .dependencies import Dependencies
from .find_base import find_base
from .lookup import BUG, Lookup

BaseLookup = Lookup[Base | NoBase]


def start_base_lookup(
    run: CheckRun, compare: Compare, context: Context, repository: Repository, dependencies: Dependencies
) -> BaseLookup | None:
    """Start to look up what `run` is compared with; return None if it is compared with nothing."""
    open_base_runs = dependencies.open_base_runs
    if open_base_runs is None or not compare.is_on:
        return None

    def find() -> Base | NoBase:
        question = base_commit(context, repository, compare)
        if isinstance(question, NoBase):
            return question
        with closing(open_base_runs(dependencies.cancel.is_set)) as runs:
            return find_base(question, run, runs, record_of_run, {context.default_branch, compare.branch})

    lookup = BaseLookup(find, NoBase(reason=BUG), dependencies.clock, dependencies.job.log)
    lookup.start()
    return lookup
