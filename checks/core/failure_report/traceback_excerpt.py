"""Choose the parts of a traceback that explain a failure where there is no room for all."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..text.truncate import truncate_characters

#: The first line of an entry: ``src/cart.py:12: in total``.
_ENTRY = re.compile(r"^(?=\S.*:\d+: in )", re.MULTILINE)
_GAP = "…\n"
_LEAST_BYTES = 120
_LINE_CHARACTERS = 200


def excerpt(traceback: str, place: str, limit_bytes: int) -> str:
    """Return at most so many bytes: the raising entry, that of the `place` (``path:line``), then the last others.

    Empty if the limit is too low for anything useful.
    """
    if _size(traceback) <= limit_bytes:
        return traceback
    if limit_bytes < _LEAST_BYTES:
        return ""
    entries = [entry for entry in _ENTRY.split(traceback) if entry]
    last = len(entries) - 1
    chosen = {last} if entries else set()
    by_importance = [n for n in range(last, -1, -1) if entries[n].startswith(f"{place}: ")] + [*range(last, -1, -1)]
    for number in by_importance:
        if _size(_joined(entries, chosen | {number})) <= limit_bytes:
            chosen.add(number)
    return _shortened(_joined(entries, chosen), limit_bytes)


def _joined(entries: Sequence[str], chosen: set[int]) -> str:
    """Return the chosen entries, with a mark for each gap."""
    parts: list[str] = []
    for number in sorted(chosen):
        if number and number - 1 not in chosen:
            parts.append(_GAP)
        parts.append(entries[number])
    return "".join(parts)


def _shortened(text: str, limit_bytes: int) -> str:
    """Return the first and the last lines of the text, long ones truncated."""
    if _size(text) <= limit_bytes:
        return text
    lines = [truncate_characters(line, _LINE_CHARACTERS) for line in text.splitlines()]
    remaining_bytes = limit_bytes - _size(_GAP)
    head, tail = list[str](), list[str]()
    while lines and (remaining_bytes := remaining_bytes - _size(lines[-1]) - 1) >= 0:
        tail.insert(0, lines.pop())
        if lines and (remaining_bytes := remaining_bytes - _size(lines[0]) - 1) >= 0:
            head.append(lines.pop(0))
    return "\n".join([*head, *([_GAP.strip()] if lines else []), *tail])


def _size(text: str) -> int:
    return len(text.encode(errors="replace"))
