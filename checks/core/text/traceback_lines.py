"""Tells apart what the lines of a traceback are, in the plugin's format and in pytest's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

# In the plugin's format, members of groups are indented by "  | ". `E` lines are indented in pytest's text of a missing
# fixture only, and there they begin the line.
_GROUP = r"(?:  \| )*"
_ERROR = re.compile(rf"{_GROUP}E(?: |$)")
_RAISING_LINE = re.compile(rf"{_GROUP}(?:  )?> ")
_PLACE = re.compile(rf"{_GROUP}\S[^\n]*:\d+: (?:in .+|[\w.]*)")
#: Values follow the raising line; before it, such a line is source.
_VALUE = re.compile(rf"{_GROUP}      \S")
#: What most lines of source begin with, and no other line but a value.
_SOURCE = "    "


class LineKind(StrEnum):
    """What a line is, as the character that a line of a diff in its colour begins with."""

    PLACE = "@"
    RAISING = "!"
    VALUE = "#"
    ERROR = "-"
    OTHER = " "


def traceback_lines(text: str) -> Iterator[tuple[LineKind, str]]:
    """Yield each line of any text with its kind."""
    are_values = False
    for line in text.split("\n"):
        if not are_values and line.startswith(_SOURCE):
            yield LineKind.OTHER, line
            continue
        is_raising_line = _RAISING_LINE.match(line) is not None
        are_values = is_raising_line or (are_values and _VALUE.match(line) is not None)
        if is_raising_line:
            yield LineKind.RAISING, line
        elif are_values:
            yield LineKind.VALUE, line
        elif _ERROR.match(line):
            yield LineKind.ERROR, line
        elif _PLACE.fullmatch(line):
            yield LineKind.PLACE, line
        else:
            yield LineKind.OTHER, line
