"""What a job does about the check runs of a manual check that its commit has already."""

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
class Stays:
    """The check run says what the check's state is."""

    run: RemoteCheckRun
    record: ManualRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class IsRepeated:
    """The check run is hidden: by a later one that reports a mistake in the workflow, or as GitHub has reset it."""

    run: RemoteCheckRun
    record: ManualRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class IsAskedAgain:
    """The check run waits with other instructions."""

    run: RemoteCheckRun


@dataclass(frozen=True, slots=True, kw_only=True)
class IsNew:
    """The commit has no such check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflicts:
    """Another job of this workflow run has created a check of this name."""

    run: RemoteCheckRun


Existing = Stays | IsRepeated | IsAskedAgain | IsNew | Conflicts


def decide_existing(own: Identity, runs: Sequence[RemoteCheckRun], instructions: str) -> Existing:
    """Decide by the runs of the check's name on the commit, oldest first; `instructions` is their digest now.

    A verdict stays also if the instructions have changed: it belongs to the commit.
    """
    if conflict := next((run for run in runs if relation(own, run.identity) is Relation.NAME_CONFLICT), None):
        return Conflicts(run=conflict)
    latest = newest(runs)
    record = record_of_run(latest) if latest else None
    if latest is None or record is None:
        return IsNew()
    if record.verdict is None and record.instructions != instructions:
        return IsAskedAgain(run=latest)
    is_shown = latest is runs[-1] and latest.status is Status.COMPLETED
    return Stays(run=latest, record=record) if is_shown else IsRepeated(run=latest, record=record)


def newest(runs: Sequence[RemoteCheckRun]) -> RemoteCheckRun | None:
    """Return the newest run that has a manual check's record; `runs` are ordered, oldest first."""
    return next((run for run in reversed(runs) if record_of_run(run) is not None), None)
