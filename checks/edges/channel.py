"""The file on which the plugin tells each step, read while it grows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from . import kernel  # which alone can keep room on a disk

_READ_BYTES = 4 * 1024 * 1024
#: Room that is kept for it: tests that fill the disk do not silence it at once.
_RESERVED_BYTES = 8 * 1024 * 1024


class Channel:
    """The file is made here, and read from where that stopped; to be closed."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        kernel.reserve(self._descriptor, _RESERVED_BYTES)
        self._offset = 0

    def lines(self) -> Iterator[bytes]:
        """The whole lines that came since the last call, none of them empty; at most 4 MiB of them a call."""
        found, self._offset = self._read(self._offset)
        yield from found

    def all_lines(self) -> Iterator[bytes]:
        """The whole lines from the beginning, which does not change what `lines` has read."""
        offset = 0
        while True:
            found, offset = self._read(offset)
            if not found:
                return
            yield from found

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)

    def _read(self, offset: int) -> tuple[list[bytes], int]:
        """The lines from there on, and where the next one begins.

        A line that is longer than what is read at once cannot be the plugin's; what is left of it is no JSON.
        """
        with suppress(OSError):
            while piece := os.pread(self._descriptor, _READ_BYTES, offset):
                end = piece.rfind(b"\n") + 1
                if found := [*filter(None, piece[:end].split(b"\n"))]:
                    return found, offset + end
                if not end and len(piece) < _READ_BYTES:
                    break
                offset += end or len(piece)
        return [], offset
