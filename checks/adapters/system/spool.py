"""Store waiting annotations in a private file, so that memory does not grow with unsent annotations."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import fields, replace
from struct import Struct
from typing import Any

from ...core.model.check_run import Annotation, AnnotationLevel
from . import temporary

#: The sizes of its JSON and of its raw details precede each annotation.
_SIZES = Struct("<QQ")
#: Annotations are written together, because a write takes longer than the rest of the work for one of them.
_BUFFER_BYTES = 64 * 1024
_MEMORY_BYTES = 64 * 1024 * 1024
_SHORTENED_CHARACTERS = 1_000
_NO_ROOM = "The traceback is missing because the disk for temporary files is full."
_FIELDS = tuple(field.name for field in fields(Annotation) if field.name != "raw_details")


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
        values = json.dumps([getattr(annotation, name) for name in _FIELDS]).encode()
        details = annotation.raw_details.encode(errors="surrogatepass")  # as JSON these take most of the time
        key = self._end + len(self._buffer)
        self._buffer += _SIZES.pack(len(values), len(details)) + values + details
        self._buffered[key] = annotation
        if len(self._buffer) >= _BUFFER_BYTES:
            self._flush()
        return key

    def get(self, key: int) -> Annotation:
        """Return the annotation with that key."""
        known = self._buffered.get(key) or self._in_memory.get(key)
        if known is not None:
            return known
        sizes = _SIZES.unpack(os.pread(self._file.fileno(), _SIZES.size, key))
        data = os.pread(self._file.fileno(), sum(sizes), key + _SIZES.size)
        values: dict[str, Any] = dict(zip(_FIELDS, json.loads(data[: sizes[0]]), strict=True))
        values["level"], values["owners"] = AnnotationLevel(values["level"]), tuple(values["owners"])
        return Annotation(**values, raw_details=data[sizes[0] :].decode(errors="surrogatepass"))

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
