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
    own_id: ExternalId, category_rerun: CategoryRerun, existing_runs: Sequence[RemoteCheckRun]
) -> Claim | CreateNew | AlreadyClaimed:
    """What becomes of `wanted`; `there` are the App's runs of the check's name on the commit."""
    candidates = [
        (run, external_id)
        for run in existing_runs
        if (external_id := parse(run.external_id)) and external_id.earlier == category_rerun.earlier
    ]
    own_key = (own_id.run_id, own_id.job, own_id.category)
    if any(
        (external_id.run_id, external_id.job, external_id.category) == own_key
        and 0 < external_id.attempt < own_id.attempt
        for _, external_id in candidates
    ):
        return CreateNew()
    placeholders = [
        (run, external_id)
        for run, external_id in candidates
        if external_id.kind is RunKind.PLACEHOLDER and run.status is Status.QUEUED
    ]
    if not placeholders and _was_abandoned(own_id, [external_id for _, external_id in candidates]):
        return CreateNew()
    if not placeholders:
        return AlreadyClaimed(
            reason="the check run queued for this re-run is not queued any more: its tests are running, or have run"
        )
    run, newest = max(placeholders, key=lambda placeholder: int(placeholder[0].id))
    if newest.run_id not in ("", UNKNOWN_RUN_ID, own_id.run_id):
        return AlreadyClaimed(reason=f"workflow run {newest.run_id} was started for this re-run")
    return Claim(run=run, duplicates=tuple(other for other, _ in placeholders if other.id != run.id))


def _was_abandoned(own_id: ExternalId, external_ids: Sequence[ExternalId]) -> bool:
    """Whether the queued run was completed in vain, and nobody has run its tests.

    That is with our workflow run's former attempt, or with one that may have been started for it and was not.
    """
    is_unclaimed = all(external_id.kind in (RunKind.PLACEHOLDER, RunKind.REPUBLISHED) for external_id in external_ids)
    abandoned_run_ids = {UNKNOWN_RUN_ID, own_id.run_id} if own_id.attempt > 1 else {UNKNOWN_RUN_ID}
    return is_unclaimed and any(external_id.run_id in abandoned_run_ids for external_id in external_ids)
