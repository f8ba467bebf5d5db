"""Read the names of passed tests from the text of a check run, as `core.report.summary.text` writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape

_HEADING = "### Passed"
#: The path of a file, above the names of its tests.
_FILE = re.compile(r"<details(?: open)?><summary><code>(.*)</code>: [\d,]+ passed\b.*</summary>")
_FENCE = re.compile(r"`{3,}")
_END = "</details>"
_DURATION = re.compile(r"  \d+(?:\.\d+)? (?:s|m \d\d s|h \d\d m)\Z")


@lru_cache(maxsize=1)
def passed_names(text: str) -> frozenset[str]:
    """Return the node ids that `passed_nodeids` yields."""
    return frozenset(passed_nodeids(text))


def passed_nodeids(text: str) -> Iterator[str]:
    """Yield the node ids of a list of passed tests. They are the tests' own only if their keys are in the record.

    What is no such list yields nothing, or something that has no such key.
    """
    path = fence = ""
    _, heading, listed = text.partition(_HEADING)
    for line in listed.split("\n") if heading else ():
        if fence:
            if line == fence:
                fence = ""
            else:
                name = _DURATION.sub("", line)
                yield name if name == path else f"{path}::{name}"
        elif found := _FILE.fullmatch(line):
            path = unescape(found[1])
        elif path and _FENCE.fullmatch(line):
            fence = line
        elif line == _END:
            path = ""
