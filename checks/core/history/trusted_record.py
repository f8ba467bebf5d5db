"""Which check runs have a record that is believed."""

from __future__ import annotations

from ..model.check_run import RemoteCheckRun, Status
from ..model.history import Record
from ..model.identity import RunKind
from ..model.session import CarriedOverCounts
from .record_text import parse

#: Why a check run of another kind than COMPLETE has no record that is believed.
_REASONS = {
    RunKind.FORK: "it has the results of a fork",
    RunKind.PUBLISHED: "it has published results",
    RunKind.REPUBLISHED: "it only repeats a verdict",
}


def record_of_run(run: RemoteCheckRun) -> Record | str:
    """Return the record of a check run; else why it has none that is believed, as half a sentence."""
    identity = run.identity
    if run.status is not Status.COMPLETED:
        return "it is not completed"
    if identity is None:
        return "this action did not create it"
    if identity.kind is not RunKind.COMPLETE:
        return _REASONS.get(identity.kind, "its results are incomplete")
    return _matching_record(run.output.record, identity.counts)


def _matching_record(line: str, counts: CarriedOverCounts) -> Record | str:
    """Return the record of a check run that was completed with these counts, or the reason."""
    record = parse(line)
    if record is None:
        return "another version of this action wrote its record" if line else "it has no record of its results"
    if record.counts != counts:
        return "its record has other counts"
    return "its record lacks the results of an earlier run" if record.is_partial else record
