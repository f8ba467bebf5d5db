"""How passed tests are told: each by a notice, or one notice a file, so that the user's bound holds."""

from __future__ import annotations

from ..model.session import Session
from ..model.settings import Passing, Settings


def decide(settings: Settings, session: Session, *, other_count: int, has_ended: bool) -> Passing | None:
    """The way that is certain by now; None while a notice for each passed test may yet be too many.

    `other_count` is how many notices and warnings there are beside those of passed tests; together they must
    keep to `max_annotations`. While the session runs, every test that has not yet done otherwise may pass.
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
