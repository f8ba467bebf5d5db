"""A JSON report, read member by member: of its lists one element at a time, so that memory holds one test."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from ...core.model.ports import Member
from ..system.safe_files import open_file  # the tests may have put anything there

_READ_CHARACTERS = 256 * 1024
#: One test is hardly ever larger: the plugin cuts its texts. Python needs up to 50 times that for what it says.
_MAX_ELEMENT_CHARACTERS = 16 * 1024 * 1024
#: More tests than any session has; to read so many takes ten seconds.
_MAX_MEMBERS = 1_500_000
_TAIL_BYTES = 100
_NOT_BLANK = re.compile(r"[^ \t\n\r]").search
_COMMA = re.compile(r"[ \t\n\r]*,").match


class ReportFile:
    """The `JsonReport` that the tests' process wrote, or did not."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def defect(self, session_id: str) -> str:
        """Why it cannot be taken for the whole report of that session, as ``is missing``; empty where it can.

        The plugin writes the session's id last. Only that is looked at here: a look at the whole would take its time.
        """
        try:
            with open_file(self._path) as file:
                file.seek(-min(_TAIL_BYTES, file.seek(0, os.SEEK_END)), os.SEEK_END)
                end = file.read().strip()
        except OSError:
            return "is missing"
        if not end.endswith(b"}"):
            return "is incomplete"
        return "" if end.endswith(f'"check_runs_session": "{session_id}"}}'.encode()) else "is from another run"

    def members(self) -> Iterator[Member]:
        """Its members in their order, of each list the elements one by one, until it breaks off or has too many."""
        with (
            suppress(OSError, ValueError, RecursionError),
            TextIOWrapper(open_file(self._path), encoding="utf-8", errors="replace") as file,
        ):
            yield from islice(_JsonReader(file).members(), _MAX_MEMBERS)


class _JsonReader:
    """JSON text that is read as it is needed."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._decode = json.JSONDecoder().raw_decode
        self._buffer = ""
        self._position = 0

    def members(self) -> Iterator[Member]:
        """Raises `ValueError` where it is no object, or breaks off."""
        self._expect("{")
        while self._peek() != "}":
            key, _ = self._read_value()
            self._expect(":")
            if self._peek() == "[":
                yield from ((key, *element) for element in self._read_elements())
            else:
                yield (key, *self._read_value())
            self._skip_comma("}")

    def _read_elements(self) -> Iterator[tuple[Any, str]]:
        self._expect("[")
        while self._peek() != "]":
            yield self._read_value()
            self._skip_comma("]")
        self._expect("]")

    def _read_value(self) -> tuple[Any, str]:
        """The value that begins here, and its text; it is whole when something follows it."""
        while True:
            try:
                value, end = self._decode(self._buffer, self._position)
            except ValueError:
                if not self._read_more():
                    raise
                continue
            if end < len(self._buffer):  # else it may be the beginning of a longer number
                start, self._position = self._position, end
                return value, self._buffer[start:end]
            if not self._read_more():
                raise ValueError("unexpected end of file")

    def _peek(self) -> str:
        """The next character that is not blank, which stays."""
        while (match := _NOT_BLANK(self._buffer, self._position)) is None:
            self._position = len(self._buffer)
            if not self._read_more():
                raise ValueError("unexpected end of file")
        self._position = match.start()
        return match[0]

    def _expect(self, character: str) -> None:
        if self._peek() != character:
            raise ValueError(f"expected {character}")
        self._position += 1

    def _skip_comma(self, end: str) -> None:
        if comma := _COMMA(self._buffer, self._position):
            self._position = comma.end()
        elif self._peek() != end:
            self._expect(",")

    def _read_more(self) -> bool:
        """More text, twice as much each time that a value needs more; whether there was any."""
        unread = self._buffer[self._position :]
        if len(unread) > _MAX_ELEMENT_CHARACTERS:
            raise ValueError("a value is too large")
        new_text = self._file.read(max(_READ_CHARACTERS, len(unread)))
        self._buffer, self._position = unread + new_text, 0
        return bool(new_text)
