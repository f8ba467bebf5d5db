"""The key of a test, by which later runs find it again."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256

from ..model.history import TestKey

#: The size of a key.
KEY_BYTES = 6
#: Addresses as Python shows them (``at 0x…``), or of 12 digits where Linux puts heap and libraries on amd64 and arm64.
_ADDRESS = (
    r"(?<= at )0x[0-9a-f]{6,16}(?![0-9A-Za-z])|(?<![0-9A-Za-z])0x(?:7[ef]|5[56]|aa|ff)[0-9a-f]{10}(?![0-9A-Za-z])"
)
#: Without its hyphens a UUID could be any digest.
_UUID = r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])"
_TIMESTAMP = r"(?<!\d)\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?(?!\d)"
_VARIABLE = re.compile(f"{_ADDRESS}|{_UUID}|{_TIMESTAMP}", re.ASCII)
#: A part of each that is quick to look for: most ids have none.
_HINT = re.compile(r"0x[0-9a-f]{6}|-(?:[0-9A-Fa-f]{4}-|\d\d-\d\d[T ])", re.ASCII)
_PLACEHOLDER = "#"
_PARTS = 64


def stable_id(nodeid: str) -> str:
    """Return the node id with ``#`` for each memory address, UUID and timestamp, which differ from run to run."""
    return _VARIABLE.sub(_PLACEHOLDER, nodeid) if _HINT.search(nodeid) else nodeid


def key(stable: str) -> TestKey:
    """Return the key of a stable id."""
    return int.from_bytes(sha256(stable.encode(errors="surrogatepass")).digest()[:KEY_BYTES])


def variant_key(first: TestKey, variant: int) -> TestKey:
    """Return the key of another test with the stable id whose key is `first`; `variant` counts them from 1."""
    return key(f"{first:x}\n{variant}")


def keys(nodeids: Iterable[str]) -> Sequence[TestKey]:
    """Return the key of each test of a session, in the order given.

    Those that share a stable id are variants in the order of their full ids, so that their number counts.
    """
    found = array("Q")  # a sixth of the memory of a list
    variable: list[tuple[str, int]] = []
    for position, nodeid in enumerate(nodeids):
        stable = stable_id(nodeid)
        found.append(key(stable))
        if stable != nodeid:
            variable.append((nodeid, position))
    if _has_duplicates(found):
        _number_variants(found, [position for _, position in sorted(variable)])
    return found


def _has_duplicates(found: array[TestKey]) -> bool:
    """Whether a key occurs twice; in parts, since a set of all would take 80 bytes for each."""
    parts = [array("Q") for _ in range(_PARTS)]
    for test_key in found:
        parts[test_key % _PARTS].append(test_key)
    return any(len(set(part)) < len(part) for part in parts)


def _number_variants(found: array[TestKey], last: Sequence[int]) -> None:
    """Replace keys that occur several times by those of variants; the positions in `last` are numbered after others."""
    others = sorted({*range(len(found))}.difference(last))  # copies of one test, whose order does not matter
    numbers: Counter[TestKey] = Counter()
    for position in (*others, *last):
        first = found[position]
        if numbers[first]:
            found[position] = variant_key(first, numbers[first])
        numbers[first] += 1
