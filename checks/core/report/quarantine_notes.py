"""Remarks about the quarantine: what failed in it, what takes effect later, and which entries are of no use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..history.quarantine import QuarantineEntry
from ..history.quarantine_in_force import QuarantineInForce
from ..model.item import Item
from ..model.session import Session
from ..model.verdict import Remark
from ..text.truncate import truncate_lines

_LINES = 20
#: Of the failures that an entry would cover.
_NAMED = 3


def notes_on_change(in_force: QuarantineInForce, session: Session) -> Iterator[Remark]:
    """Yield what does not count yet, which the summary of a session begins with."""
    if in_force.why_none:
        yield Remark(text=f"Nothing was quarantined, because {in_force.why_none}.")
    if in_force.later:
        lines = [_line(entry, _covered(entry, session)) for entry in in_force.later]
        yield Remark(text="Takes effect after merge (`quarantine`):", quoted=truncate_lines(lines, _LINES))


def quarantine_notes(in_force: QuarantineInForce, session: Session) -> Iterator[Remark]:
    """Yield what the summary of a session says about the entries that count."""
    if session.quarantined_items:
        failed = (f"{item.nodeid}  {_reason(in_force, item)}" for item in session.quarantined_items)
        yield Remark(text="These quarantined tests failed:", quoted=truncate_lines(failed, _LINES))
    entries = in_force.counting.entries
    yield from _list("These quarantine entries have ended:", [e for e in entries if e.until < in_force.today])
    yield from _list("These quarantine entries end within a week:", in_force.counting.expiring(in_force.today))
    if session.items and session.exit_status is not None and not session.carried_over.counts.total():
        unmatched = in_force.counting.unmatched(item.nodeid for item in session.items)
        yield from _list("These quarantine entries match no test of this run:", unmatched)


def _list(text: str, entries: Sequence[QuarantineEntry]) -> Iterator[Remark]:
    if entries:
        yield Remark(text=text, quoted=truncate_lines(map(_line, entries), _LINES))


def _covered(entry: QuarantineEntry, session: Session) -> list[str]:
    return [item.nodeid for item in session.failed_items if entry.matches(item.nodeid)]


def _line(entry: QuarantineEntry, covered: Sequence[str] = ()) -> str:
    line = f"{entry.test}  until {entry.until}: {_why(entry)}"
    if not covered:
        return line
    more = f" and {len(covered) - _NAMED:,} more" if len(covered) > _NAMED else ""
    return f"{line}; would cover {', '.join(covered[:_NAMED])}{more}"


def _reason(in_force: QuarantineInForce, item: Item) -> str:
    entry = in_force.counting.entry_for(item.nodeid, in_force.today)
    return "" if entry is None else f"until {entry.until}: {_why(entry)}"


def _why(entry: QuarantineEntry) -> str:
    reason = " ".join(entry.reason.split())
    return f"{reason} ({entry.owner})" if entry.owner else reason
