"""Which entries of the quarantine count: a change must not excuse its own failures."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from ..model.item import Item
from ..model.job import Checkout, Context, Repository
from ..verdict import tested_commit
from .quarantine import Quarantine, QuarantineEntry, quarantined


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineInForce:
    """The quarantine of one run.

    Attributes:
        today: the day in UTC.
        counting: the entries that count.
        later: the entries of the tested commit that take effect after it was merged.
        why_none: why none counts, as half a sentence; empty if some may.
    """

    today: date = date.min
    counting: Quarantine = field(default_factory=Quarantine)
    later: tuple[QuarantineEntry, ...] = ()
    why_none: str = ""

    @property
    def current(self) -> tuple[QuarantineEntry, ...]:
        """The entries that count today."""
        return tuple(entry for entry in self.counting.entries if entry.until >= self.today)

    def apply(self, item: Item) -> Item:
        """Return the test without the failures that do not count today."""
        entry = self.counting.entry_for(item.nodeid, self.today)
        return item if entry is None else quarantined(item, entry)


def needs_base(context: Context, repository: Repository) -> bool:
    """Whether the base's file counts: in a pull request, in a merge queue, and in a re-run, which may be for either."""
    is_merge = tested_commit.compare_head(context, repository)[0] is Checkout.MERGE
    is_queue = context.event == "merge_group"
    return is_merge or is_queue or context.pull_request is not None or context.is_fork or context.rerun is not None


def of_change(own: Quarantine, base: Quarantine, today: date) -> QuarantineInForce:
    """Return the quarantine of a change whose base has another one, which may be empty."""
    return QuarantineInForce(today=today, counting=base, later=own.beyond(base))


def without_base(reason: str, today: date) -> QuarantineInForce:
    """Return the quarantine of a change whose base's file cannot be used. Which entries are new is unknown, too."""
    return QuarantineInForce(today=today, why_none=f"the file of the base commit cannot be used: {reason}")
