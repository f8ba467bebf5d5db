"""Tables for a terminal."""

from __future__ import annotations

from collections.abc import Collection, Sequence

_BETWEEN = "  "


def columns(head: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[str] = ()) -> str:
    """Return a table as lines; the columns whose head is in `right` are aligned to the right."""
    table = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    aligned = [
        [
            cell.rjust(width) if name in right else cell.ljust(width)
            for cell, width, name in zip(row, widths, head, strict=True)
        ]
        for row in table
    ]
    return "".join(f"{_BETWEEN.join(row).rstrip()}\n" for row in aligned)
