"""Reasons for a conclusion in what pytest itself counted, by the rules of `docs/rules.md`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..model.check_run import Conclusion
from ..model.item import Outcome
from ..model.session import Session
from ..model.verdict import Remark
from ..text.amounts import pluralize
from .reason import ConclusionReason
from .titles import count_texts

#: Plugins repeat tests in different ways, and not all of them count that.
_COMPARED = frozenset(Outcome) - {Outcome.RERUN}
#: pytest counts what is quarantined as one of the others.
_FAILURES = frozenset({Outcome.FAILED, Outcome.ERROR, Outcome.QUARANTINED})


def reasons_from_pytest_counts(session: Session) -> Iterator[ConclusionReason]:
    """Yield a reason if pytest's own counts differ; if pytest counts more failures, the check does not pass."""
    if session.unreported_failures:
        text = (
            f"pytest counts {pluralize(session.unreported_failures, 'failure')} more than the results have. "
            "A plugin or a hook changed results after pytest had counted them, or results are missing."
        )
        name = f"{pluralize(session.unreported_failures, 'failure')} not reported"
        yield ConclusionReason(conclusion=Conclusion.FAILURE, name=name, remarks=(Remark(text=text),))
    elif session.pytest_counts is not None and session.pytest_counts.tally is not None and not session.lost_records:
        tally, own_counts = session.pytest_counts.tally, session.own_counts
        merged = _FAILURES if own_counts[Outcome.QUARANTINED] else frozenset()
        if _comparable(tally, merged) != _comparable(own_counts, merged):
            shown = ", ".join(count_texts(_comparable(tally)) or ["none"])
            text = f"The last line of pytest has other counts: {shown}."
            yield ConclusionReason(conclusion=Conclusion.SUCCESS, remarks=(Remark(text=text),))


def _comparable(counts: Counter[Outcome], merged: frozenset[Outcome] = frozenset()) -> Counter[Outcome]:
    """Return the counts that are compared; those of `merged` outcomes as one."""
    comparable: Counter[Outcome] = Counter()
    for outcome, number in counts.items():
        if outcome in _COMPARED and number:
            comparable[Outcome.FAILED if outcome in merged else outcome] += number
    return comparable
