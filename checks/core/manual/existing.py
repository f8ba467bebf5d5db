"""The runs that a manual check has on its commit already -> what the job does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..github.external_id import Relation, relation
from ..model.check_run import RemoteCheckRun, Status
from ..model.identity import Identity
from ..model.manual import ManualRecord
from .record import record_of_run

CHANGED_INSTRUCTIONS = "The instructions have changed since the check was created for this commit."


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepRun:
    """Leave the check run: it shows the check's state."""

    run: RemoteCheckRun
    record: ManualRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatRun:
    """Repeat the check run: a later one that reports a mistake in the workflow hides it, or GitHub has reset it."""

    run: RemoteCheckRun
    record: ManualRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAgain:
    """Ask with the new instructions: this run waits with others."""

    run: RemoteCheckRun


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateFirstRun:
    """Create the check: the commit has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameConflict:
    """Report a mistake: another job of this workflow run has created a check of this name."""

    run: RemoteCheckRun


JobDecision = KeepRun | RepeatRun | AskAgain | CreateFirstRun | NameConflict


def decide_existing(own: Identity, runs: Sequence[RemoteCheckRun], instructions: str) -> JobDecision:
    """Return what to do about the runs of the check's name on the commit, oldest first.

    `instructions` is the digest of those that the job has. A verdict stays, even if the instructions have changed: it
    belongs to the commit.
    """
    if conflict := next((run for run in runs if relation(own, run.identity) is Relation.NAME_CONFLICT), None):
        return NameConflict(run=conflict)
    latest = newest(runs)
    record = record_of_run(latest) if latest else None
    if latest is None or record is None:
        return CreateFirstRun()
    if record.verdict is None and record.instructions != instructions:
        return AskAgain(run=latest)
    is_shown = latest is runs[-1] and latest.status is Status.COMPLETED
    return KeepRun(run=latest, record=record) if is_shown else RepeatRun(run=latest, record=record)


def newest(runs: Sequence[RemoteCheckRun]) -> RemoteCheckRun | None:
    """Return the newest run that has a manual check's record; `runs` are ordered, oldest first."""
    return next((run for run in reversed(runs) if record_of_run(run) is not None), None)
