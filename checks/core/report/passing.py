"""Chooses how passed tests are annotated within `max-annotations`: one notice per test or one per file."""

from __future__ import annotations

from ..model.session import Session
from ..model.settings import Passing, Settings


def decide(settings: Settings, session: Session, *, other_count: int, has_ended: bool) -> Passing | None:
    """Return how passed tests are annotated; None while it is uncertain whether one notice per test fits.

    `other_count` is the number of the other notices and warnings, which count towards `max_annotations`, too. While
    the session runs, every unfinished test may still pass.
    """
    if settings.passing is not Passing.EACH:
        return settings.passing
    notable_items = session.notable_items
    plain_count = session.total - len(notable_items)
    passed = plain_count + sum(item.passed for item in notable_items)
    if has_ended:
        return Passing.EACH if passed + other_count <= settings.max_annotations else Passing.FILE
    if session.collected is None:
        return None
    finished = plain_count + sum(item.is_finished for item in notable_items)
    max_passed = max(session.collected - finished, 0) + passed
    return Passing.EACH if max_passed + other_count <= settings.max_annotations else None
