"""Text as a terminal gets it -> text as a page shows it: colours go, and what has no shape of its own gets one."""

from __future__ import annotations

import re

# ECMA-48, 5.3-5.6: control sequences (CSI), control strings (OSC, DCS, SOS, PM, APC) up to their terminator on
# the same line, and the short escapes. A control string without an end loses its opening only, not the line.
_ANSI = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)"
    r"|\x1b[ -/]*[0-~]"
)

# Control characters, directional overrides (they make text read other than it is: https://trojansource.codes),
# and surrogates, which UTF-8 cannot hold.
_SHAPELESS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def is_plain(text: str) -> bool:
    """Whether all its characters are visible ones of ASCII, blanks, tabs and line ends, as those of most texts are."""
    return text.isascii() and text.replace("\n", "").replace("\t", "").isprintable()


def strip_ansi(text: str) -> str:
    """`text` without ANSI sequences."""
    return _ANSI.sub("", text) if "\x1b" in text or "\x9b" in text else text


def positions_without_ansi(text: str) -> list[int]:
    """Where each character of `strip_ansi(text)` stands in `text`."""
    positions: list[int] = []
    end = 0
    for sequence in _ANSI.finditer(text):
        positions += range(end, sequence.start())
        end = sequence.end()
    return [*positions, *range(end, len(text))]


def visible(text: str) -> str:
    r"""`text` without ANSI sequences, its other control characters and lone surrogates as ``\x00`` and ``\ud800``.

    Every kind of line end becomes ``\n``. The result can be encoded as UTF-8; applied twice it is the same as once.
    """
    if is_plain(text):
        return text
    lines = strip_ansi(text).replace("\r\n", "\n").replace("\r", "\n")
    return _SHAPELESS.sub(lambda match: escaped(match[0]), lines)


def escaped(character: str) -> str:
    r"""One character as Python writes it: ``\x00``, ``\u202e``, ``\U0001f600``."""
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
