"""Lines of the tests' process, members of a report -> what they hold without secrets, many at once: that is faster."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from ..model.ports import Member

#: What taking a line that is none of ours may raise.
MALFORMED = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)

#: So many lines are parsed, and so many entries cleaned, in one go.
_LINES_PER_BATCH, _ENTRIES_PER_BATCH = 500, 40
_BATCH_CHARACTERS = 4 * 1024 * 1024
#: Of a stage that passed, with nothing more to say of it.
_PLAIN_KEYS = 6


def decode_lines(lines: Iterable[bytes], clean: Callable[[Any], Any]) -> Iterator[Any]:
    """An entry for each line, None for one that is no JSON object; `clean` takes secrets out of what may have any."""
    remaining_lines = iter(lines)
    while batch := [*islice(remaining_lines, _LINES_PER_BATCH)]:
        yield from _clean_entries(_parse_lines(batch), clean)


def in_batches(members: Iterable[Member], max_members: int) -> Iterator[list[Member]]:
    """Yield the members of a JSON report, at most so many at once and no more than memory has room for."""
    batch: list[Member] = []
    characters = 0
    for member in members:
        batch.append(member)
        characters += len(member[2])
        if len(batch) == max_members or characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def clean_members(members: Iterable[Member], clean: Callable[[Any], Any]) -> Iterator[tuple[str, Any]]:
    """(name, value) of the members of a JSON report, without secrets."""
    for batch in in_batches(members, _ENTRIES_PER_BATCH):
        cleaned = clean([value for _, value, _ in batch])
        yield from ((name, value) for (name, _, _), value in zip(batch, cleaned, strict=True))


def is_plain(entry: Mapping[str, Any]) -> bool:
    """Whether it says of a stage that it passed, and no more; there is no room for a secret in it."""
    return len(entry) == _PLAIN_KEYS and entry.get("event") == "stage" and entry.get("outcome") == "passed"


def _clean_entries(entries: list[Any], clean: Callable[[Any], Any]) -> list[Any]:
    entries = [entry if type(entry) is dict else None for entry in entries]
    indexes = [index for index, entry in enumerate(entries) if entry is not None and not is_plain(entry)]
    for start in range(0, len(indexes), _ENTRIES_PER_BATCH):
        batch = indexes[start : start + _ENTRIES_PER_BATCH]
        for index, cleaned in zip(batch, clean([entries[index] for index in batch]), strict=True):
            entries[index] = _with_session_id(cleaned, entries[index])
    return entries


def _with_session_id(cleaned: Any, entry: Any) -> Any:
    """The session's id is compared with the report's and shown to nobody."""
    return cleaned | {"id": entry.get("id", "")} if cleaned.get("event") == "session" else cleaned


def _parse_lines(lines: list[bytes]) -> list[Any]:
    try:
        entries: list[Any] = json.loads(b"[%b]" % b",".join(lines))
    except MALFORMED:
        entries = []
    return entries if len(entries) == len(lines) else [*map(parse_line, lines)]


def parse_line(line: bytes) -> Any:
    """Return what one line says, None where it is no JSON object."""
    if not (line.startswith(b"{") and line.endswith(b"}")):  # to raise for each of a million takes seconds
        return None
    try:
        return json.loads(line)
    except MALFORMED:
        return None
