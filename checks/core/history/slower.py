"""Which tests take much longer than on the base."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..model.history import Record
from .base_state import key_at_once

#: A test is slower if it takes so many times as long, and so much longer. Less is noise.
_TIMES, _SECONDS = 2.0, 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowerTest:
    """A test with its durations. If the base does not list it among its slowest, it took at most `base_seconds`."""

    nodeid: str
    seconds: float
    base_seconds: float
    is_at_most: bool = False


def slower_tests(durations: Iterable[tuple[str, float]], base: Record) -> tuple[SlowerTest, ...]:
    """Return those of the tests that are slower than on the base, where they passed, by how much they are slower."""
    found = _slower(durations, base) if base.test_seconds else ()
    return tuple(sorted(found, key=lambda test: test.base_seconds - test.seconds))


def _slower(durations: Iterable[tuple[str, float]], base: Record) -> Iterator[SlowerTest]:
    most_of_others = min(base.test_seconds.values())
    not_passed = frozenset().union(*(base.failed or {}).values(), base.skipped or (), base.quarantined)
    others = (base.collected or frozenset()) if base.skipped is not None else frozenset()
    for nodeid, seconds in durations:
        if seconds < _SECONDS or not (key := key_at_once(nodeid)) or key in not_passed:
            continue
        listed = base.test_seconds.get(key)
        if listed is None and key not in others:
            continue
        before = most_of_others if listed is None else listed
        if seconds >= _TIMES * before and seconds - before >= _SECONDS:
            yield SlowerTest(nodeid=nodeid, seconds=seconds, base_seconds=before, is_at_most=listed is None)
