"""Replace the parts of a message that differ from one occurrence to the next."""

from __future__ import annotations

import re
from functools import lru_cache

_CACHE_SIZE = 1024
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_HEXADECIMAL = r"0x[0-9a-fA-F]+|\b(?=[a-f]*\d)[0-9a-f]{8,}\b"
_TIME = r"\d+-\d+-\d+[T ]\d+:\d+(?::\d+(?:[.,]\d+)?)?(?:Z|[+-]\d+:\d+)?"
_NUMBER = r"(?:(?<!\w)-)?\d+(?:[.,:_]\d+)*(?:e[+-]?\d+)?"
_NUMBERS = re.compile(f"{_UUID}|{_HEXADECIMAL}|{_TIME}|{_NUMBER}")
# An apostrophe within a word begins no quotation.
_QUOTATIONS = re.compile(r"(?<!\w)(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")")
#: The items of a list, or of a dictionary.
_ITEMS = re.compile(r"#(?:: #)?(?:, #(?:: #)?)*")


@lru_cache(_CACHE_SIZE)
def without_numbers(text: str) -> str:
    """Return the text with ``#`` for each number, address, time, and list of these."""
    return _ITEMS.sub("#", _NUMBERS.sub("#", text))


@lru_cache(_CACHE_SIZE)
def without_values(text: str) -> str:
    """Return the text with ``#`` for each number, address, time, quoted value, and list of these."""
    return without_numbers(_QUOTATIONS.sub("#", text))
