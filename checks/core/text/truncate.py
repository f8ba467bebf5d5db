"""Truncates text between characters and appends how much is missing.

All texts must be encodable as UTF-8, like those of `ansi.visible`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*(.*)")


def size_bytes(text: str) -> int:
    """Return the size of a text in UTF-8; unlike the others, this function takes any text."""
    return len(text.encode(errors="replace"))


def truncate_characters(text: str, limit: int) -> str:
    """Truncate text to `limit` characters; the last one is an ellipsis if some are missing."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def truncate_lines(lines: Iterable[str], limit: int) -> str:
    """Join the first `limit` lines, and append how many more there are."""
    remaining = iter(lines)
    shown = list(islice(remaining, limit))
    missing = sum(1 for _ in remaining)
    return "\n".join([*shown, f"… and {missing:,} more"] if missing else shown)


def truncate_middle_lines(lines: Sequence[str], limit: int) -> list[str]:
    """Return at most `limit` lines (3 or more): the first and the last ones, and between them how many are missing."""
    if len(lines) <= limit:
        return [*lines]
    last = limit // 2
    missing = len(lines) - limit + 1
    return [*lines[: limit - 1 - last], f"… {missing:,} more lines …", *lines[-last:]]


def truncate_end(text: str, limit_bytes: int) -> str:
    """Truncate the end of the text; `limit_bytes` (100 or more) includes the mark."""
    encoded = text.encode()
    if len(encoded) <= limit_bytes:
        return text
    beginning = _decode(encoded[: limit_bytes - len(_end_mark(len(encoded)).encode())])
    return beginning + _end_mark(len(encoded) - len(beginning.encode()))


def truncate_middle(text: str, limit_bytes: int) -> str:
    """Truncate the middle, because a traceback ends with the exception; `limit_bytes` is as in `truncate_end`."""
    encoded = text.encode()
    if len(encoded) <= limit_bytes:
        return text
    remaining_bytes = limit_bytes - len(_middle_mark(len(encoded)).encode())
    head, tail = _decode(encoded[: remaining_bytes - remaining_bytes // 2]), _decode(encoded[-(remaining_bytes // 2) :])
    return head + _middle_mark(len(encoded) - len(head.encode()) - len(tail.encode())) + tail


def truncate_markdown(text: str, limit_bytes: int) -> str:
    """Truncate Markdown after a line, and close open fences and <details>; `limit_bytes` is 100 or more."""
    encoded = text.encode()
    if len(encoded) <= limit_bytes:
        return text
    mark = "\n" + _end_mark(len(encoded))
    remaining_bytes = limit_bytes - len(mark.encode())
    while True:
        beginning = _whole_lines(_decode(encoded[: max(remaining_bytes, 0)]))
        closed = beginning + _closing(beginning)
        excess = len(closed.encode()) + len(mark.encode()) - limit_bytes
        if excess <= 0:
            return closed + "\n" + _end_mark(len(encoded) - len(beginning.encode()))
        remaining_bytes = len(beginning.encode()) - excess


def _end_mark(missing_bytes: int) -> str:
    return f"\n… truncated: {missing_bytes:,} more bytes"


def _middle_mark(missing_bytes: int) -> str:
    return f"\n… truncated: {missing_bytes:,} bytes …\n"


def _decode(part: bytes) -> str:
    """Decode UTF-8, without incomplete characters at the ends."""
    return part.decode(errors="ignore")


def _whole_lines(text: str) -> str:
    """Return the text up to its last newline, if it has one."""
    lines, newline, _ = text.rpartition("\n")
    return lines if newline else text


def _closing(markdown: str) -> str:
    """Return the lines that close an open fence, then each open <details>."""
    fence, details = "", 0
    for line in markdown.split("\n"):
        match = _FENCE.fullmatch(line)
        if fence:
            if match and match[1].startswith(fence) and not match[2]:
                fence = ""
        elif match and not (match[1][0] == "`" and "`" in match[2]):
            fence = match[1]
        else:
            details = max(0, details + line.count("<details") - line.count("</details>"))
    return ("\n" + fence if fence else "") + "\n</details>" * details
