"""Removes ANSI sequences and makes control characters visible."""

from __future__ import annotations

import re

# ECMA-48, 5.3-5.6: control sequences (CSI), control strings (OSC, DCS, SOS, PM, APC) up to their terminator on
# the same line, and the short escapes. Only the start of an unterminated control string is removed.
_ANSI = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)"
    r"|\x1b[ -/]*[0-~]"
)

# Control characters, directional overrides (they disguise text: https://trojansource.codes), and surrogates, which
# cannot be encoded as UTF-8.
_SHAPELESS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_PLAIN = bytes((*b"\t\n", *range(0x20, 0x7F)))


def is_plain(text: str) -> bool:
    """Whether the text, like most, has only printable ASCII, tabs and newlines."""
    return text.isascii() and not text.encode().translate(None, _PLAIN)  # eight times as fast as `isprintable`


def strip_ansi(text: str) -> str:
    """Return the text without ANSI sequences."""
    return _ANSI.sub("", text) if "\x1b" in text or "\x9b" in text else text


def positions_without_ansi(text: str) -> list[int]:
    """Return the position in `text` of each character of `strip_ansi(text)`."""
    positions: list[int] = []
    end = 0
    for sequence in _ANSI.finditer(text):
        positions += range(end, sequence.start())
        end = sequence.end()
    return [*positions, *range(end, len(text))]


def visible(text: str) -> str:
    r"""Return the text without ANSI sequences, with control characters and surrogates as ``\x00`` and ``\ud800``.

    Every line ending becomes ``\n``. The result can be encoded as UTF-8. The function is idempotent.
    """
    if is_plain(text):
        return text
    lines = strip_ansi(text).replace("\r\n", "\n").replace("\r", "\n")
    return _SHAPELESS.sub(lambda match: escaped(match[0]), lines)


def escaped(character: str) -> str:
    r"""Return a character as a Python escape: ``\x00``, ``\u202e``, ``\U0001f600``."""
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
