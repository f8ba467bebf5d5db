"""Limit the memory that a session's results use."""

from __future__ import annotations

from ..model.item import Details

#: Enough for about 900,000 tests, or 300,000 failures with one message each.
_MAX_BYTES = 512 * 1024 * 1024
#: Size of a small object with the references to it, and of a character in non-ASCII text.
_OBJECT_BYTES = 400
_CHARACTER_BYTES = 4


class MemoryBudget:
    """A number of bytes that can be spent."""

    def __init__(self, size_bytes: int = _MAX_BYTES) -> None:
        self._remaining_bytes = size_bytes

    def spend(self, *texts: str, objects: int = 1) -> None:
        """Spend what these texts and objects need. Raises `ValueError` if not enough is left."""
        size = _OBJECT_BYTES * objects
        for text in texts:
            size += len(text) if text.isascii() else len(text) * _CHARACTER_BYTES
        if size > self._remaining_bytes:
            raise ValueError("the results need too much memory")
        self._remaining_bytes -= size

    def spend_details(self, details: Details | None, *texts: str) -> None:
        """Spend memory for everything but the texts that `DetailsLimit` limits."""
        if details is None:
            self.spend(*texts)
            return
        paths = (place.path for place in details.locations)
        texts_kept = len(details.captured) + len(details.properties)
        objects = 1 + texts_kept + len(details.locations) // 4  # most places are interned
        self.spend(*texts, details.message, *paths, objects=objects)
