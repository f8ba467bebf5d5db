"""Find what remains of a value next to a truncation: its beginning before it, its end after it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from .wrapped import Span, occurrences, strip_breaks, unbroken_text

#: Length from which a remainder is redacted.
FRAGMENT_CHARACTERS = 4

#: How the plugin, pytest, `reprlib`, `textwrap` and unittest mark a truncation.
_TRUNCATION_SIGNS = tuple(
    (sign, re.compile(pattern))
    for sign, pattern in (
        ("…", r"…(?: [\d,]+ [a-z]+ left out …)?"),
        ("...", r"\.{3,}"),
        (" chars]", r"\[\d+ chars\]"),
    )
)
_TRUNCATED = "[truncated]"
#: pytest leaves out what both sides of a diff have in common, and text far from a match.
SHORTENED_PHRASES = "identical leading", "identical trailing", "is contained here:"
_SHORTENED = re.compile(rf"(?:{'|'.join(SHORTENED_PHRASES)}).*((?:\n.*){{1,8}})")
_SHORTENED_LINE = re.compile(r"\n[\s|>]*(?:E\s+)?(?:[-+?] )?(.*)")
#: A text this long may be truncated without a mark.
LONG_CHARACTERS = 4_000

#: How much text next to a truncation is compared: enough for a value, the space around it, a few letters.
_MAX_VALUE_CHARACTERS, _MAX_SPACE_CHARACTERS, _NEAREST_CHARACTERS = 2048, 256, 20
_SPACE = " \t\r\n│|'\"`"
_SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?")


class Truncations:
    """Finds the remains of values; `known` are all forms of the values, without breaks."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = frozenset(known)

    @cached_property
    def _fragments(self) -> frozenset[str]:
        """Samples of what may stand next to a truncation; few texts contain one there."""
        last = FRAGMENT_CHARACTERS - 1
        return frozenset(
            known[start : start + FRAGMENT_CHARACTERS] for known in self._known for start in range(len(known) - last)
        )

    def may_be_in(self, text: str) -> bool:
        """Whether `spans` may find anything, apart from what follows `SHORTENED_PHRASES`."""
        return any(
            _last_letters(text, end) in self._fragments or _first_letters(text, start) in self._fragments
            for end, start in _find_truncations(text)
        )

    def spans(self, text: str) -> Iterator[Span]:
        """Yield the spans of truncated values: beginnings, ends, and middles between two truncations."""
        previous_end = len(text)
        for end, start in (*_find_truncations(text), *_shortened(text)):
            yield from self._prefix_spans(text, end)
            yield from self._suffix_spans(text, start)
            if previous_end < end <= previous_end + _MAX_VALUE_CHARACTERS:
                yield from self._middle_spans(text, previous_end, end)
            previous_end = start

    def _prefix_spans(self, text: str, end: int) -> Iterator[Span]:
        """Yield what stands before a truncation and begins a value."""
        last = _last_letters(text, end)
        if last in self._fragments:
            start = max(0, end - _MAX_VALUE_CHARACTERS)
            text_before = unbroken_text(text[start:end])
            if size := max(_prefix_size(known, text_before.text) for known in self._known if last in known):
                yield start + text_before.positions[-size], start + text_before.positions[-1] + 1

    def _suffix_spans(self, text: str, start: int) -> Iterator[Span]:
        """Yield what stands after a truncation and ends a value."""
        first = _first_letters(text, start)
        if first in self._fragments:
            text_after = unbroken_text(text[start : start + _MAX_VALUE_CHARACTERS])
            if size := max(_suffix_size(known, text_after.text) for known in self._known if first in known):
                yield start + text_after.positions[0], start + text_after.positions[size - 1] + 1

    def _middle_spans(self, text: str, start: int, end: int) -> Iterator[Span]:
        """Yield what stands between two truncations and is part of a value."""
        if _first_letters(text, start) in self._fragments:
            middle = unbroken_text(text[start:end])
            if len(middle.text) >= FRAGMENT_CHARACTERS and any(middle.text in known for known in self._known):
                yield start + middle.positions[0], start + middle.positions[-1] + 1


def _find_truncations(text: str) -> list[Span]:
    """Return the truncations as spans: text before them ends at the start, text after them begins at the end."""
    spans = (match.span() for sign, pattern in _TRUNCATION_SIGNS if sign in text for match in pattern.finditer(text))
    ends = [(0, 0), (len(text), len(text))] if len(text) >= LONG_CHARACTERS else []
    return sorted([*(_with_brackets(text, *span) for span in spans), *ends])


def _with_brackets(text: str, start: int, end: int) -> Span:
    """Extend the dots of ``[...]`` and ``[truncated]...`` to the whole mark."""
    if text.endswith(_TRUNCATED, max(0, start - len(_TRUNCATED)), start):
        return start - len(_TRUNCATED), end
    is_in_brackets = text.endswith("[", 0, start) and text.startswith("]", end)
    return (start - 1, end + 1) if is_in_brackets else (start, end)


def _shortened(text: str) -> Iterator[Span]:
    """Yield the ends of lines that pytest has shortened."""
    for shortened in _SHORTENED.finditer(text) if any(phrase in text for phrase in SHORTENED_PHRASES) else ():
        for line in _SHORTENED_LINE.finditer(text, *shortened.span(1)):
            yield line.start(), line.start(1)
            yield line.end(), line.end()


def _last_letters(text: str, end: int) -> str:
    """Return the last letters before a truncation."""
    surroundings = text[max(0, end - _MAX_SPACE_CHARACTERS) : end].rstrip(_SPACE)
    nearest = strip_breaks(surroundings[-_NEAREST_CHARACTERS:])[-FRAGMENT_CHARACTERS:]
    return nearest if len(nearest) == FRAGMENT_CHARACTERS else strip_breaks(surroundings)[-FRAGMENT_CHARACTERS:]


def _first_letters(text: str, start: int) -> str:
    """Return the first letters after a truncation."""
    surroundings = text[start : start + _MAX_SPACE_CHARACTERS].lstrip(_SPACE)
    nearest = strip_breaks(surroundings[:_NEAREST_CHARACTERS])[:FRAGMENT_CHARACTERS]
    return nearest if len(nearest) == FRAGMENT_CHARACTERS else strip_breaks(surroundings)[:FRAGMENT_CHARACTERS]


def _prefix_size(known: str, text_before: str) -> int:
    """Return how much of `known`'s beginning ends `text_before`; 0 if it is too short or insignificant."""
    scheme = _SCHEME.match(known)
    min_characters = FRAGMENT_CHARACTERS + (scheme.end() if scheme else 0)
    sizes = (end for _, end in occurrences(text_before[-FRAGMENT_CHARACTERS:], known, step=1))
    return max((size for size in sizes if size >= min_characters and text_before.endswith(known[:size])), default=0)


def _suffix_size(known: str, text_after: str) -> int:
    """Return how much of `known`'s end begins `text_after`; 0 if it is too short."""
    sizes = (len(known) - start for start, _ in occurrences(text_after[:FRAGMENT_CHARACTERS], known, step=1))
    return max((size for size in sizes if text_after.startswith(known[-size:])), default=0)
