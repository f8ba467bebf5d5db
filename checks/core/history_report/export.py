"""Every result as JSON Lines, to be kept for longer than GitHub keeps check runs."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..history.past_results import PastOutcome, keys_in, results_of
from .found import Found, hexadecimal, result_members

_NO_RESULT = (PastOutcome.NOT_COLLECTED, PastOutcome.UNKNOWN)


def lines(found: Found) -> Iterator[bytes]:
    """Yield an object for each result of a test in a run, as far as the records say what the test did."""
    for key in sorted(keys_in(found.look_back)):
        test = {"check": found.check, "test": found.names.get(key), "key": hexadecimal(key)}
        for result in results_of(found.look_back, key, is_module=key in found.modules):
            if result.outcome not in _NO_RESULT:
                yield json.dumps({**test, **result_members(result)}).encode() + b"\n"
