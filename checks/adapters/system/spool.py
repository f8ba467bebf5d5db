"""Store waiting annotations in a private file, so that memory does not grow with unsent annotations."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import fields, replace

from ...core.model.check_run import Annotation, AnnotationLevel
from . import temporary

#: The size of its JSON precedes each annotation.
_SIZE_BYTES = 8
_MEMORY_BYTES = 64 * 1024 * 1024
_SHORTENED_CHARACTERS = 1_000
_NO_ROOM = "The traceback is missing because the disk for temporary files is full."
_FIELDS = tuple(field.name for field in fields(Annotation))


class FileSpool:
    """The `Spool` of every program; its file has no name and vanishes with the process.

    If the disk is full, annotations are kept in memory, truncated if that gets too much.
    """

    def __init__(self) -> None:
        """Raises `CheckError` without a place for the file."""
        self._file = temporary.file()
        self._end = 0
        self._in_memory: dict[int, Annotation] = {}
        self._remaining_memory_bytes = _MEMORY_BYTES

    def put(self, annotation: Annotation) -> int:
        """Append an annotation; return its offset as the key, or a negative key if it is not in the file."""
        data = json.dumps([getattr(annotation, name) for name in _FIELDS]).encode()
        record = len(data).to_bytes(_SIZE_BYTES) + data
        with suppress(OSError):
            if os.pwrite(self._file.fileno(), record, self._end) == len(record):
                self._end += len(record)
                return self._end - len(record)
        key = -1 - len(self._in_memory)
        self._remaining_memory_bytes -= len(record)
        self._in_memory[key] = annotation if self._remaining_memory_bytes > 0 else _shortened(annotation)
        return key

    def get(self, key: int) -> Annotation:
        """Return the annotation with that key."""
        if key < 0:
            return self._in_memory[key]
        size = int.from_bytes(os.pread(self._file.fileno(), _SIZE_BYTES, key))
        values = json.loads(os.pread(self._file.fileno(), size, key + _SIZE_BYTES))
        values_by_name = dict(zip(_FIELDS, values, strict=True))
        level, owners = AnnotationLevel(values_by_name["level"]), tuple(values_by_name["owners"])
        return Annotation(**{**values_by_name, "level": level, "owners": owners})

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _shortened(annotation: Annotation) -> Annotation:
    title, message = annotation.title[:_SHORTENED_CHARACTERS], annotation.message[:_SHORTENED_CHARACTERS]
    return replace(annotation, title=title, message=message, raw_details=_NO_ROOM)
