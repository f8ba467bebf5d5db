"""Store waiting annotations in a private file, so that memory does not grow with unsent annotations."""

from __future__ import annotations

import os
import pickle
from contextlib import suppress
from dataclasses import fields, replace
from operator import attrgetter
from struct import Struct
from typing import Any

from ...core.model.check_run import Annotation, AnnotationLevel
from . import temporary

#: Precedes each annotation.
_SIZE = Struct("<Q")
#: Annotations are written together, because a write takes longer than the rest of the work for one of them.
_BUFFER_BYTES = 64 * 1024
_MEMORY_BYTES = 64 * 1024 * 1024
_SHORTENED_CHARACTERS = 1_000
_NO_ROOM = "The traceback is missing because the disk for temporary files is full."
_FIELDS = tuple(field.name for field in fields(Annotation) if field.name != "level")
_values_of = attrgetter("level.value", *_FIELDS)


class FileSpool:
    """The `Spool` of every program; its file has no name and vanishes with the process.

    If the disk is full, annotations are kept in memory, truncated if that gets too much.
    """

    def __init__(self) -> None:
        """Raises `CheckError` without a place for the file."""
        self._file = temporary.file()
        self._end = 0
        self._buffer = bytearray()
        self._buffered: dict[int, Annotation] = {}
        self._in_memory: dict[int, Annotation] = {}
        self._remaining_memory_bytes = _MEMORY_BYTES

    def put(self, annotation: Annotation) -> int:
        """Append an annotation; return its offset as the key."""
        data = pickle.dumps(_values_of(annotation), pickle.HIGHEST_PROTOCOL)  # five times as fast as JSON
        key = self._end + len(self._buffer)
        self._buffer += _SIZE.pack(len(data)) + data
        self._buffered[key] = annotation
        if len(self._buffer) >= _BUFFER_BYTES:
            self._flush()
        return key

    def get(self, key: int) -> Annotation:
        """Return the annotation with that key."""
        known = self._buffered.get(key) or self._in_memory.get(key)
        if known is not None:
            return known
        (size,) = _SIZE.unpack(os.pread(self._file.fileno(), _SIZE.size, key))
        level, *values = pickle.loads(os.pread(self._file.fileno(), size, key + _SIZE.size))  # noqa: S301 - from `put`
        known_values: dict[str, Any] = dict(zip(_FIELDS, values, strict=True))
        return Annotation(level=AnnotationLevel(level), **known_values)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _flush(self) -> None:
        written = 0
        with suppress(OSError):
            written = os.pwrite(self._file.fileno(), self._buffer, self._end)
        if written < len(self._buffer):
            self._remaining_memory_bytes -= len(self._buffer)
            has_room = self._remaining_memory_bytes > 0
            self._in_memory |= {key: one if has_room else _shortened(one) for key, one in self._buffered.items()}
        self._end += len(self._buffer)
        self._buffer.clear()
        self._buffered.clear()


def _shortened(annotation: Annotation) -> Annotation:
    title, message = annotation.title[:_SHORTENED_CHARACTERS], annotation.message[:_SHORTENED_CHARACTERS]
    return replace(annotation, title=title, message=message, raw_details=_NO_ROOM)
