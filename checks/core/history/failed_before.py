"""Which tests failed before, and are to run first."""

from __future__ import annotations

from collections.abc import Iterable

from ..model.history import COLLECTION, Base, TestKey
from ..pytest_process.selection import nodeid_ends
from .test_key import key, stable_id


def failed_on(base: Base) -> frozenset[TestKey]:
    """Return the tests that failed on the base or its ancestor and counted, as far as the record has room for them."""
    failed = base.record.failed or {}
    return frozenset(test for stage, tests in failed.items() if stage != COLLECTION for test in tests)


def failed_with_titles(titles: Iterable[str]) -> frozenset[TestKey]:
    """Return what the titles of failures may stand for: each may be longer than the node id in it."""
    return frozenset(key(stable_id(title[:end])) for title in titles for end in nodeid_ends(title))
