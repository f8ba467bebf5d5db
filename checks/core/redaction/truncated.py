"""What is left of a value where a text was cut: its beginning in front of the cut, its end behind it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from .wrapped import Span, letters, occurrences, squeeze

#: It is hidden from so many characters on.
END_CHARACTERS = 4

#: How our plugin, pytest, `reprlib`, `textwrap` and unittest tell that they cut.
_CUTS = tuple(
    (sign, re.compile(cut))
    for sign, cut in (
        ("…", r"…(?: [\d,]+ [a-z]+ left out …)?"),
        ("...", r"\.{3,}"),
        (" chars]", r"\[\d+ chars\]"),
    )
)
_TRUNCATED = "[truncated]"
#: pytest leaves out of a diff what both sides have in common, and of a text what is far from what was found in it.
SHORTENED_PHRASES = "identical leading", "identical trailing", "is contained here:"
_SHORTENED = re.compile(rf"(?:{'|'.join(SHORTENED_PHRASES)}).*((?:\n.*){{1,8}})")
_SHORTENED_LINE = re.compile(r"\n[\s|>]*(?:E\s+)?(?:[-+?] )?(.*)")
#: A text of so many characters may be what is left of a longer one, and not tell.
LONG_CHARACTERS = 4_000

#: So much of a text is looked at beside a cut: far enough for a value, for the space around it, for a few letters.
_FAR, _AROUND, _NEAR = 2048, 256, 20
_SPACE = " \t\r\n│|'\"`"
_SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?")


class Cuts:
    """Finds what is left of values, of which `known` are all the ways in which they are written, without breaks."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = frozenset(known)

    @cached_property
    def _ends(self) -> frozenset[str]:
        """What may stand next to a cut; few texts have one of these there."""
        last = END_CHARACTERS - 1
        return frozenset(known[at : at + END_CHARACTERS] for known in self._known for at in range(len(known) - last))

    def may_be_in(self, text: str) -> bool:
        """Whether `spans` may find anything, but for what stands below `SHORTENED_PHRASES`."""
        return any(_last(text, end) in self._ends or _first(text, begin) in self._ends for end, begin in _cuts(text))

    def spans(self, text: str) -> Iterator[Span]:
        """Where beginnings and ends of values stand that were cut off, and what is left between two cuts."""
        before = len(text)
        for end, begin in (*_cuts(text), *_shortened(text)):
            yield from self._beginning(text, end)
            yield from self._end(text, begin)
            if before < end <= before + _FAR:
                yield from self._middle(text, before, end)
            before = begin

    def _beginning(self, text: str, end: int) -> Iterator[Span]:
        """What stands in front of a cut and begins a value."""
        last = _last(text, end)
        if last in self._ends:
            start = max(0, end - _FAR)
            left = squeeze(text[start:end])
            if size := max(_begun(known, left.letters) for known in self._known if last in known):
                yield start + left.places[-size], start + left.places[-1] + 1

    def _end(self, text: str, begin: int) -> Iterator[Span]:
        """What stands behind a cut and ends a value."""
        first = _first(text, begin)
        if first in self._ends:
            right = squeeze(text[begin : begin + _FAR])
            if size := max(_ended(known, right.letters) for known in self._known if first in known):
                yield begin + right.places[0], begin + right.places[size - 1] + 1

    def _middle(self, text: str, begin: int, end: int) -> Iterator[Span]:
        """What stands between two cuts and is part of a value."""
        if _first(text, begin) in self._ends:
            middle = squeeze(text[begin:end])
            if len(middle.letters) >= END_CHARACTERS and any(middle.letters in known for known in self._known):
                yield begin + middle.places[0], begin + middle.places[-1] + 1


def _cuts(text: str) -> list[Span]:
    """The cuts: what stands in front of them ends there, what stands behind them begins there."""
    found = (each.span() for sign, cut in _CUTS if sign in text for each in cut.finditer(text))
    ends = [(0, 0), (len(text), len(text))] if len(text) >= LONG_CHARACTERS else []
    return sorted([*(_with_brackets(text, *span) for span in found), *ends])


def _with_brackets(text: str, begin: int, end: int) -> Span:
    """``[...]`` and ``[truncated]...``, of which only the dots were looked for."""
    if text.endswith(_TRUNCATED, max(0, begin - len(_TRUNCATED)), begin):
        return begin - len(_TRUNCATED), end
    is_in_brackets = text.endswith("[", 0, begin) and text.startswith("]", end)
    return (begin - 1, end + 1) if is_in_brackets else (begin, end)


def _shortened(text: str) -> Iterator[Span]:
    """The ends of lines that pytest has shortened."""
    for shortened in _SHORTENED.finditer(text) if any(phrase in text for phrase in SHORTENED_PHRASES) else ():
        for line in _SHORTENED_LINE.finditer(text, *shortened.span(1)):
            yield line.start(), line.start(1)
            yield line.end(), line.end()


def _last(text: str, end: int) -> str:
    """The last letters in front of a cut."""
    around = text[max(0, end - _AROUND) : end].rstrip(_SPACE)
    near = letters(around[-_NEAR:])[-END_CHARACTERS:]
    return near if len(near) == END_CHARACTERS else letters(around)[-END_CHARACTERS:]


def _first(text: str, begin: int) -> str:
    """The first letters behind a cut."""
    around = text[begin : begin + _AROUND].lstrip(_SPACE)
    near = letters(around[:_NEAR])[:END_CHARACTERS]
    return near if len(near) == END_CHARACTERS else letters(around)[:END_CHARACTERS]


def _begun(known: str, left: str) -> int:
    """How much of the beginning of `known` is the end of `left`; 0 where it is too little, or tells nothing."""
    scheme = _SCHEME.match(known)
    least = END_CHARACTERS + (scheme.end() if scheme else 0)
    sizes = (end for _, end in occurrences(left[-END_CHARACTERS:], known, step=1))
    return max((size for size in sizes if size >= least and left.endswith(known[:size])), default=0)


def _ended(known: str, right: str) -> int:
    """How much of the end of `known` is the beginning of `right`; 0 where it is too little."""
    sizes = (len(known) - begin for begin, _ in occurrences(right[:END_CHARACTERS], known, step=1))
    return max((size for size in sizes if right.startswith(known[-size:])), default=0)
