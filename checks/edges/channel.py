"""The file on which the plugin tells each step, read while it grows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_READ_BYTES = 4 * 1024 * 1024


class Channel:
    """Reads from where it stopped; the file need not be there yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def lines(self) -> Iterator[bytes]:
        """The whole lines that came since the last call, none of them empty; at most 4 MiB of them a call.

        A line that is longer than this cannot be the plugin's; what is left of it is no JSON.
        """
        with suppress(OSError):
            with self._path.open("rb", buffering=0) as file:
                file.seek(self._offset)
                piece = file.read(_READ_BYTES)
            end = piece.rfind(b"\n") + 1
            self._offset += end or (len(piece) if len(piece) == _READ_BYTES else 0)
            yield from filter(None, piece[:end].split(b"\n"))
