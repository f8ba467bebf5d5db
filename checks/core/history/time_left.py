"""How long the rest of the tests will take, by how long they took on the base."""

from __future__ import annotations

from dataclasses import dataclass

from ..model.history import Record
from ..model.items import as_items
from ..model.session import Session
from .base_state import key_at_once
from .test_key import key

#: An estimate needs a base with about as many tests, files that it knows, and some time to measure the speed.
_OTHER_SHARE = 0.1
_MEASURED_SECONDS = 5.0
#: A shorter test is not looked up among the base's slowest ones: it would have to be so many times as fast.
_FASTER = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkDone:
    """What the tests have done by a time of the clock, in seconds that it took on the base."""

    at: float
    done_seconds: float
    left_seconds: float


def work_done(session: Session, base: Record, at: float) -> WorkDone | None:
    """Return what a running session has done; None if the base does not tell, because it has other tests."""
    if not _is_alike(session.collected, base):
        return None
    own = _OwnSeconds(session, base)
    if own.other > _OTHER_SHARE * own.total:
        return None
    # Tests that the base does not list run as fast as those that it lists. The second says: as fast as the base's.
    speed = (own.listed_on_base + 1.0) / (own.listed + 1.0)
    done = own.listed_on_base + own.unlisted * speed + own.running_on_base / 2
    return WorkDone(at=at, done_seconds=done, left_seconds=sum(base.file_seconds.values()) - done)


def seconds_left(first: WorkDone, now: WorkDone) -> float | None:
    """Return the time left at the speed since the `first` time that it was seen; None if that says nothing."""
    elapsed_seconds, done_seconds = now.at - first.at, now.done_seconds - first.done_seconds
    if elapsed_seconds < _MEASURED_SECONDS or done_seconds <= 0 or now.left_seconds <= 0:
        return None
    return now.left_seconds * elapsed_seconds / done_seconds


def _is_alike(collected: int | None, base: Record) -> bool:
    return collected is not None and abs(collected - base.total) <= _OTHER_SHARE * base.total


class _OwnSeconds:
    """The durations of tests that have ended: of those that the base lists, of others in its files, and of others.

    `listed_on_base` and `running_on_base` are durations on the base, the latter of tests that are running.
    """

    def __init__(self, session: Session, base: Record) -> None:
        self.listed = self.listed_on_base = self.unlisted = self.other = 0.0
        listed = base.test_seconds
        shortest_seconds = min(listed.values(), default=0.0) / _FASTER
        running = {item.nodeid for item in session.running_items}
        self.running_on_base = sum(listed.get(key_at_once(nodeid), 0.0) for nodeid in running)
        is_known: dict[str, bool] = {}
        for nodeid, seconds in as_items(session.items).names_and_seconds():
            path = nodeid.partition("::")[0]
            if path not in is_known:
                is_known[path] = key(path) in base.file_seconds
            if nodeid in running:
                continue
            if not is_known[path]:
                self.other += seconds
            elif seconds >= shortest_seconds and (base_seconds := listed.get(key_at_once(nodeid))):
                self.listed += seconds
                self.listed_on_base += base_seconds
            else:
                self.unlisted += seconds

    @property
    def total(self) -> float:
        """The durations of all tests that have ended."""
        return self.listed + self.unlisted + self.other
