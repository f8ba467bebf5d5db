"""A comment -> its commands.

https://docs.github.com/get-started/writing-on-github has what people can write. `tests/unit/core/comment_commands` has
the table.
"""

from __future__ import annotations

import re
from itertools import islice

from .command import CommentCommand, ParsedComment, Verb
from .lines import Line, command_lines
from .names import is_blank, visible_text

MAX_COMMANDS = 10
#: Opening quotation marks, and what may close them: keyboards and languages mix them.
_DOUBLE, _SINGLE = '"“”„‟«»', "'‘’‚‛‹›"
_CLOSING = {mark: marks for marks in (_DOUBLE, _SINGLE) for mark in marks}
_UNCLOSED = "the quotation mark before the name is not closed"
_NAMELESS = "the name of the check is missing"
_WORD = re.compile(r"\s*(\S*)\s*")


def parse_comment(comment: str) -> ParsedComment:
    """Return the commands of a comment, each of which may have a problem."""
    lines = list(command_lines(comment))
    commands = tuple(_parse_line(line) for line in islice(lines, MAX_COMMANDS))
    return ParsedComment(commands=commands, surplus=max(0, len(lines) - MAX_COMMANDS))


def _parse_line(pieces: Line) -> CommentCommand:
    line = "".join(piece.source for piece in pieces).strip()
    first, *others = pieces
    verb_text, rest = _split_word(_split_word(first.text)[1])
    if not verb_text and others:  # the verb is code
        return CommentCommand(line=line, verb=None)
    verb = _verb(verb_text)
    if verb in (None, Verb.LIST, Verb.HELP):
        return CommentCommand(line=line, verb=verb)
    is_code = not rest and bool(others) and others[0].is_code
    if is_code:
        following = "".join(piece.source for piece in others[1:])
        return _named(line, verb, others[0].text, following)
    rest += "".join(piece.source for piece in others)
    if rest[:1] in _CLOSING:
        name, following, is_closed = _split_quoted(rest)
        if not is_closed:
            return CommentCommand(line=line, verb=verb, problem=_UNCLOSED)
        return _named(line, verb, name, following)
    return CommentCommand(line=line, verb=verb, rest=rest, problem=_NAMELESS if is_blank(rest) else "")


def _named(line: str, verb: Verb | None, name: str, rest: str) -> CommentCommand:
    if is_blank(name):
        return CommentCommand(line=line, verb=verb, problem=_NAMELESS)
    return CommentCommand(line=line, verb=verb, name=name, rest=rest.strip())


def _verb(text: str) -> Verb | None:
    word = visible_text(text).casefold()
    return Verb(word) if word in set(Verb) else None


def _split_word(text: str) -> tuple[str, str]:
    """Return the first word, and what follows it."""
    match = _WORD.match(text)
    return (match[1], text[match.end() :]) if match else ("", text)


def _split_quoted(text: str) -> tuple[str, str, bool]:
    """Return the text between the marks, what follows it, and whether there is a closing mark.

    A mark inside a word, such as an apostrophe, closes nothing.
    """
    marks = re.escape(_CLOSING[text[0]])
    match = re.match(rf"(?s).(.*?)[{marks}](?!\S)\s*", text)
    return (match[1], text[match.end() :], True) if match else ("", "", False)
