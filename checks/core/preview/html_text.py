"""Untrusted text as HTML: IDs that break where people would break them, tracebacks and source lines with weight.

The classes of lines are those of GitHub's style sheet for a diff: `pl-md` for an exception, `pl-mc` for the raising
line, `pl-mdr` for a place and `pl-c` for a value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from ..text.ansi import visible
from ..text.traceback_lines import LineKind, traceback_lines
from ..text.truncate import truncate_characters

_LINE_CHARACTERS = 160
_TAB_SPACES = 4

#: Where an ID may break: after a folder, a dot that is not a number's, `::` and a word, and before a parameter.
_BREAK = re.compile(r"(?<=[/_])(?=[^/._\s])|(?<=\.)(?=[^/._\s\d])|(?<=::)|(?=\[)")
_BREAK_HTML = "<wbr>"
#: The beginning of code in Markdown, except for code blocks; without elements, so no `<wbr>` gets into a tag.
_CODE = re.compile(r"(?<!<pre>)<code>[^<]*")

#: By the first character of a line in a diff.
_CLASSES: Mapping[str, str] = {
    LineKind.ERROR: "pl-md",
    LineKind.RAISING: "pl-mc",
    LineKind.PLACE: "pl-mdr",
    LineKind.VALUE: "pl-c",
    "+": "pl-mi1",
}
CLASSES = {*_CLASSES.values()}


def breakable(text: str) -> Markup:
    """Return a text that may break within its IDs."""
    return Markup(_BREAK.sub(_BREAK_HTML, str(escape(visible(text)))))  # noqa: S704 - escaped


def with_breakable_code(html: str) -> str:
    """Return safe HTML in which the IDs in `<code>` may break."""
    return _CODE.sub(lambda code: _BREAK.sub(_BREAK_HTML, code[0]), html)


def diff(text: str) -> str:
    """Return the lines of a diff."""
    return "\n".join(_line(line, _CLASSES.get(line[:1], "")) for line in visible(text).split("\n"))


def traceback(text: str) -> Markup:
    """Return the lines of an annotation's details."""
    lines = (_line(line, _CLASSES.get(kind, "")) for kind, line in traceback_lines(visible(text)))
    return Markup("\n".join(lines))  # noqa: S704 - escaped


def excerpt(lines: Sequence[str], line: int, context: int) -> Markup:
    """Return a line of a file, with a mark and up to `context` lines on each side; empty if the file has no such line.

    `line` is 1-based. Blank lines at the beginning and the end are left out.
    """
    if not 0 < line <= len(lines):
        return Markup()
    first, last = max(1, line - context), min(len(lines), line + context)
    while first < line and not lines[first - 1].strip():
        first += 1
    while last > line and not lines[last - 1].strip():
        last -= 1
    shown = (
        _line(f"{'>' if number == line else ' '} {number:>{len(str(last))}}  {_source(lines[number - 1])}", kind)
        for number in range(first, last + 1)
        for kind in [_CLASSES[LineKind.RAISING] if number == line else ""]
    )
    return Markup("\n".join(shown))  # noqa: S704 - escaped


def _source(line: str) -> str:
    return truncate_characters(visible(line).expandtabs(_TAB_SPACES).rstrip(), _LINE_CHARACTERS)


def _line(text: str, kind: str) -> str:
    return f'<span class="{kind}">{escape(text)}</span>' if kind else str(escape(text))
