"""Add source lines to a traceback, and choose the lines that explain a failure where there is no room for all.

A frame has a heading (``src/cart.py:12: in total``), source lines of which one is marked, the values of locals and,
where an exception was raised, its message in lines that begin with ``E``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from ..text.ansi import visible
from ..text.truncate import size_bytes, truncate_characters
from .report import Source

_FRAME = re.compile(r"^(?=\S.*:\d+: in )", re.MULTILINE)
_MARK = "  > "
#: Headings, marked lines and messages, those of the members of a group as well.
_DECISIVE = re.compile(r"(?:  \| )*(?:\S|  > |  \+-- )")
#: The beginnings of paths of the standard library and of installed packages, and of code without a file.
_FOREIGN = ("…/", "<")
_GAP = "…\n"
_LEAST_BYTES = 120
_LINE_CHARACTERS, _DETAIL_CHARACTERS = 200, 100
_CALLERS = 3
_DECISIVE_FIRST, _DECISIVE_LAST = 8, 2

_Frame = Sequence[str]
#: Lines of a frame, by their positions, that are shown together or not at all.
_Unit = tuple[int, list[int]]


def excerpt(traceback: str, place: str, limit_bytes: int) -> str:
    """Return at most so many bytes; the `place` is the failure's, as ``path:line``.

    Where the exception and those before it in the chain were raised comes first, then the frames of the project that
    led there, then values. Empty if the limit is too low for anything useful.
    """
    if size_bytes(traceback) <= limit_bytes:
        return traceback
    if limit_bytes < _LEAST_BYTES:
        return ""
    if not _FRAME.search(traceback):
        return _shortened(_truncated(traceback), limit_bytes)
    frames = [_truncated(frame) for frame in _FRAME.split(traceback) if frame]
    chosen = _chosen(frames, _by_importance(frames, place), limit_bytes)
    if chosen:
        return "\n".join(_with_gaps(frames, chosen))
    return _shortened([frames[-1][position] for position in _decisive(frames[-1])], limit_bytes)


def with_lines_after(traceback: str, place: str, source: Source, line: int) -> str:
    """Return the traceback with the source lines that follow its line at the `place`; empty if it lacks that line."""
    lines = traceback.split("\n")
    heading = max((n for n, text in enumerate(lines) if _is_at(text, place)), default=len(lines))
    marked = next((n for n in range(heading, len(lines)) if lines[n].startswith(_MARK)), None)
    position = line - source.start
    if marked is None or not 0 <= position < len(source.lines):
        return ""
    code, *following = map(visible, source.lines[position:])
    shown = lines[marked].removeprefix(_MARK)
    if not shown.strip().startswith(code.strip().rstrip("…")):
        return ""
    indent = code[: _indent(code) - _indent(shown)]
    after = [f"    {text[len(indent) :]}" for text in takewhile(lambda text: text.startswith(indent), following)]
    return "\n".join([*lines[: marked + 1], *after, *lines[marked + 1 :]])


def _is_at(heading: str, place: str) -> bool:
    """Whether a frame is at the place; its path may be relative to a subfolder."""
    location = heading.partition(": in ")[0]
    return f"/{place}".endswith(f"/{location}")


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _by_importance(frames: Sequence[_Frame], place: str) -> Iterator[_Unit]:
    """Yield the parts of the traceback: decisive lines of the explaining frames, their values, then the others."""
    numbers = range(len(frames) - 1, -1, -1)
    raising = [number for number in numbers if any(line.startswith("E ") for line in frames[number])]
    own = [number for number in numbers if not frames[number][0].startswith(_FOREIGN)]
    failing = [number for number in numbers if _is_at(frames[number][0], place)][:1]
    previous = raising[1] if len(raising) > 1 else -1  # the last frame of the exception before
    test = [number for number in own if number > previous][-1:]
    explaining = _each_once([*numbers[:1], *failing, *raising, *own[:_CALLERS], *test])
    near = _each_once([*failing, *own[:1], *numbers[:1]])
    by_distance = _each_once([*own, *numbers])
    yield from ((number, _decisive(frames[number])) for number in explaining)
    yield from _details(frames, near)
    yield from ((number, _decisive(frames[number])) for number in by_distance if number not in explaining)
    yield from _details(frames, [number for number in by_distance if number not in near])


def _decisive(frame: _Frame) -> list[int]:
    """Return the positions of the lines without which a frame explains nothing, of a long message both ends."""
    positions = [position for position, line in enumerate(frame) if position == 0 or _DECISIVE.match(line)]
    last = len(positions) - _DECISIVE_LAST
    return [position for n, position in enumerate(positions) if n < _DECISIVE_FIRST or n >= last]


def _details(frames: Sequence[_Frame], numbers: Iterable[int]) -> Iterator[_Unit]:
    """Yield each of the other lines: of a long message, then source around the marked line and values."""
    for number in numbers:
        frame, decisive = frames[number], {*_decisive(frames[number])}
        details = [n for n, line in enumerate(frame) if n not in decisive and line.strip()]
        message = [n for n in details if frame[n].startswith("E ")]
        yield from ((number, [n]) for n in _each_once([*message, *details]))


def _chosen(frames: Sequence[_Frame], units: Iterable[_Unit], limit_bytes: int) -> set[tuple[int, int]]:
    """Return the lines that fit, each as the number of its frame and its position; none if the first unit does not."""
    chosen: set[tuple[int, int]] = set()
    full: set[int] = set()  # frames whose further lines are left out, so that what is shown of one has no more gaps
    remaining_bytes = limit_bytes
    for number, positions in units:
        lines = [frames[number][position] for position in positions]
        is_heading, has_heading = positions[0] == 0, (number, 0) in chosen
        gaps = is_heading + lines[-1].startswith("E ")  # at most
        size = sum(size_bytes(line) + 1 for line in lines) + gaps * size_bytes(_GAP)
        if size <= remaining_bytes and is_heading != has_heading and number not in full:
            chosen.update((number, position) for position in positions)
            remaining_bytes -= size
        elif not chosen:
            break
        else:
            full.add(number)
    return chosen


def _with_gaps(frames: Sequence[_Frame], chosen: Iterable[tuple[int, int]]) -> Iterator[str]:
    """Yield the chosen lines, with a mark where frames or lines of a message are missing."""
    last_number, last_position, last_line = -1, 0, ""
    for number, position in sorted(chosen):
        line = frames[number][position]
        is_in_message = number == last_number and line.startswith("E ") and last_line.startswith("E ")
        if number > last_number + 1 or (is_in_message and position > last_position + 1):
            yield _GAP.strip()
        yield line
        last_number, last_position, last_line = number, position, line


def _truncated(frame: str) -> list[str]:
    """Return the lines of a frame, each of a length that leaves room for others."""
    return [
        truncate_characters(line, _LINE_CHARACTERS if _DECISIVE.match(line) else _DETAIL_CHARACTERS)
        for line in frame.split("\n")
    ]


def _shortened(lines: list[str], limit_bytes: int) -> str:
    """Return the first and the last lines."""
    remaining_bytes = limit_bytes - size_bytes(_GAP)
    head, tail = list[str](), list[str]()
    while lines and (remaining_bytes := remaining_bytes - size_bytes(lines[-1]) - 1) >= 0:
        tail.insert(0, lines.pop())
        if lines and (remaining_bytes := remaining_bytes - size_bytes(lines[0]) - 1) >= 0:
            head.append(lines.pop(0))
    return "\n".join([*head, *([_GAP.strip()] if lines else []), *tail])


def _each_once(numbers: Iterable[int]) -> list[int]:
    return [*dict.fromkeys(numbers)]
