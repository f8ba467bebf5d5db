"""Group failures by cause, so that a reader sees how many problems there are.

Two failures share a cause if they have the same exception type, the same last place in the repository, and the same
message apart from values (see `core.text.variable_parts`). Two kinds of failures have no place that could tell causes
apart, so their quoted values count instead:

- What was not raised in the repository, such as a missing fixture.
- A module that cannot be imported breaks everything that imports it, each at its own line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..model.item import Details, Item, Location, Outcome, Stage
from ..model.session import Collector, Session
from ..text.variable_parts import without_numbers, without_values
from .stream import Finding, News

#: A path relative to the repository's root, and a 1-based line.
Place = tuple[str, int]

_MESSAGE_CHARACTERS = 1_000
#: What pytest says of a test whose subtests failed.
_SUBTESTS_FAILED = re.compile(r"contains \d+ failed subtests?")
_IMPORT_ERRORS = ("ImportError:", "ModuleNotFoundError:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A failed stage or subtest of a test, or (`item` and `stage` None) a collector that failed."""

    nodeid: str
    title: str
    details: Details
    item: Item | None = None
    stage: Stage | None = None
    owners: tuple[str, ...] = ()

    @property
    def own_locations(self) -> tuple[Location, ...]:
        """The locations of the test or the module itself."""
        return (Location(path=self.nodeid, line=1),) if self.item is None else self.item.own_locations

    @classmethod
    def of_stage(cls, item: Item, stage: Stage) -> Failure:
        """Return the failure of a stage that failed."""
        title, details = item.title(stage), stage.details or Details()
        return cls(nodeid=item.nodeid, title=title, details=details, item=item, stage=stage)

    @classmethod
    def of_collector(cls, collector: Collector) -> Failure:
        """Return the failure of a collector that failed."""
        return cls(nodeid=collector.nodeid, title=collector.title, details=collector.details)

    @property
    def news(self) -> News:
        """What was annotated."""
        if self.item is None or self.stage is None:
            return Collector(nodeid=self.nodeid, outcome=Outcome.ERROR, details=self.details)
        return Finding(item=self.item, stage=self.stage)


PlaceOf = Callable[[Sequence[Location]], Place | None]
FindOwners = Callable[[Failure, Place | None], tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Failures with one cause, in order.

    `place` is where all of them were raised; None if they were raised outside the repository or at several places.
    """

    number: int
    place: Place | None
    failures: tuple[Failure, ...]

    @property
    def first(self) -> Failure:
        """The failure that stands for all of them."""
        return self.failures[0]

    @property
    def nodeids(self) -> tuple[str, ...]:
        """The tests and modules that failed, each once."""
        return tuple(dict.fromkeys(failure.nodeid for failure in self.failures))

    @property
    def owners(self) -> tuple[str, ...]:
        """The owners of the failures, each once."""
        return tuple(dict.fromkeys(owner for failure in self.failures for owner in failure.owners))


class CauseNumbers:
    """Numbers causes in the order of their first failure. A cause keeps its number."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, Place | None], int] = {}
        self._known: dict[tuple[str, Place | None], int] = {}  # by whole messages, whose values take long to find
        self._places: dict[tuple[Location, ...], Place | None] = {}
        self._same: dict[Place, Place] = {}  # one object for each, since many failures are raised at the same place
        self._subtests: dict[str, int] = {}  # the last cause of a failed subtest, by node id

    def number(self, failure: Failure, place: Place | None) -> int:
        """Return the number of a failure's cause; `place` is where the failure was raised in the repository."""
        if place is not None:
            place = self._same.setdefault(place, place)
        self._places[failure.details.locations] = place
        if failure.nodeid in self._subtests and _SUBTESTS_FAILED.fullmatch(failure.details.message):
            return self._subtests[failure.nodeid]
        whole = failure.details.message, place
        number = self._known.get(whole)
        if number is None:
            number = self._numbers.setdefault(cause_key(failure, place), len(self._numbers) + 1)
            self._known[whole] = number
        if failure.stage is not None and failure.stage.subtest is not None:
            self._subtests[failure.nodeid] = number
        return number

    def place(self, failure: Failure, find: PlaceOf) -> Place | None:
        """Return where the failure was raised: the place that is known from its number, or what `find` returns."""
        locations = failure.details.locations
        return self._places[locations] if locations in self._places else find(locations)


def failures(session: Session) -> Iterator[Failure]:
    """Yield the failures of a session: those of the collection, then those of tests in the order they started.

    A test that failed only because of its subtests is not among them, since each of these is.
    """
    for collector in session.unique_collectors:
        if collector.outcome.is_failure:
            yield Failure.of_collector(collector)
    for item in session.notable_items:
        for stage in item.stages:
            if stage.outcome.is_failure and not _only_counts_subtests(item, stage):
                yield Failure.of_stage(item, stage)


def _only_counts_subtests(item: Item, stage: Stage) -> bool:
    """Whether the stage says nothing but how many of its subtests failed."""
    message = stage.details.message if stage.details else ""
    return bool(_SUBTESTS_FAILED.fullmatch(message)) and any(
        other.subtest is not None and other.outcome.is_failure for other in item.stages
    )


def causes(session: Session, numbers: CauseNumbers, find_place: PlaceOf, find_owners: FindOwners) -> tuple[Cause, ...]:
    """Return the causes of a session's failures, by number.

    For `find_place` see `CauseNumbers.place`. `find_owners` returns the owners of a failure raised at a place.
    """
    groups: dict[int, list[tuple[Failure, Place | None]]] = {}
    for failure in failures(session):
        place = numbers.place(failure, find_place)
        owners = find_owners(failure, place)
        owned = replace(failure, owners=owners) if owners else failure
        groups.setdefault(numbers.number(failure, place), []).append((owned, place))
    return tuple(
        Cause(number=number, place=_common([place for _, place in group]), failures=tuple(one for one, _ in group))
        for number, group in sorted(groups.items())
    )


def by_size(found: Iterable[Cause]) -> list[Cause]:
    """Return the causes with the most failed tests first, those of one size by number."""
    return sorted(found, key=lambda cause: (-len(cause.nodeids), cause.number))


def one_per_cause_first(found: Sequence[Cause]) -> Iterator[Failure]:
    """Yield all failures: the first of each cause, then the others of each."""
    for cause in found:
        yield cause.first
    for cause in found:
        yield from cause.failures[1:]


def cause_key(failure: Failure, place: Place | None) -> tuple[str, Place | None]:
    """Return what failures with one cause have in common."""
    message = failure.details.message[:_MESSAGE_CHARACTERS]
    if place is None or message.startswith(_IMPORT_ERRORS):
        return without_numbers(message), None
    return without_values(message), place


def _common(places: Sequence[Place | None]) -> Place | None:
    known = {*places} - {None}
    return known.pop() if len(known) == 1 else None
