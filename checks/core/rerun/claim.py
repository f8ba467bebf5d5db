"""Which of the queued check runs a job takes over that was started for a re-run, if any.

Of one request there may be several queued runs (two receivers at once) and several workflow runs (a dispatch whose
answer was lost): the newest run is the one that counts, and whoever finds it still queued takes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..github.external_id import UNKNOWN_RUN_ID, ExternalId, RunKind, parse
from ..model.check_run import RemoteCheckRun, Status
from ..model.rerun import CategoryRerun


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Take over this run; the others of the same request that are queued are to be closed."""

    run: RemoteCheckRun
    duplicates: tuple[RemoteCheckRun, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateNew:
    """Put up a run: a former attempt of this job had the one that was queued, or never came to take it over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyClaimed:
    """Do nothing."""

    reason: str


def decide_claim(
    ours: ExternalId, wanted: CategoryRerun, there: Sequence[RemoteCheckRun]
) -> Claim | CreateNew | AlreadyClaimed:
    """What becomes of `wanted`; `there` are the App's runs of the check's name on the commit."""
    told = [(run, theirs) for run in there if (theirs := parse(run.external_id)) and theirs.earlier == wanted.earlier]
    me = (ours.run_id, ours.job, ours.category)
    if any((t.run_id, t.job, t.category) == me and 0 < t.attempt < ours.attempt for _, t in told):
        return CreateNew()
    waiting = [(run, t) for run, t in told if t.kind is RunKind.PLACEHOLDER and run.status is Status.QUEUED]
    if not waiting and _was_ended(ours, [theirs for _, theirs in told]):
        return CreateNew()
    if not waiting:
        return AlreadyClaimed(
            reason="the check run that was queued for it is no longer queued: its tests run, or have run"
        )
    run, newest = max(waiting, key=lambda one: int(one[0].id))
    if newest.run_id not in ("", UNKNOWN_RUN_ID, ours.run_id):
        return AlreadyClaimed(reason=f"workflow run {newest.run_id} was started for it")
    return Claim(run=run, duplicates=tuple(other for other, _ in waiting if other.id != run.id))


def _was_ended(ours: ExternalId, told: Sequence[ExternalId]) -> bool:
    """Whether the queued run was completed in vain, and nobody has run its tests.

    That is with our workflow run's former attempt, or with one that may have been started for it and was not.
    """
    is_first_to_run = all(theirs.kind in (RunKind.PLACEHOLDER, RunKind.REPUBLISHED) for theirs in told)
    in_vain = {UNKNOWN_RUN_ID, ours.run_id} if ours.attempt > 1 else {UNKNOWN_RUN_ID}
    return is_first_to_run and any(theirs.run_id in in_vain for theirs in told)
