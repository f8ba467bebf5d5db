"""The annotations of a check run by file, and as much of each as the page has room for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from markupsafe import Markup, escape

from ..text.ansi import visible
from ..text.truncate import truncate_middle
from . import html_text

#: A request's body, or an annotation of one.
Body = Mapping[str, Any]

LEVELS = ("failure", "warning", "notice")
#: With more annotations, only their own lines are shown, without those around them.
_MAX_WITH_CONTEXT = 1_000
_CONTEXT_LINES = 2
#: What the page's markup takes for each annotation and for each line of code, with room for a few non-ASCII characters.
_ANNOTATION_BYTES = 250
_SOURCE_LINE_BYTES = 140
#: The markup of a line of a traceback that has weight, as most lines of a short one have.
_MARKUP_BYTES = 24
#: The least that is shown of a text that is truncated.
_MIN_TEXT_BYTES = 100


class Annotations(Protocol):
    """All annotations in the order they were sent; read one by one, so they need not be in memory."""

    def __len__(self) -> int: ...

    def __getitem__(self, position: int, /) -> Body: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatedFile:
    """The positions of one file's annotations, by level and in the order of their lines."""

    path: str
    positions: Mapping[str, list[int]]

    @property
    def prominent(self) -> list[int]:
        """Failures, then warnings, which the page shows at once."""
        return self.positions["failure"] + self.positions["warning"]

    @property
    def hidden(self) -> list[int]:
        """Notices, which are collapsed."""
        return self.positions["notice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAnnotation:
    """An annotation as the page shows it; `code` and `details` may be empty."""

    line: int
    title: Markup
    message: Markup
    code: Markup
    details: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much of each annotation fits the page: the bytes of its message and details, and the lines around its own."""

    text_bytes: int
    context_lines: int


def annotated_files(annotations: Annotations) -> list[AnnotatedFile]:
    """Return the files, those with failures first, then those with warnings; each group by path."""
    indexed = ((position, annotations[position]) for position in range(len(annotations)))
    entries = [
        (annotation["start_line"], position, annotation["path"], annotation["annotation_level"])
        for position, annotation in indexed
    ]
    positions: dict[str, dict[str, list[int]]] = defaultdict(lambda: {level: [] for level in LEVELS})
    for _, position, path, level in sorted(entries):
        positions[path][level].append(position)
    files = [AnnotatedFile(path=path, positions=levels) for path, levels in positions.items()]
    return sorted(files, key=lambda file: (not file.positions["failure"], not file.positions["warning"], file.path))


def room_for(annotations: Annotations, limit_bytes: int) -> Room:
    """Return the room for each annotation if all of them are to fit `limit_bytes`."""
    context_lines = _CONTEXT_LINES if len(annotations) <= _MAX_WITH_CONTEXT else 0
    limit_bytes -= len(annotations) * (_ANNOTATION_BYTES + (2 * context_lines + 1) * _SOURCE_LINE_BYTES)
    sizes: list[int] = []
    for position in range(len(annotations)):
        annotation = annotations[position]
        limit_bytes -= _html_bytes(annotation.get("title", ""))
        sizes.append(_html_bytes(annotation["message"]) + _html_bytes(annotation.get("raw_details", "")))
    return Room(text_bytes=_largest_share(sizes, limit_bytes), context_lines=context_lines)


def _largest_share(sizes: Sequence[int], limit_bytes: int) -> int:
    """Return the size to which larger texts are truncated; the smaller ones leave them what they do not need."""
    for index, size in enumerate(sorted(sizes)):
        share = max(0, limit_bytes) // (len(sizes) - index)
        if size > share:
            return share
        limit_bytes -= size
    return max(sizes, default=0)


def shown(
    annotations: Annotations, positions: Sequence[int], lines: Sequence[str], room: Room
) -> Iterator[ShownAnnotation]:
    """Yield annotations of one file, which has these lines; those at one line have its code once."""
    line_before = 0
    for position in positions:
        annotation = annotations[position]
        line = annotation["start_line"]
        message, details = _fitted(annotation["message"], annotation.get("raw_details", ""), room.text_bytes)
        yield ShownAnnotation(
            line=line,
            title=html_text.breakable(annotation.get("title", "")),
            message=message,
            code=Markup() if line == line_before else html_text.excerpt(lines, line, room.context_lines),
            details=details,
        )
        line_before = line


def _fitted(message: str, details: str, limit_bytes: int) -> tuple[Markup, Markup]:
    """Return both as HTML; if they are too large, the message takes at most half of the limit."""
    if _html_bytes(message) + _html_bytes(details) > limit_bytes:
        message = _truncated(message, limit_bytes // 2)
        details = _truncated(details, limit_bytes - _html_bytes(message))
    return html_text.breakable(message), html_text.traceback(details)


def _truncated(text: str, limit_bytes: int) -> str:
    """Return as much of the text as takes about `limit_bytes` as HTML."""
    html_bytes, plain = _html_bytes(text), visible(text)
    limit = limit_bytes * len(plain.encode()) // max(1, html_bytes)
    return text if html_bytes <= limit_bytes else truncate_middle(plain, max(_MIN_TEXT_BYTES, limit))


def _html_bytes(text: str) -> int:
    """Return about the size of a text as HTML; rendering all texts to measure them would take too long."""
    html = escape(visible(text))
    return (len(html) if html.isascii() else len(html.encode())) + text.count("\n") * _MARKUP_BYTES
