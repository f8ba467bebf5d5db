"""Text -> text without secrets: known values in all their forms, well-known tokens, the user's patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from .secret_shapes import MARK, without_tokens
from .secret_values import forms_of, opaque_runs

#: A part of an opaque value that is this long is hidden even without the rest.
PIECE_CHARACTERS = 16
#: Whatever has this many bytes in common with a value shares one of its aligned samples, wherever it begins.
SAMPLE_BYTES = 8
SAMPLED_BYTES = 2 * SAMPLE_BYTES - 1

#: What may stand within a value that is wrapped, quoted or cut; and what all keys have in common.
_BREAKS = re.compile(r"(?:-----(?:BEGIN|END)[A-Z0-9 ]+-----|[\s\"'`\\>|,()])+")

Span = tuple[int, int]


class Redactor:
    """Replaces secrets by ``***``; `values` are `secrets_of(...)`, `patterns` the user's regular expressions.

    Most texts hold no secret, and a look at every eighth place shows so. Where a sample is known, values are
    replaced whole, and those that look random also piece by piece: tracebacks cut them, wrap them and put them
    in quotes. Redacting twice changes nothing more.
    """

    def __init__(self, values: Iterable[str] = (), patterns: Iterable[str] = ()) -> None:
        forms = sorted(forms_of(values), key=len, reverse=True)
        self._long = [form for form in forms if _size(form) >= SAMPLED_BYTES]
        self._short = [form for form in forms if _size(form) < SAMPLED_BYTES]
        self._samples = frozenset(sample for form in self._long for sample in _samples(_encoded(form)))
        runs = [run for form in self._long for run in opaque_runs(_BREAKS.sub("", form))]
        self._run_samples = frozenset(sample for run in runs for sample in _samples(_encoded(run)))
        self._pieces = frozenset(piece for run in runs for piece in _pieces(run))
        self._patterns = [re.compile(pattern) for pattern in patterns]

    def __call__(self, text: str) -> str:
        """`text` without secrets."""
        data = _encoded(text)
        redacted = text if self._samples.isdisjoint(_aligned(data)) else self._without_values(text)
        for value in self._short:
            redacted = redacted.replace(value, MARK)
        redacted = without_tokens(redacted, data)
        for pattern in self._patterns:
            redacted = pattern.sub(MARK, redacted)
        return redacted

    def redact_json(self, value: Any) -> Any:
        """What `json` reads or writes, with every text in it redacted, keys too."""
        match value:
            case str():
                return self(value)
            case dict():
                return {self.redact_json(key): self.redact_json(inner) for key, inner in value.items()}
            case list() | tuple():
                return [self.redact_json(inner) for inner in value]
            case _:
                return value

    def _without_values(self, text: str) -> str:
        spans = [span for value in self._long for span in _occurrences(value, text)]
        if not self._run_samples.isdisjoint(_aligned(_encoded(text))):
            spans += self._pieces_in(text)
        kept: list[str] = []
        end = 0
        for begin, stop in sorted(spans):
            if begin > end or not kept:
                kept.append(text[end:begin])
            end = max(end, stop)
        return MARK.join([*kept, text[end:]])

    def _pieces_in(self, text: str) -> Iterator[Span]:
        """Where pieces of values stand, seen through line ends, quotes and whatever else breaks them up."""
        places = [place for begin, end in _unbroken(text) for place in range(begin, end)]
        joined = "".join(map(text.__getitem__, places))
        for at, piece in enumerate(_pieces(joined)):
            if piece in self._pieces:
                yield places[at], places[at + PIECE_CHARACTERS - 1] + 1


def _occurrences(value: str, text: str) -> Iterator[Span]:
    begin = text.find(value)
    while begin >= 0:
        yield begin, begin + len(value)
        begin = text.find(value, begin + len(value))


def _unbroken(text: str) -> Iterator[Span]:
    end = 0
    for broken in _BREAKS.finditer(text):
        yield end, broken.start()
        end = broken.end()
    yield end, len(text)


def _pieces(run: str) -> Iterator[str]:
    return (run[at : at + PIECE_CHARACTERS] for at in range(len(run) - PIECE_CHARACTERS + 1))


def _samples(data: bytes) -> Iterator[int]:
    """Every eight bytes of `data` as a number, from each of its places on."""
    for offset in range(SAMPLE_BYTES):
        yield from _aligned(data[offset:])


def _aligned(data: bytes) -> memoryview[int]:
    """Every eighth place only."""
    return memoryview(data)[: len(data) - len(data) % SAMPLE_BYTES].cast("Q")


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _size(text: str) -> int:
    return len(_encoded(text))
