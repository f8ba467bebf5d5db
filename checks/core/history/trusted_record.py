"""Which check runs have a record that is believed."""

from __future__ import annotations

from ..model.check_run import RemoteCheckRun, Status
from ..model.history import Record
from ..model.identity import RunKind
from ..model.session import CarriedOverCounts
from .record_text import parse

#: Why a check run of another kind than COMPLETE has no record that is believed.
_REASONS = {
    RunKind.FORK: "has the results of a fork",
    RunKind.PUBLISHED: "has published results",
    RunKind.REPUBLISHED: "only repeats a verdict",
}


def record_of_run(run: RemoteCheckRun) -> Record | str:
    """Return the record of a check run; else why it has none that is believed, such as ``is not completed``."""
    identity = run.identity
    if run.status is not Status.COMPLETED:
        return "is not completed"
    if identity is None:
        return "was not created by this action"
    if identity.kind is not RunKind.COMPLETE:
        return _REASONS.get(identity.kind, "has incomplete results")
    return _matching_record(run.output.record, identity.counts)


def _matching_record(line: str, counts: CarriedOverCounts) -> Record | str:
    """Return the record of a check run that was completed with these counts, or the reason."""
    record = parse(line)
    if record is None:
        return "has a record of another version of this action" if line else "has no record of its results"
    if record.counts != counts:
        return "has a record with other counts"
    return "lacks the results of an earlier run" if record.is_partial else record
