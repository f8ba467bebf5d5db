"""Our own Markdown as plain text, for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from .escape import ZERO_WIDTH_SPACE

_FENCE = re.compile(r"(`{3,})\w*")
_CODE_SPAN = re.compile(r"((`+)(?!`).+?(?<!`)\2(?!`))")
_TAG = re.compile(r"<[^>]*>")
_LINK = re.compile(r"(?<!\\)\[([^\]]*)\]\((\S+)\)")
_ESCAPED = re.compile(r"\\([\\*_\[\]<>&~|$])")


def plain(markdown: str) -> str:
    """Return the text without markup and tables; code keeps its backticks, and blocks of code are as they were."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(_lines(markdown))).strip("\n")


def _lines(markdown: str) -> Iterator[str]:
    fence = ""
    for line in markdown.splitlines():
        if fence:
            if line == fence:
                fence = ""
            else:
                yield line
        elif opening := _FENCE.fullmatch(line):
            fence = opening[1]
        elif line.startswith("<"):  # HTML, whose text is escaped
            yield unescape(_TAG.sub("", line))
        elif not line.startswith("|"):
            yield _prose(re.sub(r"^#+ ", "", line))


def _prose(line: str) -> str:
    pieces = _CODE_SPAN.split(line)  # text, code, its backticks, text, …
    for position in range(0, len(pieces), 3):
        linked = _LINK.sub(r"\1: \2", pieces[position])
        pieces[position] = _ESCAPED.sub(r"\1", linked).replace(ZERO_WIDTH_SPACE, "")
    return "".join(piece for position, piece in enumerate(pieces) if position % 3 != 2)
