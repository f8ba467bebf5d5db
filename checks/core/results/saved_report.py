"""Write the members of a JSON report as redacted text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..model.ports import Member
from .decode import in_batches

_LISTS = frozenset({"tests", "collectors", "warnings"})
#: Number of members redacted at once, since most have no secret.
_MEMBERS_PER_BATCH = 40


def pieces(members: Iterable[Member], clean: Callable[[Any], Any]) -> Iterator[str]:
    """Yield the report's text in pieces; the elements of one list must follow each other.

    `clean` redacts. A member without secrets keeps its original text.
    """
    separator, previous_name = "{", ""
    for name, text in _cleaned_texts(members, clean):
        if name in _LISTS and name == previous_name:
            yield f",\n{text}"
            continue
        closing = "]" if previous_name in _LISTS else ""
        yield f"{closing}{separator}{json.dumps(name)}: {'[' if name in _LISTS else ''}{text}"
        separator, previous_name = ",\n", name
    yield f"{']' if previous_name in _LISTS else ''}{'' if previous_name else '{'}}}\n"


def _cleaned_texts(members: Iterable[Member], clean: Callable[[Any], Any]) -> Iterator[tuple[str, str]]:
    """Yield (name, text) of each member."""
    members_with_text = ((name, value, text or _json_text(value)) for name, value, text in members)
    for batch in in_batches(members_with_text, _MEMBERS_PER_BATCH):
        values = [value for _, value, _ in batch]
        for (name, value, text), cleaned in zip(batch, clean(values), strict=True):
            yield name, text if text and cleaned is value else json.dumps(cleaned, default=str)


def _json_text(value: Any) -> str:
    """Return the value as JSON; an empty string if it is nested too deeply, which `clean` fixes."""
    try:
        return json.dumps(value, default=str)
    except RecursionError:
        return ""
