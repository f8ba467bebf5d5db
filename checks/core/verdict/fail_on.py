"""Whether failing tests fail the check, by the input `fail-on`. Nothing else depends on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..history.base_state import name_of
from ..history.compare import Comparison
from ..history.test_key import keys
from ..model.check_run import Conclusion
from ..model.history import Base, BaseState
from ..model.item import Item, StageName
from ..model.session import Session
from ..model.settings import FailOn
from ..model.verdict import Remark
from ..text.truncate import truncate_lines
from .reason import ConclusionReason
from .titles import pluralize

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
    is_forgiven = _forgives_new(comparison) if fail_on is FailOn.NEW else _survived
    counted = [item.nodeid for item in session.failed_items if not is_forgiven(item)]
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
        f"{name} is an ancestor of the commit that the tested code was built on": not base.is_exact,
        f"{name} is neither on the default branch nor on the branch that `compare` names": not base.is_protected,
        f"the check run of {name} does not list all of its failing tests": record.is_partial or record.failed is None,
        "some results could not be read": session.lost_records > 0,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _all_count(fail_on: FailOn, why: str) -> ConclusionReason:
    remark = Remark(text=f"Every failing test counts in spite of `fail-on: {fail_on}`, because {why}.")
    return ConclusionReason(conclusion=Conclusion.FAILURE, remarks=(remark,))


def _forgives_new(comparison: Comparison | None) -> Callable[[Item], bool]:
    """Return a function that says whether the base has all failures of a test, in the same stages."""

    def is_forgiven(item: Item) -> bool:
        base = None if comparison is None else comparison.exact_base
        if base is None or comparison is None or comparison.states.get(item.nodeid) is not BaseState.FAILING:
            return False
        return _survived(item) and _fails_alike(item, base)

    return is_forgiven


def _fails_alike(item: Item, base: Base) -> bool:
    record, (own_key, other_key) = base.record, keys([item.nodeid] * 2)
    is_ambiguous = other_key in (record.collected or ())
    if is_ambiguous or own_key in record.flaky or own_key in record.quarantined:
        return False
    failing = record.failed or {}
    return all(own_key in failing.get(stage.name, ()) for stage in item.stages if stage.outcome.is_failure)


def _survived(item: Item) -> bool:
    """Whether the process of a test did not die; that always counts."""
    return all(stage.name is not StageName.CRASHED for stage in item.stages)


def _forgiven(session: Session, fail_on: FailOn, comparison: Comparison | None) -> Remark:
    tests = pluralize(len(session.failed_items), "failing test")
    base = None if comparison is None else comparison.exact_base
    same = f", because the base {name_of(base)} has the same failures" if fail_on is FailOn.NEW and base else ""
    return Remark(text=f"{tests} forgiven by `fail-on: {fail_on}`{same}.")


def _counted(session: Session, counted: Sequence[str], fail_on: FailOn, comparison: Comparison | None) -> Remark:
    number = f"{len(counted):,} of {len(session.failed_items):,}"
    base = None if comparison is None else comparison.exact_base
    if fail_on is FailOn.NONE or base is None:
        why = "Their process died:"
    else:
        why = (
            f"The base {name_of(base)} does not have their failures in the same stage, or they are flaky or "
            "quarantined there, or several tests have their ID, or their process died:"
        )
    text = f"Failing tests that count with `fail-on: {fail_on}`: {number}. {why}"
    return Remark(text=text, quoted=truncate_lines(counted, _NODEIDS_NAMED))
