"""The lines of a comment that can be commands: those of its top-level paragraphs that begin with ``/check``.

GitHub renders a comment as CommonMark with each newline as a line break. Code blocks, quotes, lists, tables and HTML
are not top-level paragraphs. A line whose beginning is inside a code span, an HTML comment or a link's title is part of
the line before it. A reply by e-mail that quotes a notification has no commands: its lines may be another person's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ..text.escape import code_span

#: Most comments have no such line, and are not parsed.
_BEGINNING = re.compile(r"^[ \t]*/check(?!\S)", re.IGNORECASE | re.MULTILINE)
#: Ends GitHub's notifications. Some mail programs quote them in a reply without marking the lines.
_NOTIFICATION = "Reply to this email directly"
_NEWLINES = re.compile(r"\r\n?")
_BLOCKS = MarkdownIt("commonmark").enable("table")
_BLOCKS.core.ruler.disable(["inline", "text_join"])
#: Keeps escaped characters apart: ``\/check`` is how to write about a command.
_INLINE = MarkdownIt("commonmark")
_INLINE.core.ruler.disable("text_join")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a line: text, or a code span, of which `source` has the backticks."""

    text: str
    source: str
    is_code: bool = False


Line = tuple[Piece, ...]


def command_lines(comment: str) -> Iterator[Line]:
    """Yield the lines that are commands. The first piece of each begins with ``/check``."""
    source = _NEWLINES.sub("\n", comment)
    if not _BEGINNING.search(source) or _NOTIFICATION in source:
        return
    for content in _paragraphs(_BLOCKS.parse(source)):
        if _BEGINNING.search(content):
            (inline,) = _INLINE.parseInline(content)
            yield from _lines(inline.children or ())


def _paragraphs(tokens: Iterable[Token]) -> Iterator[str]:
    """Yield the content of the paragraphs that are in no other block."""
    is_paragraph = False
    for token in tokens:
        if token.type == "inline" and is_paragraph:
            yield token.content
        is_paragraph = token.type == "paragraph_open" and token.level == 0


def _lines(tokens: Iterable[Token]) -> Iterator[Line]:
    """Yield the commands, as they were written as far as that shows in the tokens."""
    line: list[Piece] = []
    targets: list[str] = []
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            yield from _command(line)
            line = []
        elif token.type == "code_inline":
            line.append(Piece(text=token.content, source=code_span(token.content), is_code=True))
        else:
            text = _source(token, targets)
            line.append(Piece(text=text, source=text))
    yield from _command(line)


def _command(line: Sequence[Piece]) -> Iterator[Line]:
    """Yield the line if it begins with ``/check`` and a blank, with neighbouring texts as one piece.

    Its first piece decides, too: an escaped slash is another piece.
    """
    if not line or not _BEGINNING.match(line[0].text):
        return
    pieces: list[Piece] = []
    for is_code, group in groupby(line, key=lambda piece: piece.is_code):
        members = list(group)
        text = "".join(piece.text for piece in members)
        pieces += members if is_code else [Piece(text=text, source=text)]
    if _BEGINNING.match(pieces[0].text + "".join(piece.source for piece in pieces[1:2])):
        yield tuple(pieces)


def _source(token: Token, targets: list[str]) -> str:
    """Return what a token other than a code span was written as; `targets` are those of the open links."""
    match token.type:
        case "text" | "text_special":
            return token.content
        case "html_inline":
            return "" if token.content.startswith("<!--") else token.content
        case "link_open":
            is_plain = token.markup == "autolink"
            targets.append(">" if is_plain else f"]({token.attrs.get('href', '')})")
            return "<" if is_plain else "["
        case "link_close":
            return targets.pop()
        case "image":
            return "![" + token.content + f"]({token.attrs.get('src', '')})"
        case _:
            return token.markup
