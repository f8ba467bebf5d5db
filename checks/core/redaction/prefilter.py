"""Which known values a text may hold: mostly none, and a look at every eighth letter shows so.

Through the sieve go letters and digits alone, so that wrapping, quoting and escaping make no difference; and long words
as they are, so that of a random value a part is found too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from .token_patterns import ScannedText
from .wrapped import strip_breaks

#: Whatever has this many bytes in common with a value shares one of its aligned samples, wherever it begins.
SAMPLE_BYTES = 8
SAMPLED_BYTES = 2 * SAMPLE_BYTES - 1
#: What is shorter than this is in too many texts.
_MIN_BYTES = 6

#: All that may break up a value is held back, wherever it stands, and more.
_REMOVED_BYTES = bytes(code for code in range(128) if not chr(code).isalnum()) + b"EbB"
_ESCAPES = b"\\n", b"\\r", b"\\t"
_FRAMES = "│", "\ufffd"


class Prefilter:
    """Knows the forms of all values, each with its opaque runs; `phrases` of 15 letters or more are found as well."""

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
        self._samples = frozenset(
            sample for _, normalized in self._sampled_forms for sample in _all_samples(normalized)
        )
        self._short_forms = [
            (normalized, form)
            for form, normalized in self._normalized_forms
            if _MIN_BYTES <= len(normalized) < SAMPLED_BYTES
        ]
        self._shortest_forms = [form for form, normalized in self._normalized_forms if len(normalized) < _MIN_BYTES]

    def excludes(self, scanned: ScannedText) -> bool:
        """Whether nothing of what it knows may be there."""
        normalized = _normalize(scanned.text, scanned.data)
        return (
            self._samples.isdisjoint(_aligned_samples(normalized))
            and self._samples.isdisjoint(_aligned_samples(scanned.words))
            and not any(short in normalized for short, _ in self._short_forms)
            and not any(form in scanned.text for form in self._shortest_forms)
        )

    def candidates(self, scanned: ScannedText) -> set[str]:
        """The forms that may be there, whole or in part; an empty text for a phrase."""
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
        """Each sample -> what has it."""
        forms: dict[int, set[str]] = defaultdict(set)
        for form, normalized in self._sampled_forms:
            for sample in _all_samples(normalized):
                forms[sample].add(form)
        return forms


def _normalize_form(form: str) -> bytes:
    """What goes through of a form in any text: a backslash in front may take its first letter away."""
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
    """Every eight bytes of `data` as a number, from each of its places on."""
    for offset in range(SAMPLE_BYTES):
        yield from _aligned_samples(data[offset:])


def _aligned_samples(data: bytes) -> memoryview[int]:
    """Every eighth place only."""
    return memoryview(data)[: len(data) - len(data) % SAMPLE_BYTES].cast("Q")
