"""Which known values a text may hold: mostly none, and a look at every eighth letter shows so.

Through the sieve go letters and digits alone, so that wrapping, quoting and escaping make no difference; and long words
as they are, so that of a random value a part is found too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from .token_patterns import Sight
from .wrapped import letters

#: Whatever has this many bytes in common with a value shares one of its aligned samples, wherever it begins.
SAMPLE_BYTES = 8
SAMPLED_BYTES = 2 * SAMPLE_BYTES - 1
#: What is shorter than this is in too many texts.
_LEAST_BYTES = 6

#: All that may break up a value is held back, wherever it stands, and more.
_HELD_BACK = bytes(code for code in range(128) if not chr(code).isalnum()) + b"EbB"
_ESCAPES = b"\\n", b"\\r", b"\\t"
_FRAMES = "│", "\ufffd"


class Sieve:
    """Knows the forms of all values, each with its opaque runs; `phrases` of 15 letters or more are found as well."""

    def __init__(self, forms: Mapping[str, Iterable[str]], phrases: Iterable[str] = ()) -> None:
        self._sifted = [(form, left) for form in forms for left in {_of_form(form), _of_form(letters(form))}]
        self._sampled = [(form, left) for form, left in self._sifted if len(left) >= SAMPLED_BYTES]
        self._sampled += [(form, run.encode()) for form, runs in forms.items() for run in runs]
        self._sampled += [("", _of_form(phrase)) for phrase in phrases]
        self._samples = frozenset(sample for _, left in self._sampled for sample in _samples(left))
        self._short = [(left, form) for form, left in self._sifted if _LEAST_BYTES <= len(left) < SAMPLED_BYTES]
        self._bare = [form for form, left in self._sifted if len(left) < _LEAST_BYTES]

    def is_empty(self, sight: Sight) -> bool:
        """Whether nothing of what it knows may be there."""
        left = _sifted(sight.text, sight.data)
        return (
            self._samples.isdisjoint(_aligned(left))
            and self._samples.isdisjoint(_aligned(sight.words))
            and not any(short in left for short, _ in self._short)
            and not any(form in sight.text for form in self._bare)
        )

    def found(self, sight: Sight) -> set[str]:
        """The forms that may be there, whole or in part; an empty text for a phrase."""
        left = _sifted(sight.text, sight.data)
        samples = [*self._samples.intersection(_aligned(left)), *self._samples.intersection(_aligned(sight.words))]
        forms = {form for sample in samples for form in self._forms_of[sample]}
        forms.update(form for short, form in self._short if short in left)
        forms.update(form for form in self._bare if form in sight.text)
        return forms

    @cached_property
    def _forms_of(self) -> Mapping[int, set[str]]:
        """Each sample -> what has it."""
        forms: dict[int, set[str]] = defaultdict(set)
        for form, left in self._sampled:
            for sample in _samples(left):
                forms[sample].add(form)
        return forms


def _of_form(form: str) -> bytes:
    """What goes through of a form in any text: a backslash in front may take its first letter away."""
    left = _sifted(form, form.encode("utf-8", "surrogatepass"))
    return left[1:] if left.startswith((b"n", b"r", b"t")) else left


def _sifted(text: str, data: bytes) -> bytes:
    for escape in _ESCAPES if "\\" in text else ():
        data = data.replace(escape, b"")
    for frame in _FRAMES:
        if frame in text:
            data = data.replace(frame.encode(), b"")
    return data.translate(None, _HELD_BACK)


def _samples(data: bytes) -> Iterator[int]:
    """Every eight bytes of `data` as a number, from each of its places on."""
    for offset in range(SAMPLE_BYTES):
        yield from _aligned(data[offset:])


def _aligned(data: bytes) -> memoryview[int]:
    """Every eighth place only."""
    return memoryview(data)[: len(data) - len(data) % SAMPLE_BYTES].cast("Q")
