"""Quickly tell which known values a text may contain; most texts contain none.

Compares samples of eight bytes. Texts are reduced to letters and digits, so that wrapping, quoting and escaping make no
difference; long words are also compared as they are, so that parts of random values are found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain

from .token_patterns import ScannedText
from .wrapped import strip_breaks

#: A text that shares this many bytes with a value shares one of its aligned samples, at any offset.
SAMPLE_BYTES = 8
SAMPLED_BYTES = 2 * SAMPLE_BYTES - 1
#: Shorter samples occur in too many texts.
_MIN_BYTES = 6

#: Everything that may break up a value, and more.
_REMOVED_BYTES = bytes(code for code in range(128) if not chr(code).isalnum()) + b"EbB"
_ESCAPES = b"\\n", b"\\r", b"\\t"
_FRAMES = "│", "\ufffd"


class Prefilter:
    """Knows the forms of all values, each with its opaque runs, and `phrases` of at least 15 letters."""

    def __init__(self, forms: Mapping[str, Iterable[str]], phrases: Iterable[str] = ()) -> None:
        self._normalized_forms = [
            (form, normalized)
            for form in forms
            for normalized in {_normalize_form(form), _normalize_form(strip_breaks(form))}
        ]
        self._sampled_forms = [
            (form, normalized) for form, normalized in self._normalized_forms if len(normalized) >= SAMPLED_BYTES
        ]
        self._sampled_forms += [(form, run.encode()) for form, runs in forms.items() for run in runs]
        self._sampled_forms += [("", _normalize_form(phrase)) for phrase in phrases]
        distinct = {normalized for _, normalized in self._sampled_forms}
        self._samples = frozenset(chain.from_iterable(map(_all_samples, distinct)))
        self._short_forms = [
            (normalized, form)
            for form, normalized in self._normalized_forms
            if _MIN_BYTES <= len(normalized) < SAMPLED_BYTES
        ]
        self._shortest_forms = [form for form, normalized in self._normalized_forms if len(normalized) < _MIN_BYTES]

    def excludes(self, scanned: ScannedText) -> bool:
        """Whether the text certainly contains none of the forms and phrases."""
        normalized = _normalize(scanned.text, scanned.data)
        return (
            self._samples.isdisjoint(_aligned_samples(normalized))
            and self._samples.isdisjoint(_aligned_samples(scanned.words))
            and not any(short in normalized for short, _ in self._short_forms)
            and not any(form in scanned.text for form in self._shortest_forms)
        )

    def candidates(self, scanned: ScannedText) -> set[str]:
        """Return the forms that the text may contain, whole or in part; an empty string stands for a phrase."""
        normalized = _normalize(scanned.text, scanned.data)
        samples = [
            *self._samples.intersection(_aligned_samples(normalized)),
            *self._samples.intersection(_aligned_samples(scanned.words)),
        ]
        forms = {form for sample in samples for form in self._forms_by_sample[sample]}
        forms.update(form for short, form in self._short_forms if short in normalized)
        forms.update(form for form in self._shortest_forms if form in scanned.text)
        return forms

    @cached_property
    def _forms_by_sample(self) -> Mapping[int, set[str]]:
        """Map each sample to the forms that have it."""
        forms: dict[int, set[str]] = defaultdict(set)
        for form, normalized in self._sampled_forms:
            for sample in _all_samples(normalized):
                forms[sample].add(form)
        return forms


def _normalize_form(form: str) -> bytes:
    """Return the normalized form without a first letter that a preceding backslash may remove."""
    normalized = _normalize(form, form.encode("utf-8", "surrogatepass"))
    return normalized[1:] if normalized.startswith((b"n", b"r", b"t")) else normalized


def _normalize(text: str, data: bytes) -> bytes:
    for escape in _ESCAPES if "\\" in text else ():
        data = data.replace(escape, b"")
    for frame in _FRAMES:
        if frame in text:
            data = data.replace(frame.encode(), b"")
    return data.translate(None, _REMOVED_BYTES)


def _all_samples(data: bytes) -> Iterator[int]:
    """Yield eight bytes of `data` as a number, from every offset."""
    return chain.from_iterable(_aligned_samples(data[offset:]) for offset in range(SAMPLE_BYTES))


def _aligned_samples(data: bytes) -> memoryview[int]:
    """Yield eight bytes of `data` as a number, from every eighth offset."""
    return memoryview(data)[: len(data) - len(data) % SAMPLE_BYTES].cast("Q")
