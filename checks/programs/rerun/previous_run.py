"""Looks up the previous run for the tests of a re-run."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ...core.history.trusted_record import record_of_run
from ...core.model.check_run import RemoteCheckRun
from ...core.model.history import Record
from ...core.model.identity import Identity, RunKind
from ...core.model.ports import PreviousRuns, PublishError, Spool
from ...core.model.rerun import CategoryRerun, RerunScope
from ...core.model.verdict import Remark
from ...core.rerun.previous_run import PreviousRun, carried_over_remark

#: How many runs without results are followed to the run that has them.
_MAX_STEPS = 20
_INCOMPLETE = "Re-ran all tests: the previous run was not complete, so its list of failures may not be either."


def look_up(category_rerun: CategoryRerun, runs: PreviousRuns, spool: Spool) -> PreviousRun:
    """Return the previous run for `category_rerun`. If GitHub does not return it, all tests run."""
    try:
        run, external_id = _find_run_with_results(category_rerun.earlier, runs)
        failures = {failure.title: partial(spool.get, spool.put(failure)) for failure in runs.failures(run.id)}
    except PublishError as error:
        return PreviousRun(remarks=(Remark(text=f"Re-ran all tests: the previous run could not be read. {error}"),))
    previous = PreviousRun(run_id=run.id, failures=failures)
    if category_rerun.scope is RerunScope.ALL:
        return previous
    if external_id.kind is not RunKind.COMPLETE or not failures or len(failures) < external_id.counts.failed:
        return replace(previous, remarks=(Remark(text=_INCOMPLETE),))
    found = record_of_run(run)
    record = found if isinstance(found, Record) else None
    quarantined = 0 if record is None else len(record.quarantined)
    carried_over = replace(external_id.counts, page=run.page, quarantined=quarantined)
    return replace(
        previous,
        only=tuple(failures),
        carried_over=carried_over,
        record=record,
        remarks=(carried_over_remark(carried_over),),
    )


def _find_run_with_results(run_id: str, runs: PreviousRuns) -> tuple[RemoteCheckRun, Identity]:
    """Return the run that has results. Runs that never ran, or repeat a verdict, name an earlier run."""
    for _ in range(_MAX_STEPS):
        run = runs.run(run_id)
        external_id = run.identity or Identity()
        if external_id.kind not in (RunKind.PLACEHOLDER, RunKind.REPUBLISHED) or not external_id.earlier:
            return run, external_id
        run_id = external_id.earlier
    raise PublishError(f"Check run {run_id} repeats too many earlier check runs.")
