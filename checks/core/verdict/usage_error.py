"""Find pytest's own sentence about a usage error in its output."""

from __future__ import annotations

import re

#: pytest's line, or argparse's (below its usage), or the exception of a ``conftest.py``.
_LINE = re.compile(r"^(?:ERROR: (?!usage: )|[\w.-]+: error: |E   ).*", re.MULTILINE)


def own_line(output: str) -> str:
    """Return the line that says what is wrong, or an empty string."""
    match = _LINE.search(output)
    return match[0] if match else ""
