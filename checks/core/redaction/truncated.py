"""What is left of a value where a text was cut: its beginning in front of the cut, its end behind it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from .wrapped import Span, occurrences, strip_breaks, unbroken_text

#: It is hidden from so many characters on.
FRAGMENT_CHARACTERS = 4

#: How our plugin, pytest, `reprlib`, `textwrap` and unittest tell that they cut.
_TRUNCATION_SIGNS = tuple(
    (sign, re.compile(pattern))
    for sign, pattern in (
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
_MAX_VALUE_CHARACTERS, _MAX_SPACE_CHARACTERS, _NEAREST_CHARACTERS = 2048, 256, 20
_SPACE = " \t\r\n│|'\"`"
_SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?")


class Truncations:
    """Finds what is left of values, of which `known` are all the ways in which they are written, without breaks."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = frozenset(known)

    @cached_property
    def _fragments(self) -> frozenset[str]:
        """What may stand next to a cut; few texts have one of these there."""
        last = FRAGMENT_CHARACTERS - 1
        return frozenset(
            known[start : start + FRAGMENT_CHARACTERS] for known in self._known for start in range(len(known) - last)
        )

    def may_be_in(self, text: str) -> bool:
        """Whether `spans` may find anything, but for what stands below `SHORTENED_PHRASES`."""
        return any(
            _last_letters(text, end) in self._fragments or _first_letters(text, start) in self._fragments
            for end, start in _find_truncations(text)
        )

    def spans(self, text: str) -> Iterator[Span]:
        """Where beginnings and ends of values stand that were cut off, and what is left between two cuts."""
        previous_end = len(text)
        for end, start in (*_find_truncations(text), *_shortened(text)):
            yield from self._prefix_spans(text, end)
            yield from self._suffix_spans(text, start)
            if previous_end < end <= previous_end + _MAX_VALUE_CHARACTERS:
                yield from self._middle_spans(text, previous_end, end)
            previous_end = start

    def _prefix_spans(self, text: str, end: int) -> Iterator[Span]:
        """What stands in front of a cut and begins a value."""
        last = _last_letters(text, end)
        if last in self._fragments:
            start = max(0, end - _MAX_VALUE_CHARACTERS)
            text_before = unbroken_text(text[start:end])
            if size := max(_prefix_size(known, text_before.text) for known in self._known if last in known):
                yield start + text_before.positions[-size], start + text_before.positions[-1] + 1

    def _suffix_spans(self, text: str, start: int) -> Iterator[Span]:
        """What stands behind a cut and ends a value."""
        first = _first_letters(text, start)
        if first in self._fragments:
            text_after = unbroken_text(text[start : start + _MAX_VALUE_CHARACTERS])
            if size := max(_suffix_size(known, text_after.text) for known in self._known if first in known):
                yield start + text_after.positions[0], start + text_after.positions[size - 1] + 1

    def _middle_spans(self, text: str, start: int, end: int) -> Iterator[Span]:
        """What stands between two cuts and is part of a value."""
        if _first_letters(text, start) in self._fragments:
            middle = unbroken_text(text[start:end])
            if len(middle.text) >= FRAGMENT_CHARACTERS and any(middle.text in known for known in self._known):
                yield start + middle.positions[0], start + middle.positions[-1] + 1


def _find_truncations(text: str) -> list[Span]:
    """The cuts: what stands in front of them ends there, what stands behind them begins there."""
    spans = (match.span() for sign, pattern in _TRUNCATION_SIGNS if sign in text for match in pattern.finditer(text))
    ends = [(0, 0), (len(text), len(text))] if len(text) >= LONG_CHARACTERS else []
    return sorted([*(_with_brackets(text, *span) for span in spans), *ends])


def _with_brackets(text: str, start: int, end: int) -> Span:
    """``[...]`` and ``[truncated]...``, of which only the dots were looked for."""
    if text.endswith(_TRUNCATED, max(0, start - len(_TRUNCATED)), start):
        return start - len(_TRUNCATED), end
    is_in_brackets = text.endswith("[", 0, start) and text.startswith("]", end)
    return (start - 1, end + 1) if is_in_brackets else (start, end)


def _shortened(text: str) -> Iterator[Span]:
    """The ends of lines that pytest has shortened."""
    for shortened in _SHORTENED.finditer(text) if any(phrase in text for phrase in SHORTENED_PHRASES) else ():
        for line in _SHORTENED_LINE.finditer(text, *shortened.span(1)):
            yield line.start(), line.start(1)
            yield line.end(), line.end()


def _last_letters(text: str, end: int) -> str:
    """The last letters in front of a cut."""
    surroundings = text[max(0, end - _MAX_SPACE_CHARACTERS) : end].rstrip(_SPACE)
    nearest = strip_breaks(surroundings[-_NEAREST_CHARACTERS:])[-FRAGMENT_CHARACTERS:]
    return nearest if len(nearest) == FRAGMENT_CHARACTERS else strip_breaks(surroundings)[-FRAGMENT_CHARACTERS:]


def _first_letters(text: str, start: int) -> str:
    """The first letters behind a cut."""
    surroundings = text[start : start + _MAX_SPACE_CHARACTERS].lstrip(_SPACE)
    nearest = strip_breaks(surroundings[:_NEAREST_CHARACTERS])[:FRAGMENT_CHARACTERS]
    return nearest if len(nearest) == FRAGMENT_CHARACTERS else strip_breaks(surroundings)[:FRAGMENT_CHARACTERS]


def _prefix_size(known: str, text_before: str) -> int:
    """How much of the beginning of `known` is the end of `text_before`; 0 where it is too little, or tells nothing."""
    scheme = _SCHEME.match(known)
    min_characters = FRAGMENT_CHARACTERS + (scheme.end() if scheme else 0)
    sizes = (end for _, end in occurrences(text_before[-FRAGMENT_CHARACTERS:], known, step=1))
    return max((size for size in sizes if size >= min_characters and text_before.endswith(known[:size])), default=0)


def _suffix_size(known: str, text_after: str) -> int:
    """How much of the end of `known` is the beginning of `text_after`; 0 where it is too little."""
    sizes = (len(known) - start for start, _ in occurrences(text_after[:FRAGMENT_CHARACTERS], known, step=1))
    return max((size for size in sizes if text_after.startswith(known[-size:])), default=0)
