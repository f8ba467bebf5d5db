"""Read the plugin's stream while it grows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ..system import linux  # reserves space on a disk

#: Limits of one call, so that the caller can do other things in between. A record has two lines, one of them empty.
_BYTES_PER_CALL = 256 * 1024
_LINES_PER_CALL = 8_000
#: The plugin never writes longer lines, however texts are escaped.
_LINE_BYTES = 4 * 1024 * 1024
#: Yielded in place of skipped data; counts as one lost record.
SKIPPED = b"?"
#: Reserved space: tests that fill the disk do not stop the stream at once.
_RESERVED_BYTES = 8 * 1024 * 1024


class StreamFile:
    """Creates the file, and reads it from the last position; must be closed.

    The tests can write to it, too: holes and lines that are too long are skipped.

    Attributes:
        has_unread_lines: whether the last call of `lines` stopped at its limit.
    """

    def __init__(self, path: Path) -> None:
        """Raises `OSError` if the file cannot be created."""
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        linux.reserve(self._descriptor, _RESERVED_BYTES)
        self._offset = 0
        self._end: int | None = None
        self.has_unread_lines = False

    def lines(self) -> Iterator[bytes]:
        """Return the new whole lines, without empty ones; at most 8,000 per call."""
        lines, self._offset, self.has_unread_lines = self._read(self._offset, self._size())
        return iter(lines)

    def all_lines(self) -> Iterator[bytes]:
        """Yield all whole lines from the beginning; does not affect `lines`."""
        offset, end, has_unread_lines = 0, self._size(), True
        while has_unread_lines:
            lines, offset, has_unread_lines = self._read(offset, end)
            yield from lines

    def seal(self) -> None:
        """Ignore what is appended from now on."""
        self._end = self._size()

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _size(self) -> int:
        return os.fstat(self._descriptor).st_size if self._end is None else self._end

    def _read(self, offset: int, end: int) -> tuple[list[bytes], int, bool]:
        """Return lines from `offset`, where the next one begins, and whether there is more to read now."""
        piece = b""
        for size in (_BYTES_PER_CALL, _LINE_BYTES):
            piece = self._pread(min(size, end - offset), offset)
            if piece.startswith(b"\0"):
                return [SKIPPED], self._end_of_hole(piece, offset, end), True
            if complete_bytes := piece.rfind(b"\n") + 1:
                *lines, unread = piece[:complete_bytes].split(b"\n", _LINES_PER_CALL)
                return [*filter(None, lines)], offset + complete_bytes - len(unread), bool(unread) or len(piece) == size
            if len(piece) < size:
                return [], offset, False
        return [SKIPPED], offset + len(piece), True

    def _pread(self, size: int, offset: int) -> bytes:
        with suppress(OSError):
            return os.pread(self._descriptor, max(0, size), offset)
        return b""

    def _end_of_hole(self, piece: bytes, offset: int, end: int) -> int:
        """Return the end of the NULs at `offset`, which may be a hole of terabytes."""
        try:
            data_offset = os.lseek(self._descriptor, offset, os.SEEK_DATA)
        except OSError:  # no more data
            return end
        return min(end, max(data_offset, offset + len(piece) - len(piece.lstrip(b"\0"))))
