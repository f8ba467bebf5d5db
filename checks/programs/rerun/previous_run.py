"""Looks up what an earlier check run says, for the tests that are to run again."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ...core.github.external_id import ExternalId, RunKind, describe
from ...core.model.check_run import RemoteCheckRun
from ...core.model.ports import PreviousRuns, PublishError, Spool
from ...core.model.rerun import CategoryRerun, RerunScope
from ...core.model.verdict import Remark
from ...core.rerun.previous_run import PreviousRun, remark

#: A re-run that never ran repeats one that did, through so many of its kind.
_STEPS = 20
_INCOMPLETE = "All tests run again: the earlier run was not complete, so that its failures are not all there were."


def look_up(wanted: CategoryRerun, runs: PreviousRuns, spool: Spool) -> PreviousRun:
    """What `wanted` repeats; where GitHub does not tell, all tests run."""
    try:
        run, ours = _that_ran(wanted.earlier, runs)
        failures = {failure.title: partial(spool.get, spool.put(failure)) for failure in runs.failures(run.id)}
    except PublishError as error:
        return PreviousRun(remarks=(Remark(text=f"All tests run: what ran before cannot be looked up. {error}"),))
    former = PreviousRun(run_id=run.id, failures=failures)
    if wanted.scope is RerunScope.ALL:
        return former
    if ours.kind is not RunKind.COMPLETE or not failures or len(failures) < ours.counts.failed:
        return replace(former, remarks=(Remark(text=_INCOMPLETE),))
    standing = replace(ours.counts, page=run.page)
    return replace(former, only=tuple(failures), standing=standing, remarks=(remark(standing),))


def _that_ran(run_id: str, runs: PreviousRuns) -> tuple[RemoteCheckRun, ExternalId]:
    """The run with results: one that was only asked for, or that repeats a verdict, names an earlier one."""
    for _ in range(_STEPS):
        run = runs.run(run_id)
        ours = describe(run.external_id)
        if ours.kind not in (RunKind.PLACEHOLDER, RunKind.REPUBLISHED) or not ours.earlier:
            return run, ours
        run_id = ours.earlier
    raise PublishError(f"check run {run_id} repeats too many others.")
