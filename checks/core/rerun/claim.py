"""Decides which placeholder run, if any, a re-run's job claims.

One request may have several placeholder runs (two receivers at once) and several workflow runs (the answer to a
dispatch was lost). The newest placeholder counts, and the first job that finds it still queued claims it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ..model.check_run import RemoteCheckRun, Status
from ..model.identity import UNKNOWN_RUN_ID, Identity, RunKind
from ..model.rerun import CategoryRerun


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Claim this run, and complete the other placeholders of the same request."""

    run: RemoteCheckRun
    duplicates: tuple[RemoteCheckRun, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateNew:
    """Create a run: an earlier attempt of this job claimed the placeholder, or ended before it could."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyClaimed:
    """Run nothing: another job has the re-run, or waits for it in the workflow run `run_id`."""

    reason: str
    run_id: str = ""


def decide_claim(
    own: Identity,
    category_rerun: CategoryRerun,
    existing_runs: Sequence[RemoteCheckRun],
    ended_run_ids: Collection[str] = (),
) -> Claim | CreateNew | AlreadyClaimed:
    """Decide how the job `own` joins a re-run; `existing_runs` are the App's of the check's name on the commit.

    `ended_run_ids` are workflow runs that are known to be over.
    """
    candidates = [
        (run, identity)
        for run in existing_runs
        if (identity := run.identity) and identity.earlier == category_rerun.earlier
    ]
    own_key = (own.run_id, own.job, own.category)
    if any(
        (identity.run_id, identity.job, identity.category) == own_key and 0 < identity.attempt < own.attempt
        for _, identity in candidates
    ):
        return CreateNew()
    placeholders = [
        (run, identity)
        for run, identity in candidates
        if identity.kind is RunKind.PLACEHOLDER and run.status is Status.QUEUED
    ]
    if not placeholders and _was_abandoned(own, [identity for _, identity in candidates]):
        return CreateNew()
    if not placeholders:
        return AlreadyClaimed(
            reason="the check run queued for this re-run is not queued any more: its tests are running, or have run"
        )
    run, newest = max(placeholders, key=lambda placeholder: int(placeholder[0].id))
    if newest.run_id not in ("", UNKNOWN_RUN_ID, own.run_id, *ended_run_ids):
        return AlreadyClaimed(reason=f"workflow run {newest.run_id} was started for this re-run", run_id=newest.run_id)
    return Claim(run=run, duplicates=tuple(other for other, _ in placeholders if other.id != run.id))


def _was_abandoned(own: Identity, identities: Sequence[Identity]) -> bool:
    """Whether the placeholder was completed although nobody has run its tests.

    It ended with an earlier attempt of this workflow run, by mistake before this job started, or with a workflow run
    that was taken for the one started.
    """
    is_unclaimed = all(identity.kind in (RunKind.PLACEHOLDER, RunKind.REPUBLISHED) for identity in identities)
    return is_unclaimed and any(identity.run_id in (UNKNOWN_RUN_ID, own.run_id) for identity in identities)
