"""Parse what pytest itself counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ..model.item import Outcome
from ..model.session import PytestCounts
from .bounded import integer

_SUBTESTS = "subtests "
#: Words of pytest's last line that count no results.
_OTHER_WORDS = frozenset({"", "deselected", "warnings", "subtests passed"})
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}


def pytest_counts(entry: Mapping[str, Any]) -> PytestCounts | None:
    """Return the counts of an entry ``{"failures": 1, "tally": [["failed", 1], ["", 2]]}``, None without `failures`."""
    failures = integer(entry.get("failures"))
    return None if failures is None else PytestCounts(failures=failures, tally=_tally(entry.get("tally")))


def _tally(value: object) -> Counter[Outcome] | None:
    """Return the numbers by outcome; None if one of the words is not pytest's."""
    tally: Counter[Outcome] = Counter()
    for pair in value if isinstance(value, list) else [None]:
        match pair:
            case [str(word), _] if word in _OTHER_WORDS:
                pass
            case [str(word), int(number)] if word.removeprefix(_SUBTESTS) in _OUTCOMES:
                tally[_OUTCOMES[word.removeprefix(_SUBTESTS)]] += integer(number) or 0
            case _:
                return None
    return tally
