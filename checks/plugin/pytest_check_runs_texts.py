"""Format values and texts of any size and behaviour as short texts.

Part of the plugin; the rules in `pytest_check_runs_child` apply.
"""

from __future__ import annotations

import array
import collections
import itertools
import reprlib
from typing import TYPE_CHECKING

from pytest_check_runs_stream import hidden_from_coverage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

__file__ = hidden_from_coverage(__file__)

TEXT_CHARACTERS = 60_000  # of a traceback; GitHub's limit is 64 KB
MESSAGE_CHARACTERS = 16_000  # of an exception or a warning; if CI is set, pytest does not truncate diffs
OUTPUT_CHARACTERS = 16_000  # of each captured section
_VALUE_CHARACTERS = 240  # of a local variable
_PLAIN_CHARACTERS = 1_000  # of a recorded property, such as a link
_MAX_ITEMS = 12
_MAX_SORTED = 1000
_MAX_BITS = 64  # of an integer whose repr needs no limit

_SIMPLE = (float, bool, type(None))  # of a short repr, as are small integers
_STRINGS = (str, bytes, bytearray)
_ORDERED = (dict, list, tuple)
_SETS = (set, frozenset)  # formatted by the base class, which sorts them
_CONTAINERS = (*_SETS, *_ORDERED)
_SHORTENED = (*_CONTAINERS, collections.deque, array.array, int)
_FORMATTED = (bytes, bytearray, *_CONTAINERS, collections.deque, array.array)  # `str` would format all of them


def truncate(text: str, characters: int) -> str:
    """Return the text; if it is too long, without its middle, which a remark replaces."""
    if len(text) <= characters:
        return text
    half = characters // 2
    return "%s\n… %d characters left out …\n%s" % (text[:half], len(text) - 2 * half, text[-half:])


def replace_surrogates(text: str) -> str:
    """Replace lone surrogates, which would break xdist's messages."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _call(function: Callable[[Any], str], value: object) -> str:
    """Return the function's text, or its error: a ``__repr__`` may even call `pytest.skip` or `sys.exit`."""
    try:
        return function(value)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return "<%s in repr>" % type(error).__name__


class ValueRepr(reprlib.Repr):
    """Formats values as one line each."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = _VALUE_CHARACTERS
        self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = self.maxdict = _MAX_ITEMS
        self.maxdeque = self.maxarray = _MAX_ITEMS
        self.maxlevel = 4

    def text(self, value: object) -> str:
        """Return the value's repr."""
        return truncate(_call(self.repr, value), 2 * _VALUE_CHARACTERS).replace("\n", " ")

    def plain(self, value: object) -> str:
        """Return a text as it is, and other values as `str` does, but not all of a large one."""
        is_formatted = issubclass(type(value), _FORMATTED)
        return truncate(replace_surrogates(_call(self.repr if is_formatted else str, value)), _PLAIN_CHARACTERS)

    def repr1(self, x: Any, level: int) -> str:
        """Use the value's real type: a proxy lies about its class, and a subclass may define its own repr."""
        if _has_short_repr(x, level):
            return repr(x)
        kind = type(x)
        if kind in _STRINGS:
            return repr(x[:_VALUE_CHARACTERS]) + ("…" if len(x) > _VALUE_CHARACTERS else "")
        if kind not in _SHORTENED:
            is_large = issubclass(kind, _CONTAINERS) and len(x) > _MAX_SORTED
            return "<%s of %d items>" % (kind.__name__, len(x)) if is_large else self.repr_instance(x, level)
        if kind in _SETS and len(x) > _MAX_SORTED:
            x = kind(itertools.islice(x, _MAX_SORTED))
        return super().repr1(x, level)

    def repr_dict(self, x: dict[Any, Any], level: int) -> str:
        """Keep the order, as Python does; the base class sorts the keys."""
        if level <= 0 and x:
            return "{...}"
        items = itertools.islice(x.items(), self.maxdict)
        texts = ["%s: %s" % (self.repr1(key, level - 1), self.repr1(value, level - 1)) for key, value in items]
        return "{%s}" % ", ".join([*texts, "..."] if len(x) > self.maxdict else texts)


def _has_short_repr(x: Any, level: int) -> bool:
    """Whether Python's own repr, which is several times as fast, needs no limit: of most values."""
    kind = type(x)
    if kind in _SIMPLE:
        return True
    if kind is int:
        return bool(x.bit_length() < _MAX_BITS)
    if kind is str or kind is bytes:
        return len(x) <= _VALUE_CHARACTERS
    if kind not in _ORDERED or len(x) > _MAX_ITEMS or (level <= 0 and x):
        return False
    if kind is dict and not _have_short_repr(x.values(), level - 1):
        return False
    return _have_short_repr(x, level - 1)


def _have_short_repr(values: Iterable[Any], level: int) -> bool:
    for value in values:  # noqa: SIM110 - a generator would take twice as long
        if not _has_short_repr(value, level):
            return False
    return True
