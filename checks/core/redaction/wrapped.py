"""Find values in spite of wrapping, quoting, escaping and frames, by removing breaks from texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

Span = tuple[int, int]

#: What may break up a value: white space, literal or escaped, quotes, the borders of tracebacks, diffs and boxes, and
#: the lines that all keys share.
_BREAKS = re.compile(
    r"(?:-----(?:BEGIN|END)[A-Z0-9 ]+-----"
    r"|\\+[nrt]"
    r"|[\s\"'`\\>|,()│\ufffd]"
    r"|(?:(?<!\S)|(?<=\\n))[-+?E](?![^\s\"'`\\])"
    r"|(?<!\w)[bB](?=[\"']))+"
)
#: What may break up a word: the end of a line (perhaps turned into blanks), and an escape's backslashes.
_BREAK_WITHIN_WORD = re.compile(r"\\*|.*(?:[\r\n│]|\\[nr]|\s\s).*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class UnbrokenText:
    """A text without its breaks; `positions` has the original position of each letter."""

    text: str
    positions: list[int]


def unbroken_text(text: str) -> UnbrokenText:
    """Return `text` without its breaks, with positions."""
    positions = [position for start, end in _unbroken_spans(text) for position in range(start, end)]
    return UnbrokenText("".join(map(text.__getitem__, positions)), positions)


def strip_breaks(text: str) -> str:
    """Return only the letters, which is faster."""
    return _BREAKS.sub("", text)


def occurrences(value: str, text: str, *, step: int = 0) -> Iterator[Span]:
    """Yield the spans of `value` in `text`, without overlaps, or `step` apart."""
    start = text.find(value)
    while start >= 0:
        yield start, start + len(value)
        start = text.find(value, start + (step or len(value)))


def wrapped_spans(form: str, text: str, unbroken: UnbrokenText) -> Iterator[Span]:
    """Yield the spans of `form` in `text`, its words separated in any way, or broken at a line's end."""
    unbroken_form = unbroken_text(form)
    for start, end in occurrences(unbroken_form.text, unbroken.text) if unbroken_form.text else ():
        positions = unbroken.positions[start:end]
        if _gaps_match(_gaps(text, positions), _gaps(form, unbroken_form.positions)):
            yield positions[0], positions[-1] + 1


def _gaps(text: str, positions: list[int]) -> list[str]:
    """Return the texts between consecutive positions."""
    return [text[position + 1 : following] for position, following in pairwise(positions)]


def _gaps_match(gaps: list[str], form_gaps: list[str]) -> bool:
    """Whether a text's gaps are those of the value, or can come from wrapping and escaping."""
    return all(
        bool(gap) if form_gap else _BREAK_WITHIN_WORD.fullmatch(gap)
        for gap, form_gap in zip(gaps, form_gaps, strict=True)
    )


def _unbroken_spans(text: str) -> Iterator[Span]:
    end = 0
    for match in _BREAKS.finditer(text):
        yield end, match.start()
        end = match.end()
    yield end, len(text)
