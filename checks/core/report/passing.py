"""How passed tests are told: each by a notice, or one notice a file, so that the user's bound holds."""

from __future__ import annotations

from ..model.session import Session
from ..model.settings import Passing, Settings


def decide(settings: Settings, session: Session, *, others: int, has_ended: bool) -> Passing | None:
    """The way that is certain by now; None while a notice for each passed test may yet be too many.

    `others` is how many notices and warnings there are beside those of passed tests; together they must
    keep to `max_annotations`. While the session runs, every test that has not yet done otherwise may pass.
    """
    if settings.passing is not Passing.EACH:
        return settings.passing
    special = session.notable_items
    plain = session.total - len(special)
    passed = plain + sum(item.passed for item in special)
    if has_ended:
        return Passing.EACH if passed + others <= settings.max_annotations else Passing.FILE
    if session.collected is None:
        return None
    done = plain + sum(item.is_finished for item in special)
    at_most = max(session.collected - done, 0) + passed
    return Passing.EACH if at_most + others <= settings.max_annotations else None
