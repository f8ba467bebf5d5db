"""Chooses how passed tests are annotated within `max-annotations`: one notice per test, one per file, or none."""

from __future__ import annotations

from math import inf

from ..model.items import as_items
from ..model.session import Session
from ..model.settings import Passing, Settings


def decide(settings: Settings, session: Session, *, other_count: int, has_ended: bool) -> Passing | None:
    """Return how passed tests are annotated; None while it is uncertain whether one notice per test fits.

    `other_count` is the number of the other notices and warnings, which count towards `max_annotations`, too. While
    the session runs, every unfinished test may still pass.
    """
    if settings.passing is Passing.NONE:
        return Passing.NONE
    max_notices = max(settings.max_annotations - other_count, 0)
    if settings.passing is Passing.EACH and _max_passed(session, has_ended=has_ended) <= max_notices:
        return Passing.EACH
    if not has_ended:
        return None
    return Passing.FILE if len(as_items(session.items).passed_by_path()) <= max_notices else Passing.NONE


def _max_passed(session: Session, *, has_ended: bool) -> float:
    """Return how many tests will have passed at most."""
    notable_items = session.notable_items
    plain_count = session.total - len(notable_items)
    passed = plain_count + sum(item.passed for item in notable_items)
    if has_ended:
        return passed
    if session.collected is None:
        return inf
    finished = plain_count + sum(item.is_finished for item in notable_items)
    return max(session.collected - finished, 0) + passed
