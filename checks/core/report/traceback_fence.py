"""A traceback as a block of a diff, in which GitHub colours the lines that matter.

Each line has one more character at its beginning, so that the rest is as it was::

    @@ tests/test_a.py:5: in test_b @@
         def test_b():
    !  >     assert total == 3
    #      total = 2
    -E   assert 2 == 3
"""

from __future__ import annotations

from ..text.ansi import visible
from ..text.escape import fence
from ..text.traceback_lines import LineKind, traceback_lines


def traceback_fence(text: str) -> str:
    """Return the Markdown of a traceback, which may be any text."""
    lines = traceback_lines(visible(text).strip("\n"))
    return fence("\n".join(_diff_line(kind, line) for kind, line in lines), language="diff")


def _diff_line(kind: LineKind, line: str) -> str:
    return f"@@ {line} @@" if kind is LineKind.PLACE else f"{kind}{line}"
