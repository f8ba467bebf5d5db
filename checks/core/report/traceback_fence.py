"""A traceback as a block of a diff, in which GitHub colours the lines that matter.

Each line has one more character at its beginning, so that the rest is as it was::

    @@ tests/test_a.py:5: in test_b @@
         def test_b():
    !  >     assert total == 3
    #      total = 2
    -E   assert 2 == 3
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..text.ansi import visible
from ..text.escape import fence

# The plugin's format, in which members of groups are indented by "  | ", and pytest's own. `E` lines are indented in
# pytest's text of a missing fixture only, and there they begin the line.
_GROUP = r"(?:  \| )*"
_ERROR = re.compile(rf"{_GROUP}E(?: |$)")
_RAISING_LINE = re.compile(rf"{_GROUP}(?:  )?> ")
_PLACE = re.compile(rf"({_GROUP})(\S[^\n]*:\d+: (?:in .+|[\w.]*))")
#: Values follow the raising line; before it, such a line is source.
_VALUE = re.compile(rf"{_GROUP}      \S")


def traceback_fence(text: str) -> str:
    """Return the Markdown of a traceback, which may be any text."""
    return fence("\n".join(_diff_lines(visible(text).strip("\n"))), language="diff")


def _diff_lines(text: str) -> Iterator[str]:
    are_values = False
    for line in text.split("\n"):
        is_raising_line = _RAISING_LINE.match(line) is not None
        are_values = is_raising_line or (are_values and _VALUE.match(line) is not None)
        if is_raising_line:
            yield f"!{line}"
        elif are_values:
            yield f"#{line}"
        elif _ERROR.match(line):
            yield f"-{line}"
        elif place := _PLACE.fullmatch(line):
            yield f"@@ {place[1]}{place[2]} @@"
        else:
            yield f" {line}"
