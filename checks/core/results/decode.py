"""Decode lines of the stream and members of a report in batches, which is faster, and redact them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from ..model.ports import Member

#: What processing a malformed line may raise.
MALFORMED = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)

#: Number of lines parsed, and of entries redacted, at once.
_LINES_PER_BATCH, _ENTRIES_PER_BATCH = 500, 40
_BATCH_CHARACTERS = 4 * 1024 * 1024
#: Number of keys of a passed stage without details.
_PLAIN_KEYS = 6


def decode_lines(lines: Iterable[bytes], clean: Callable[[Any], Any]) -> Iterator[Any]:
    """Yield an entry for each line, None for a line that is not a JSON object; `clean` redacts entries."""
    remaining_lines = iter(lines)
    while batch := [*islice(remaining_lines, _LINES_PER_BATCH)]:
        yield from _clean_entries(_parse_lines(batch), clean)


def in_batches(members: Iterable[Member], max_members: int) -> Iterator[list[Member]]:
    """Yield batches of a JSON report's members, limited in number and in characters."""
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
    """Yield (name, value) of a JSON report's members, redacted."""
    for batch in in_batches(members, _ENTRIES_PER_BATCH):
        cleaned = clean([value for _, value, _ in batch])
        yield from ((name, value) for (name, _, _), value in zip(batch, cleaned, strict=True))


def is_plain(entry: Mapping[str, Any]) -> bool:
    """Whether a stage's entry says only that it passed; such an entry cannot contain a secret."""
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
    """Restore the session's id, which is compared with the report's and never displayed."""
    return cleaned | {"id": entry.get("id", "")} if cleaned.get("event") == "session" else cleaned


def _parse_lines(lines: list[bytes]) -> list[Any]:
    try:
        entries: list[Any] = json.loads(b"[%b]" % b",".join(lines))
    except MALFORMED:
        entries = []
    return entries if len(entries) == len(lines) else [*map(parse_line, lines)]


def parse_line(line: bytes) -> Any:
    """Return the JSON object of one line, or None if it is not one."""
    if not (line.startswith(b"{") and line.endswith(b"}")):  # faster than an exception for each of a million lines
        return None
    try:
        return json.loads(line)
    except MALFORMED:
        return None
