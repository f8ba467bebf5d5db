"""Whether failing tests fail the check, by the input `fail-on`. Nothing else depends on it."""

from __future__ import annotations

from collections.abc import Sequence

from ..history.base_state import name_of
from ..history.compare import Comparison
from ..history.test_key import key, stable_id
from ..model.check_run import Conclusion
from ..model.history import Base, BaseState, Record
from ..model.item import Item, StageName
from ..model.session import Session
from ..model.settings import FailOn
from ..model.verdict import Remark
from ..text.amounts import pluralize
from ..text.truncate import truncate_lines
from .reason import ConclusionReason

#: The list of new failures has more.
_NODEIDS_NAMED = 5
_OTHER_REASONS = "this run has other problems than failing tests"


def reason_from_failures(
    session: Session, fail_on: FailOn, comparison: Comparison | None, *, is_all: bool
) -> ConclusionReason:
    """Return the reason of a session with failing tests.

    `is_all`: whether they are all that went wrong, as far as the other reasons say.
    """
    match fail_on:
        case FailOn.ANY:
            return ConclusionReason(conclusion=Conclusion.FAILURE)
        case FailOn.NEW if why := _why_all_count(session, comparison):
            return _all_count(fail_on, why)
    if not is_all:
        return _all_count(fail_on, _OTHER_REASONS)
    counted = [
        f"{item.nodeid}  ({why})" for item in session.failed_items if (why := _why_counted(item, fail_on, comparison))
    ]
    if not counted:
        return ConclusionReason(conclusion=Conclusion.NEUTRAL, remarks=(_forgiven(session, fail_on, comparison),))
    return ConclusionReason(conclusion=Conclusion.FAILURE, remarks=(_counted(session, counted, fail_on, comparison),))


def _why_all_count(session: Session, comparison: Comparison | None) -> str:
    """Return why no failure can be compared with the base, as half a sentence; empty if all can."""
    if comparison is None:
        return "this run is not compared with a base"
    base = comparison.base
    if not isinstance(base, Base):
        return "the base was not found in time" if base is None else base.reason
    name, record = name_of(base), base.record
    reasons = {
        "with `github-token`, every workflow of the repository can write the checks that it would rely on": (
            not comparison.is_trusted
        ),
        base.instead_of: not base.is_exact,
        f"the check run of {name} belongs neither to the default branch nor to the branch that `compare` names": (
            not base.is_protected
        ),
        f"the check run of {name} does not list all of its failing tests": record.is_partial or record.failed is None,
        "some results could not be read": session.lost_records > 0,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _all_count(fail_on: FailOn, why: str) -> ConclusionReason:
    remark = Remark(text=f"Every failing test counts in spite of `fail-on: {fail_on}`, because {why}.")
    return ConclusionReason(conclusion=Conclusion.FAILURE, remarks=(remark,))


def _why_counted(item: Item, fail_on: FailOn, comparison: Comparison | None) -> str:
    """Return why a failing test counts; empty if it is forgiven: with `new`, if the base has all of its failures."""
    if any(stage.name is StageName.CRASHED for stage in item.stages):
        return "its process died"
    base = None if comparison is None else comparison.exact_base
    if fail_on is FailOn.NONE:
        return ""
    if comparison is None or base is None:
        return "not compared"
    match comparison.states.get(item.nodeid):
        case BaseState.FAILING:
            return _why_unlike(item, base.record)
        case None:
            return "not compared: several tests may have that ID"
        case state:
            return "flaky on the base" if state is BaseState.FLAKY else "new"


def _why_unlike(item: Item, record: Record) -> str:
    """Return how a test that fails on the base fails otherwise there; empty if it has the same failures."""
    own_key = key(stable_id(item.nodeid))
    if own_key in record.flaky:
        return "flaky on the base"
    if own_key in record.quarantined:
        return "quarantined on the base"
    failing = record.failed or {}
    is_alike = all(own_key in failing.get(stage.name, ()) for stage in item.stages if stage.outcome.is_failure)
    return "" if is_alike else "fails in another stage on the base"


def _forgiven(session: Session, fail_on: FailOn, comparison: Comparison | None) -> Remark:
    tests = pluralize(len(session.failed_items), "failing test")
    base = None if comparison is None else comparison.exact_base
    same = f", because the base {name_of(base)} has the same failures" if fail_on is FailOn.NEW and base else ""
    return Remark(text=f"{tests} forgiven by `fail-on: {fail_on}`{same}.")


def _counted(session: Session, counted: Sequence[str], fail_on: FailOn, comparison: Comparison | None) -> Remark:
    number = f"{len(counted):,} of {len(session.failed_items):,}"
    base = None if comparison is None else comparison.exact_base
    compared = f", compared with the base {name_of(base)}" if fail_on is FailOn.NEW and base else ""
    text = f"Failing tests that count with `fail-on: {fail_on}`: {number}{compared}."
    return Remark(text=text, quoted=truncate_lines(counted, _NODEIDS_NAMED))
