"""Where the record is in a check run's text: it is the last line, a comment that GitHub does not show.

Nothing follows it, and no other line begins as it does, so what tests print can neither be a record nor replace one.
"""

from __future__ import annotations

from ..model.limits import OUTPUT_TEXT_BYTES
from ..text.ansi import visible
from ..text.escape import ZERO_WIDTH_SPACE
from ..text.join import paragraphs
from ..text.truncate import size_bytes, truncate_markdown

#: Of a record; leaves room for the list of passed tests.
MAX_BYTES = 45_000
MARKER = "<!-- pytest-check-runs record"
_INERT_MARKER = f"<{ZERO_WIDTH_SPACE}{MARKER[1:]}"


def split(text: str) -> tuple[str, str]:
    """Return the text without its record, and the line of the record; that is empty without one."""
    others, _, last_line = text.rstrip().rpartition("\n")
    is_record = last_line.startswith(MARKER) and size_bytes(last_line) <= MAX_BYTES
    return (others.rstrip(), last_line) if is_record else (text, "")


def join(text: str, record: str) -> str:
    """Return the text with the record, which may be empty, as its last line; the text is truncated to make room."""
    inert_text = visible(text).replace(MARKER, _INERT_MARKER)
    return paragraphs([truncate_markdown(inert_text, room(record)), record])


def room(record: str) -> int:
    """Return how many bytes a text beside the record may have."""
    return OUTPUT_TEXT_BYTES - len(f"\n\n{record}".encode()) if record else OUTPUT_TEXT_BYTES
