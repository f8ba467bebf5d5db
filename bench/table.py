"""Format rows as a Markdown table, and insert it into a page."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BEGIN, END = "<!-- make bench writes what follows -->", "<!-- as far as this -->"
_COLUMNS = ("figure", "target", "measured", "")


@dataclass(frozen=True)
class Spread:
    """The values of repeated measurements."""

    values: Sequence[float]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def __format__(self, spec: str) -> str:
        """Format the median and, for several values, the range, with `spec` or three digits."""
        median, low, high = (
            format(value, spec or (",.0f" if value >= 100 else ".3g"))
            for value in (self.median, min(self.values), max(self.values))
        )
        return f"{median} ({low}–{high})" if len(self.values) > 1 else median

    def above(self, other: Spread) -> Spread:
        """Return the differences of the pairs."""
        return Spread([own - others for own, others in zip(self.values, other.values, strict=True)])

    def over(self, other: Spread) -> Spread:
        """Return the ratios of the pairs."""
        return Spread([own / others for own, others in zip(self.values, other.values, strict=True)])


@dataclass(frozen=True, kw_only=True)
class Row:
    """`is_met` is None if nothing was measured; then `measured` says why."""

    figure: str
    target: str
    measured: str
    is_met: bool | None


def render(rows: Iterable[Row], *, preface: str) -> str:
    """Return the table as Markdown."""
    cells = [_COLUMNS, ("---",) * len(_COLUMNS), *(_cells(row) for row in rows)]
    return "\n".join([preface, "", *(f"| {' | '.join(row)} |" for row in cells)])


def insert(text: str, page: str) -> str:
    """Return the page with `text` between its marks. Raises `ValueError` if they are missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"the page has no lines {BEGIN!r} and {END!r}")
    return f"{before}{begin}\n\n{text}\n\n{end}{after}"


def _cells(row: Row) -> tuple[str, ...]:
    met = {True: "met", False: "**not met**", None: "not measured"}[row.is_met]
    return row.figure, row.target, row.measured, met
