"""Compute the keys of tests, by which earlier runs are remembered: a copy of `checks/core/history/test_key.py`.

Part of the plugin; the rules in `pytest_check_runs_child` apply, which is why this is a copy. A test compares both.
"""

from __future__ import annotations

import collections
import hashlib
import re
from typing import TYPE_CHECKING

from pytest_check_runs_stream import hidden_from_coverage

if TYPE_CHECKING:
    from collections.abc import Sequence

__file__ = hidden_from_coverage(__file__)

_KEY_BYTES = 6
_ADDRESS = (
    r"(?<= at )0x[0-9a-f]{6,16}(?![0-9A-Za-z])|(?<![0-9A-Za-z])0x(?:7[ef]|5[56]|aa|ff)[0-9a-f]{10}(?![0-9A-Za-z])"
)
_UUID = r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])"
_TIMESTAMP = r"(?<!\d)\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?(?!\d)"
_VARIABLE = re.compile("%s|%s|%s" % (_ADDRESS, _UUID, _TIMESTAMP), re.ASCII)


def keys(nodeids: Sequence[str]) -> list[int]:
    """Return the key of each test of a session, in the order given."""
    stable_ids = [_VARIABLE.sub("#", nodeid) for nodeid in nodeids]
    found = [_key(stable) for stable in stable_ids]
    numbers: collections.Counter[int] = collections.Counter()
    # Of those that share a stable id, the ones that differ come last, in the order of their full ids.
    for position in sorted(range(len(found)), key=lambda index: _variant_order(nodeids[index], stable_ids[index])):
        first = found[position]
        if numbers[first]:
            found[position] = _key("%x\n%d" % (first, numbers[first]))
        numbers[first] += 1
    return found


def _variant_order(nodeid: str, stable: str) -> tuple[bool, str]:
    return (True, nodeid) if stable != nodeid else (False, "")


def _key(stable: str) -> int:
    return int.from_bytes(hashlib.sha256(stable.encode(errors="surrogatepass")).digest()[:_KEY_BYTES], "big")
