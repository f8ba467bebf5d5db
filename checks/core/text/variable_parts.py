"""Replace the parts of a message that differ from one occurrence to the next."""

from __future__ import annotations

import re
from functools import lru_cache

# A possessive quantifier is used for single characters only: before Python 3.11.5, that of a group may match what it
# should not (https://github.com/python/cpython/issues/106052).

_CACHE_SIZE = 1024
#: All digits become ``#``, and no pattern tells these apart. So the cache has most messages that differ in numbers.
_SAME_DIGITS = str.maketrans(dict.fromkeys("23456789", "1"))
_CONTAINER_DEPTH = 8

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_TEMPORARY = r"pytest-of-[^/\s]{1,64}/pytest-\d+/[^\s'\":,)]++|tmp[a-z0-9_]{8}\b"
_TIME = r"\d++-\d++-\d++[T ]\d++:\d++(?::\d+(?:[.,]\d+)?)?(?:Z|[+-]\d+:\d+)?"
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|"
    r"Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)
_DATE = rf"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? +)?(?:\d\d? {_MONTH}|{_MONTH} +\d\d?)\b"
_NUMBER = r"(?:(?<!\w)[-+])?\d++(?:[.,:_]\d++)*(?:[eE][+-]?\d++| [AP]M\b)?"
_NOT_FINITE = r"(?<![\w.])[-+]?(?:nan|inf|Infinity)(?![\w.])"
_HEXADECIMAL = r"0x[0-9a-fA-F]+|(?=[a-fA-F]*\d)(?=\d*[a-fA-F])(?:[0-9a-f]{7,}+|[0-9A-F]{7,}+)(?![A-Za-z\d])"
#: Such as ``k3j9x2``: letters between digits.
_RANDOM_NAME = r"[A-Za-z]*\d++[A-Za-z]++\d[A-Za-z\d]*"
_WITH_LETTERS = rf"{_DATE}|{_HEXADECIMAL}|{_RANDOM_NAME}|{_TEMPORARY}|{_NOT_FINITE}"
# All but a plain number begin where a word begins, which is quick to see.
_NUMBERS = re.compile(
    rf"(?<![A-Za-z\d])(?:{_UUID}|{_TIME}|{_NUMBER}(?![A-Za-z\d]| [JFMASOND]|[.,:_]\d)|{_WITH_LETTERS})|{_NUMBER}"
)
#: Quotations, and objects such as ``<Function test_a>``. An apostrophe within a word begins none. The end of a
#: quotation may have been cut off.
_QUOTATIONS = re.compile(
    r"<[A-Za-z_][^<>]*+>|(?<!\w)b?(?:'[^'\\]*+(?:\\.?[^'\\]*+)*(?:'|$)|\"[^\"\\]*+(?:\\.?[^\"\\]*+)*(?:\"|$)|"
    r"`++[^`]*+`*+|“[^”]*+”?)",
    re.DOTALL,
)
_ITEM = r"(?:[\w.]+=)?(?:[\w.#]*#|<[^<>]*+>|None|True|False|\.\.\.)"
_ITEMS = rf"{_ITEM}(?:: {_ITEM})?(?:, {_ITEM}(?:: {_ITEM})?)*"
#: The innermost lists, dictionaries, sets and calls without other words than these.
_CONTAINERS = re.compile(rf"(?:\bset)?[\[({{](?:{_ITEMS},?)?(?:[\])}}]|$)")
_LISTS = re.compile(r"#(?:: #)?(?:, #(?:: #)?)*")


def without_numbers(text: str) -> str:
    """Return the text with ``#`` for each number, address, time, random name, and list of these."""
    return _without_numbers(text.translate(_SAME_DIGITS))


def without_values(text: str) -> str:
    """Return the text with ``#`` for each number, address, time, random name, quoted value, and list of these."""
    return _without_values(text.translate(_SAME_DIGITS))


@lru_cache(_CACHE_SIZE)
def _without_values(text: str) -> str:
    return _without_numbers(_QUOTATIONS.sub("#", text))


@lru_cache(_CACHE_SIZE)
def _without_numbers(text: str) -> str:
    text = _NUMBERS.sub("#", text)
    for _ in range(_CONTAINER_DEPTH):
        text, count = _CONTAINERS.subn("#", text)
        if not count:
            break
    return _LISTS.sub("#", text)
