"""Bounds the memory that a session's results take, whatever the tests tell."""

from __future__ import annotations

#: Enough for some 900,000 tests, or for 300,000 failures with a message each.
_MAX_BYTES = 512 * 1024 * 1024
#: What an object of a few fields takes, with what refers to it; and a character, unless a text is ASCII.
_OBJECT_BYTES = 400
_CHARACTER_BYTES = 4


class MemoryBudget:
    """What is left of so many bytes."""

    def __init__(self, size_bytes: int = _MAX_BYTES) -> None:
        self._remaining_bytes = size_bytes

    def spend(self, *texts: str, objects: int = 1) -> None:
        """Take what these texts and so many objects need. Raises `ValueError` where too little is left."""
        size = _OBJECT_BYTES * objects
        for text in texts:
            size += len(text) if text.isascii() else len(text) * _CHARACTER_BYTES
        if size > self._remaining_bytes:
            raise ValueError("the results need too much memory")
        self._remaining_bytes -= size
