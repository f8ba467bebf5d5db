"""The members of a JSON report -> its text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

_LISTS = frozenset({"tests", "collectors", "warnings"})


def pieces(members: Iterable[tuple[str, Any]]) -> Iterator[str]:
    """The text, piece by piece; the elements of a list follow each other."""
    before, last = "{", ""
    for key, value in members:
        text = json.dumps(value, default=str)
        if key in _LISTS and key == last:
            yield f",\n{text}"
            continue
        end = "]" if last in _LISTS else ""
        yield f"{end}{before}{json.dumps(key)}: {'[' if key in _LISTS else ''}{text}"
        before, last = ",\n", key
    yield f"{']' if last in _LISTS else ''}{'' if last else '{'}}}\n"
