"""A private file in which annotations wait, so that our memory does not grow with what GitHub has not yet taken."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict

from ..words.check_run import Annotation, AnnotationLevel


class FileSpool:
    """The `Spool` of every program; its file has no name and goes with the process."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - `close` ends it
        self._end = 0

    def put(self, annotation: Annotation) -> int:
        """Append it; the key is its offset."""
        key = self._end
        self._file.seek(key)
        self._end += self._file.write(json.dumps(asdict(annotation)).encode() + b"\n")
        return key

    def get(self, key: int) -> Annotation:
        """Read it back."""
        self._file.seek(key)
        fields = json.loads(self._file.readline())
        return Annotation(**{**fields, "level": AnnotationLevel(fields["level"])})

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
