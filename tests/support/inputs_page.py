"""The tables of `docs/inputs.md`, from the table of inputs: ``make docs`` writes them."""

from __future__ import annotations

from pathlib import Path

from checks.core.inputs.input import Group, Input
from checks.core.inputs.table import INPUTS

PAGE = Path(__file__).parents[2] / "docs" / "inputs.md"
_BEGIN = "<!-- `make docs` writes the tables from checks/core/inputs/table.py. -->\n"
_END = "<!-- end of the tables -->\n"


def with_tables(page: str) -> str:
    """Return the page with its tables written anew."""
    before, _, rest = page.partition(_BEGIN)
    after = rest.partition(_END)[2]
    return before + _BEGIN + "".join(map(_table, Group)) + "\n" + _END + after


def _table(group: Group) -> str:
    rows = [_row(known) for known in INPUTS if known.group is group]
    return "\n".join([f"\n### {group}\n", "| input | default | meaning |", "|---|---|---|", *rows, ""])


def _row(known: Input) -> str:
    default = f" `{known.default}`" if known.default else ""
    meaning = f"{known.description} {known.details}".rstrip()
    return f"| `{known.name}` |{default} | {meaning} |"


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text()))
