"""Values seen through whatever wraps, quotes, escapes and frames them: texts without their breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

Span = tuple[int, int]

#: What may stand within a value: white space, also as a literal writes it, quotes, what tracebacks, diffs and boxes
#: put around their lines; and what all keys have in common.
_BREAKS = re.compile(
    r"(?:-----(?:BEGIN|END)[A-Z0-9 ]+-----"
    r"|\\+[nrt]"
    r"|[\s\"'`\\>|,()│\ufffd]"
    r"|(?:(?<!\S)|(?<=\\n))[-+?E](?![^\s\"'`\\])"
    r"|(?<!\w)[bB](?=[\"']))+"
)
#: What of it may stand within a word: the end of a line, which may have become blanks, and an escape's backslashes.
_WITHIN_WORDS = re.compile(r"\\*|.*(?:[\r\n│]|\\[nr]|\s\s).*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Squeezed:
    """A text without its breaks; `places` has where each letter stood."""

    letters: str
    places: list[int]


def squeeze(text: str) -> Squeezed:
    """`text` without its breaks."""
    places = [place for begin, end in _unbroken(text) for place in range(begin, end)]
    return Squeezed("".join(map(text.__getitem__, places)), places)


def letters(text: str) -> str:
    """Only its letters, which is quicker."""
    return _BREAKS.sub("", text)


def occurrences(value: str, text: str, *, step: int = 0) -> Iterator[Span]:
    """Where `value` stands in `text`, each after the one before, or `step` further on."""
    begin = text.find(value)
    while begin >= 0:
        yield begin, begin + len(value)
        begin = text.find(value, begin + (step or len(value)))


def wrapped(form: str, text: str, squeezed: Squeezed) -> Iterator[Span]:
    """Where `form` stands in `text`, its words apart in any way, or broken at the end of a line."""
    own = squeeze(form)
    for begin, end in occurrences(own.letters, squeezed.letters) if own.letters else ():
        places = squeezed.places[begin:end]
        if _may_be(_gaps(text, places), _gaps(form, own.places)):
            yield places[0], places[-1] + 1


def _gaps(text: str, places: list[int]) -> list[str]:
    """What stands between each of the places and the next."""
    return [text[place + 1 : following] for place, following in pairwise(places)]


def _may_be(gaps: list[str], own: list[str]) -> bool:
    """Whether a text's gaps are where a value has its own, or such as wrapping and escaping make."""
    return all(bool(gap) if of_value else _WITHIN_WORDS.fullmatch(gap) for gap, of_value in zip(gaps, own, strict=True))


def _unbroken(text: str) -> Iterator[Span]:
    end = 0
    for broken in _BREAKS.finditer(text):
        yield end, broken.start()
        end = broken.end()
    yield end, len(text)
