"""Read ``failures.json``, which may be from anywhere: malformed members are left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..model.ports import Member
from ..model.verdict import Remark
from .document import NAMES
from .entry import Entry
from .recorder import FailureRecorder
from .report import ReportedCheck, Source


@dataclass(kw_only=True)
class ParsedDocument:
    """A document without its failures; `sources` and `commands` are those of the causes, by `_key`."""

    head: dict[str, Any] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    sources: dict[object, Source] = field(default_factory=dict)
    commands: dict[object, str] = field(default_factory=dict)

    @property
    def check(self) -> ReportedCheck:
        """The check."""
        known = {name: self.head[name] for name in NAMES.values() if isinstance(self.head.get(name), str)}
        number = self.head.get("pull_request")
        return ReportedCheck(
            **{attribute: known.get(name, "") for attribute, name in NAMES.items()},
            remarks=tuple(self.remarks),
            pull_request=number if type(number) is int else None,
            is_fork=self.head.get("from_fork") is True,
        )

    @property
    def missing(self) -> int:
        """How many failures could not be stored when the document was written."""
        missing = self.head.get("failures_missing")
        return missing if type(missing) is int else 0

    def source(self, first: Entry) -> Source:
        """Return the source lines of the cause with this first failure."""
        return self.sources.get(_key(first.cause, first.nodeid), Source())

    def command(self, first: Entry) -> str:
        """Return the command that reproduces it."""
        return self.commands.get(_key(first.cause, first.nodeid), "")


def read(members: Iterable[Member], recorder: FailureRecorder) -> ParsedDocument:
    """Return a document, and add its failures to the `recorder`."""
    parsed = ParsedDocument()
    for name, value, _ in members:
        if name == "failures":
            entry = Entry.of_json(value)
            if entry is not None:
                recorder.add(entry)
        elif name == "causes":
            _add_cause(value, parsed)
        elif name == "remarks" and isinstance(value, Mapping):
            text, quoted = value.get("text"), value.get("quoted")
            parsed.remarks.append(Remark(text=str(text or ""), quoted=str(quoted or "")))
        else:
            parsed.head[name] = value
    return parsed


def _add_cause(cause: object, parsed: ParsedDocument) -> None:
    match cause:
        case {"cause": int() | None as number, "nodeids": [str(nodeid), *_]}:
            key = _key(number or 0, nodeid)
        case _:
            return
    match cause:
        case {"source": {"start": int(start), "lines": list(lines)}}:
            parsed.sources[key] = Source(start=start, lines=tuple(map(str, lines)))
    match cause:
        case {"reproduce": str(command)}:
            parsed.commands[key] = command


def _key(number: int, nodeid: str) -> object:
    """Return what identifies a cause: its number or, for a test that did not finish, the test."""
    return number or nodeid
