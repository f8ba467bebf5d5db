"""Bases and comparisons from sessions: what a session says about another one that came before it."""

from __future__ import annotations

from dataclasses import replace

from checks.core.history.compare import Comparison, compare
from checks.core.history.make_record import record_of
from checks.core.model.history import Base, NoBase
from checks.core.model.session import Session
from checks.core.report import summary
from checks.core.rerun.previous_run import PreviousRun
from checks.core.results.causes import by_size, one_per_cause_first
from tests.support.causes import causes_of

COMMIT = "c0ffee1" + "0" * 33
PAGE = "https://github.com/octo/demo/runs/4811"
SELECTION = "5e1ec7"


def base_of(
    results: Session,
    *,
    selection: str = SELECTION,
    is_exact: bool = True,
    is_protected: bool = True,
    branch: str = "main",
    **record: object,
) -> Base:
    """Return the base with these results; `record` are attributes of its record that differ from them."""
    whole = record_of(results, PreviousRun(), selection)
    return Base(
        commit=COMMIT,
        branch=branch,
        page=PAGE,
        record=replace(whole, **record),  # type: ignore[arg-type]  # the names are those of `Record`
        text=summary.text(results),
        instead_of="" if is_exact else "the check run of main at b45e000 has no results",
        is_protected=is_protected,
    )


def compared(results: Session, base: Base | NoBase | None, *, is_trusted: bool = True) -> Comparison:
    """Return the comparison of a session with a base."""
    failures = [*one_per_cause_first(by_size(causes_of(results)))]
    record = record_of(results, PreviousRun(), SELECTION)
    return compare(results, record, base, failures, is_trusted=is_trusted)
