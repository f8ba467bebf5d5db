"""Store the records of the failure report in a private file, so that memory does not grow with the failures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from io import BufferedReader, FileIO
from itertools import pairwise

from . import temporary

#: Records are written together, because a write takes longer than the rest of the work for a failure.
_BUFFER_BYTES = 64 * 1024


class RecordFile:
    """The `Records` of every program, one a line; its file has no name and vanishes with the process.

    Once the disk is full, nothing more is stored.
    """

    def __init__(self) -> None:
        """Raises `CheckError` without a place for the file."""
        self._file = temporary.file()
        self._ends = [0]  # of the blocks in the file
        self._buffer = bytearray()
        self._buffered = 0
        self._is_full = False
        self.missing = 0

    def put(self, record: bytes) -> int:
        """Append a record; return its offset as the key."""
        key = self._ends[-1] + len(self._buffer)
        self._buffer += record + b"\n"
        self._buffered += 1
        if len(self._buffer) >= _BUFFER_BYTES:
            self._flush()
        return key

    def get(self, key: int) -> bytes | None:
        """Return the record of a key."""
        self._flush()
        if key >= self._ends[-1]:
            return None
        with BufferedReader(FileIO(os.dup(self._file.fileno()))) as file:
            file.seek(key)
            return file.readline()[:-1]

    def blocks(self) -> Iterator[bytes]:
        """Yield all records in their order, as they were written."""
        self._flush()
        for start, end in pairwise(self._ends):
            yield os.pread(self._file.fileno(), end - start, start)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _flush(self) -> None:
        if not self._buffer:
            return
        written = 0
        if not self._is_full:
            with suppress(OSError):
                written = os.pwrite(self._file.fileno(), self._buffer, self._ends[-1])
        if written == len(self._buffer):
            self._ends.append(self._ends[-1] + written)
        else:
            self._is_full = True
            self.missing += self._buffered
        self._buffered = 0
        self._buffer.clear()
