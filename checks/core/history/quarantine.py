"""The quarantine: tests whose failures do not count until a date, as a checked-in TOML file lists them.

A sample of the file::

    [[quarantine]]
    test = "tests/test_cart.py::test_total[eur*]"
    until = 2027-01-31
    reason = "Rounding differs on arm64 (octo/shop#812)"
    owner = "@octo/shop"

`test` is a node id, in which ``*`` stands for any text; nothing else is special. An entry holds until the end of its
day in UTC.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from ..model.errors import FileError, Problem
from ..model.item import PLAIN, Details, Item, Outcome, Stage, StageName

_TABLE = "quarantine"
_EXPIRES_SOON = timedelta(days=7)
_REMEDY = "Correct the file. See docs/quarantine.md for its format."
_KEYS: Mapping[str, tuple[type, str]] = {
    "test": (str, "a node id in quotes"),
    "until": (date, "a date such as 2027-01-31"),
    "reason": (str, "a text in quotes"),
    "owner": (str, "a text in quotes"),
}
_OPTIONAL = frozenset({"owner"})
#: A pattern that matches all of these is taken for one that matches every test.
_DISSIMILAR = (
    "test_a.py::test_b",
    "tests/unit/test_c.py::TestD::test_e[1]",
    "src/f_test.py::test_g",
)
_TABLE_LINE = re.compile(rf"\s*\[\[\s*{_TABLE}\s*\]\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineEntry:
    """One entry of the file. `until` is its last day; `line` is where it begins, 1-based, or 0."""

    test: str
    until: date
    reason: str
    owner: str = ""
    line: int = 0

    def matches(self, nodeid: str) -> bool:
        """Whether the pattern matches the whole node id, in linear time: the first place of each part is the best."""
        first, *others = self.test.split("*")
        if not others:
            return nodeid == first
        *middle, last = others
        if not nodeid.startswith(first) or not nodeid.endswith(last) or len(nodeid) < len(first) + len(last):
            return False
        start, end = len(first), len(nodeid) - len(last)
        for part in middle:
            found = nodeid.find(part, start, end)
            if found < 0:
                return False
            start = found + len(part)
        return True


@dataclass(frozen=True, slots=True)
class Quarantine:
    """The entries of a file, in their order."""

    entries: tuple[QuarantineEntry, ...] = ()

    def entry_for(self, nodeid: str, today: date) -> QuarantineEntry | None:
        """Return the entry that covers a test today, or None. If several do, return the one that ends last."""
        covering = (entry for entry in self.entries if entry.until >= today and entry.matches(nodeid))
        return max(covering, key=lambda entry: entry.until, default=None)

    def unmatched(self, nodeids: Iterable[str]) -> tuple[QuarantineEntry, ...]:
        """Return the entries that match none of these tests."""
        remaining = list(self.entries)
        for nodeid in nodeids:
            remaining = [entry for entry in remaining if not entry.matches(nodeid)]
            if not remaining:
                break
        return tuple(remaining)

    def expiring(self, today: date) -> tuple[QuarantineEntry, ...]:
        """Return the entries that end today or within a week."""
        return tuple(entry for entry in self.entries if today <= entry.until <= today + _EXPIRES_SOON)

    def beyond(self, base: Quarantine) -> tuple[QuarantineEntry, ...]:
        """Return the entries that the base does not have: added ones, others' patterns, later dates.

        These take effect after the merge, since a change must not excuse its own failures.
        """
        known = {entry.test: entry.until for entry in base.entries}
        return tuple(entry for entry in self.entries if entry.test not in known or entry.until > known[entry.test])


def quarantined(item: Item, entry: QuarantineEntry) -> Item:
    """Return a test whose failures do not count because of the entry; the death of its process still does."""
    if item.stages is PLAIN:
        return item
    return replace(item, is_quarantined=True, stages=tuple(_quarantined_stage(stage, entry) for stage in item.stages))


def _quarantined_stage(stage: Stage, entry: QuarantineEntry) -> Stage:
    if not stage.outcome.is_failure or stage.name is StageName.CRASHED:
        return stage
    details = stage.details or Details()
    message = f"Quarantined until {entry.until}: {entry.reason.strip().rstrip('.')}. {details.message}".rstrip()
    return replace(stage, outcome=Outcome.QUARANTINED, details=replace(details, message=message))


def parse_quarantine(text: str, path: str, redact: Callable[[str], str] = str) -> Quarantine:
    """Return the quarantine that a file lists, redacted; `path` names it in errors. Raises `FileError`."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise FileError(_problem(path, 0, f"it is not valid TOML: {error}")) from None
    tables = document.pop(_TABLE, [])
    problems = [_problem(path, 0, f"`{key}` is not known. Entries begin with `[[{_TABLE}]]`") for key in document]
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise FileError(*problems, _problem(path, 0, f"`{_TABLE}` is not a list. Entries begin with `[[{_TABLE}]]`"))
    lines = _lines(text, len(tables))
    entries: list[QuarantineEntry] = []
    for table, line in zip(tables, lines, strict=True):
        found = [_problem(path, line, why) for why in _mistakes(table)]
        problems += found
        if not found:
            fields: dict[str, Any] = {key: redact(text) if type(text) is str else text for key, text in table.items()}
            entries.append(QuarantineEntry(**fields, line=line))
    if problems:
        raise FileError(*problems)
    return Quarantine(tuple(entries))


def _lines(text: str, count: int) -> Sequence[int]:
    """Return the lines where the tables begin; zeros if they are written in another way."""
    lines = [number for number, line in enumerate(text.split("\n"), 1) if _TABLE_LINE.match(line)]
    return lines if len(lines) == count else [0] * count


def _mistakes(table: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with an entry, as half sentences."""
    for key in sorted(table.keys() - _KEYS.keys()):
        yield f"`{key}` is not known; an entry has {', '.join(f'`{name}`' for name in _KEYS)}"
    for key, (kind, expected) in _KEYS.items():
        if key not in table:
            if key not in _OPTIONAL:
                yield f"`{key}` is missing; set it to {expected}"
        elif not isinstance(table[key], kind) or isinstance(table[key], datetime):
            yield f"`{key}` is not {expected}"
        elif isinstance(table[key], str) and not table[key].strip():
            yield f"`{key}` is empty; set it to {expected}"
    test = table.get("test")
    if isinstance(test, str) and _matches_everything(test):
        yield "`test` matches every test; name a file or a test"


def _matches_everything(test: str) -> bool:
    return all(map(QuarantineEntry(test=test, until=date.max, reason="").matches, _DISSIMILAR))


def _problem(path: str, line: int, why: str) -> Problem:
    place = f"`{path}`, line {line}" if line else f"`{path}`"
    return Problem(what=f"Input `quarantine`: {place}", why=f"{why}.", remedy=_REMEDY)
