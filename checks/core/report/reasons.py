"""The skipped tests of a summary by reason, and its warnings by text, each with the places in the repository."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ..model.item import Details, Location, Outcome
from ..model.session import Session
from ..text.collapsible import details
from ..text.escape import code_span, one_line
from ..text.truncate import truncate_characters
from ..text.variable_parts import without_numbers

#: Returns the last of the locations that is in the repository as Markdown, such as a link; or an empty string.
LinkTo = Callable[[Sequence[Location]], str]

_LINES = 20
_LINE_CHARACTERS = 200
_PLACES = 3
#: Locations that are looked up to find these places.
_MAX_LOCATIONS = 20


@dataclass(slots=True, kw_only=True)
class _Group:
    """Findings with one reason: their number, and the first of their locations."""

    reason: str
    count: int = 0
    locations: dict[tuple[Location, ...], None] = field(default_factory=dict)


def skipped(session: Session, link_to: LinkTo) -> str:
    """Return a list of skip reasons, the most frequent first."""
    return _listed("Skipped", _skips(session), link_to, key=str)


def warnings(session: Session, link_to: LinkTo) -> str:
    """Return a list of warnings, the most frequent first; those that differ only in numbers are one."""
    found = ((f"{warning.category}: {warning.message}", (warning.location,)) for warning in session.warnings)
    return _listed("Warnings", found, link_to, key=without_numbers)


def _skips(session: Session) -> Iterator[tuple[str, tuple[Location, ...]]]:
    for item in session.notable_items:
        for stage in item.stages:
            if stage.outcome is Outcome.SKIPPED:
                found = stage.details or Details()
                yield found.message or "no reason given", (*item.own_locations, *found.locations)
    for collector in session.collectors:
        if collector.outcome is Outcome.SKIPPED:
            found, module = collector.details, Location(path=collector.nodeid, line=1)
            yield found.message or "no reason given", (module, *found.locations)


def _listed(
    title: str, findings: Iterable[tuple[str, tuple[Location, ...]]], link_to: LinkTo, *, key: Callable[[str], str]
) -> str:
    groups: dict[str, _Group] = {}
    for reason, locations in findings:
        group = groups.setdefault(key(reason), _Group(reason=reason))
        group.count += 1
        if len(group.locations) < _MAX_LOCATIONS:
            group.locations[locations] = None
    if not groups:
        return ""
    most_frequent = sorted(groups.values(), key=lambda group: -group.count)
    lines = [_line(group, link_to) for group in most_frequent[:_LINES]]
    if len(most_frequent) > _LINES:
        lines.append(f"… and {len(most_frequent) - _LINES:,} more")
    total = sum(group.count for group in most_frequent)
    return details(f"{title}: {total:,}", "\n".join(f"- {line}" for line in lines))


def _line(group: _Group, link_to: LinkTo) -> str:
    reason = code_span(truncate_characters(one_line(group.reason), _LINE_CHARACTERS))
    places = [*dict.fromkeys(filter(None, map(link_to, group.locations)))]
    shown = ", ".join([*places[:_PLACES], *(["…"] if len(places) > _PLACES else [])])
    return f"{group.count:,} × {reason}" + (f" at {shown}" if shown else "")
