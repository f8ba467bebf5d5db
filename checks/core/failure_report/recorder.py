"""Store the failures of one check as they come, and group them by cause."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from ..model.history import BaseState, TestKey
from ..model.ports import Records
from ..text.truncate import truncate_characters
from .entry import Entry, with_base
from .report import ReportedCause, Source, is_test_path

_MESSAGE_CHARACTERS = 1_000
#: How many causes, the largest, have their source lines and the texts of their first failure.
_CAUSES_EXPLAINED = 20

#: A third faster than `json.dumps`, for each failure.
_encode = json.JSONEncoder(check_circular=False).encode

#: Return the source lines around a failure's place, and the command that reproduces it.
SourceOf = Callable[[Entry], Source]
CommandOf = Callable[[Entry], str]
#: Returns what the base says about a test.
StateOf = Callable[[TestKey], BaseState | None]


def _unknown(_: TestKey) -> None:
    """Return that nobody knows what the base says."""


@dataclass(slots=True, kw_only=True)
class _CauseGroup:
    """The failures of one cause so far; `first` is without texts, and `key` that of its record.

    `nodeids` has the key of each test. `states` has what the base says about it, as far as its entry says so.
    """

    first: Entry
    key: int
    failures: int = 0
    has_other_places: bool = False
    nodeids: dict[str, TestKey] = field(default_factory=dict)
    owners: dict[str, None] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)


class FailureRecorder:
    """Stores each failure outside memory, with all of its texts.

    Attributes:
        count: the number of failures that were added.
        state_of: set once the base is known, which may be after the failures were added.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._groups: dict[int, _CauseGroup] = {}
        self._test_keys = array("Q")
        self.count = 0
        self.state_of: StateOf = _unknown

    def add(self, entry: Entry) -> None:
        """Store a failure."""
        key = self._records.put(_encode(entry.as_json()).encode())
        self._test_keys.append(entry.key)
        self.count += 1
        number = entry.cause or -self.count  # a test that did not finish is on its own
        group = self._groups.get(number)
        if group is None:
            group = self._groups[number] = _CauseGroup(first=_without_texts(entry), key=key)
        group.failures += 1
        group.nodeids[entry.nodeid] = entry.key
        if entry.base:
            group.states[entry.nodeid] = entry.base
        group.owners.update(dict.fromkeys(entry.owners))
        if (entry.path, entry.line) != (group.first.path, group.first.line):
            group.has_other_places = True

    @property
    def missing(self) -> int:
        """How many failures could not be stored."""
        return self._records.missing

    def blocks(self) -> Iterator[bytes]:
        """Yield the stored failures in the order they were added, many at once, each as a line of JSON."""
        return self._records.blocks() if self.state_of is _unknown else self._blocks_with_base()

    def _blocks_with_base(self) -> Iterator[bytes]:
        # What a full disk prevented from being stored is always the end.
        states = map(self.state_of, self._test_keys)
        for block in self._records.blocks():
            yield b"".join(with_base(line, next(states)) + b"\n" for line in block.splitlines())

    def causes(self, source_of: SourceOf, command_of: CommandOf) -> tuple[ReportedCause, ...]:
        """Return the causes, those with the most tests first, and among equals those outside of the tests' code."""
        groups = sorted(self._groups.values(), key=_order)
        explained, others = groups[:_CAUSES_EXPLAINED], groups[_CAUSES_EXPLAINED:]
        return (
            *(self._cause(group, self._whole(group), source_of(group.first), command_of) for group in explained),
            *(self._cause(group, group.first, Source(), command_of) for group in others),
        )

    def _cause(self, group: _CauseGroup, first: Entry, source: Source, command_of: CommandOf) -> ReportedCause:
        return ReportedCause(
            number=first.cause,
            first=first,
            has_other_places=group.has_other_places,
            failures=group.failures,
            nodeids=tuple(group.nodeids),
            new=sum(
                (group.states.get(nodeid) or self.state_of(key)) == BaseState.NEW
                for nodeid, key in group.nodeids.items()
            ),
            owners=tuple(group.owners),
            source=source,
            reproduce=command_of(first),
        )

    def _whole(self, group: _CauseGroup) -> Entry:
        record = self._records.get(group.key)
        stored = None if record is None else Entry.of_json(json.loads(record))
        return stored or group.first


def _order(group: _CauseGroup) -> tuple[int, bool, int]:
    first = group.first
    return -len(group.nodeids), first.cause > 0 and is_test_path(first.path), first.cause


def _without_texts(entry: Entry) -> Entry:
    message = truncate_characters(entry.message, _MESSAGE_CHARACTERS)
    return replace(entry, message=message, traceback="", properties=(), captured=())
