"""Write and parse the record of a check run.

Sample, with base64 shortened. What had no room is absent; ``failed`` is by stage::

    <!-- pytest-check-runs record 1 {"counts":"1.940.4","total":945,"selection":"9f3c52d1a0b4","failed":{"call":"A1…"},
    "flaky":"","quarantined":"","skipped":"B2…","collected":"C3…","files":["D4…","E5…"],"tests":["F6…","G7…"]} -->

Keys have 6 bytes each and are in ascending order. Durations are milliseconds in 4 bytes each, in the order of their
keys.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Collection, Iterator, Mapping
from heapq import nlargest
from itertools import pairwise
from typing import Any

from ..github.external_id import COUNTS, format_counts, parse_counts
from ..model.history import COLLECTION, Record, TestKey
from ..model.item import StageName
from ..results.decode import MALFORMED
from .record_line import MARKER, MAX_BYTES, split
from .test_key import KEY_BYTES

SLOWEST_TESTS = 500
_VERSION = "1"
_LINE = re.compile(rf"{MARKER} {_VERSION} (\{{[ -~]*\}}) -->")
_KEY_CHARACTERS = KEY_BYTES * 4 // 3
#: A list of more keys certainly has no room.
MOST_KEYS = MAX_BYTES // _KEY_CHARACTERS
_MILLISECONDS_BYTES = 4
_LARGEST_MILLISECONDS = 256**_MILLISECONDS_BYTES - 1
#: How much a key and its duration take in base64, rounded up; four more are for padding.
_DURATION_CHARACTERS = 14
_STAGES = frozenset({COLLECTION, *map(str, StageName)})
_SELECTION = re.compile(r"[0-9a-f]{0,64}")

_Fields = dict[str, Any]


def render(record: Record, max_bytes: int = MAX_BYTES) -> str:
    """Return the record as a line of at most `max_bytes` (300 or more), without what has no room."""
    fields: _Fields = {
        "counts": format_counts(record.counts),
        "total": record.total,
        "selection": record.selection,
        **({"partial": True} if record.is_partial else {}),
    }
    for part in _parts(record, max_bytes // _KEY_CHARACTERS):
        if len(_line(fields | part)) <= max_bytes:
            fields |= part
    for name, seconds, limit in (
        ("files", record.file_seconds, len(record.file_seconds)),
        ("tests", record.test_seconds, SLOWEST_TESTS),
    ):
        remaining_bytes = max_bytes - len(_line({**fields, name: ["", ""]}))
        if columns := _slowest(seconds, min(limit, (remaining_bytes - 4) // _DURATION_CHARACTERS)):
            fields[name] = columns
    return _line(fields)


def parse(text: str) -> Record | None:
    """Return the record in the last line of a text; None if it is malformed, of another version or absent."""
    match = _LINE.fullmatch(split(text)[1])
    if match is None:
        return None
    try:
        return _record(json.loads(match[1]))
    except MALFORMED:
        return None


def _line(fields: _Fields) -> str:
    return " ".join((MARKER, _VERSION, json.dumps(fields, separators=(",", ":")), "-->"))


def _parts(record: Record, max_keys: int) -> Iterator[_Fields]:
    """Yield what may have room, the most important first. Each part is written whole or not at all.

    What is known of a failing test includes whether it is flaky or quarantined.
    """
    failed = record.failed
    if failed is not None and sum(map(len, [*failed.values(), record.flaky, record.quarantined])) <= max_keys:
        yield {
            "failed": {stage: _encode(keys) for stage, keys in sorted(failed.items()) if keys},
            "flaky": _encode(record.flaky),
            "quarantined": _encode(record.quarantined),
        }
    for name, keys in (("skipped", record.skipped), ("collected", record.collected)):
        if keys is not None and len(keys) <= max_keys:
            yield {name: _encode(keys)}


def _encode(keys: Collection[TestKey]) -> str:
    return b64encode(b"".join(key.to_bytes(KEY_BYTES) for key in sorted(keys))).decode()


def _slowest(seconds: Mapping[TestKey, float], limit: int) -> list[str]:
    """Return the keys and the durations of the slowest ones; empty if there are none."""
    durations = ((min(round(value * 1000), _LARGEST_MILLISECONDS), key) for key, value in seconds.items())
    slowest = {key: milliseconds for milliseconds, key in nlargest(limit, durations) if milliseconds > 0}
    if not slowest:
        return []
    values = b"".join(slowest[key].to_bytes(_MILLISECONDS_BYTES) for key in sorted(slowest))
    return [_encode(slowest), b64encode(values).decode()]


def _record(fields: _Fields) -> Record:
    """Return the record with these fields, of which others are ignored. Raises one of `MALFORMED`."""
    total, selection, counts = fields["total"], fields["selection"], fields["counts"]
    if type(total) is not int or total < 0 or not _SELECTION.fullmatch(selection) or not COUNTS.fullmatch(counts):
        raise ValueError("not a record")
    failed = fields.get("failed")
    collected = _optional_keys(fields, "collected")
    if collected is not None and len(collected) != total:
        raise ValueError("another number of tests")
    return Record(
        counts=parse_counts(counts),
        is_partial=fields.get("partial", False) is not False,
        selection=selection,
        total=total,
        failed=None if failed is None else {_stage(stage): _decode(keys) for stage, keys in failed.items()},
        skipped=_optional_keys(fields, "skipped"),
        flaky=frozenset() if failed is None else _decode(fields["flaky"]),
        quarantined=frozenset() if failed is None else _decode(fields["quarantined"]),
        collected=collected,
        file_seconds=_durations(fields.get("files", ["", ""])),
        test_seconds=_durations(fields.get("tests", ["", ""])),
    )


def _stage(name: str) -> str:
    if name not in _STAGES:
        raise ValueError("not a stage")
    return name


def _optional_keys(fields: _Fields, name: str) -> frozenset[TestKey] | None:
    return _decode(fields[name]) if name in fields else None


def _decode(encoded: str) -> frozenset[TestKey]:
    return frozenset(_ascending_keys(encoded))


def _ascending_keys(encoded: str) -> list[TestKey]:
    keys = _integers(encoded, KEY_BYTES)
    if any(first >= second for first, second in pairwise(keys)):
        raise ValueError("not in ascending order")
    return keys


def _durations(columns: list[str]) -> dict[TestKey, float]:
    keys, milliseconds = columns
    values = [value / 1000 for value in _integers(milliseconds, _MILLISECONDS_BYTES)]
    return dict(zip(_ascending_keys(keys), values, strict=True))


def _integers(encoded: str, size: int) -> list[int]:
    data = b64decode(encoded, validate=True)
    if len(data) % size:
        raise ValueError("not a whole number of integers")
    return [int.from_bytes(data[start : start + size]) for start in range(0, len(data), size)]
