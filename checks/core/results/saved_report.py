"""The members of a JSON report -> its text, without secrets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..model.ports import Member
from .decode import in_batches

_LISTS = frozenset({"tests", "collectors", "warnings"})
#: So many members are cleaned in one go, for most have no secret.
_AT_ONCE = 40


def pieces(members: Iterable[Member], clean: Callable[[Any], Any]) -> Iterator[str]:
    """The text, piece by piece; the elements of a list follow each other.

    `clean` takes the secrets out; what has none keeps the text that it had.
    """
    before, last = "{", ""
    for name, text in _cleaned(members, clean):
        if name in _LISTS and name == last:
            yield f",\n{text}"
            continue
        end = "]" if last in _LISTS else ""
        yield f"{end}{before}{json.dumps(name)}: {'[' if name in _LISTS else ''}{text}"
        before, last = ",\n", name
    yield f"{']' if last in _LISTS else ''}{'' if last else '{'}}}\n"


def _cleaned(members: Iterable[Member], clean: Callable[[Any], Any]) -> Iterator[tuple[str, str]]:
    """(name, text) of each member."""
    whole = ((name, value, text or _text(value)) for name, value, text in members)
    for some in in_batches(whole, _AT_ONCE):
        values = [value for _, value, _ in some]
        for (name, value, text), cleaned in zip(some, clean(values), strict=True):
            yield name, text if text and cleaned is value else json.dumps(cleaned, default=str)


def _text(value: Any) -> str:
    """The value's text; empty where it is too deep, which `clean` mends."""
    try:
        return json.dumps(value, default=str)
    except RecursionError:
        return ""
