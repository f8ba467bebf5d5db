"""Read a JSON report member by member, and lists element by element, to hold only one test in memory."""

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
#: Limit of one test; the plugin truncates its texts. Parsed, it takes up to 50 times as much memory.
_MAX_ELEMENT_CHARACTERS = 16 * 1024 * 1024
#: More tests than any session has; reading them takes ten seconds.
_MAX_MEMBERS = 1_500_000
_TAIL_BYTES = 100
_NOT_BLANK = re.compile(r"[^ \t\n\r]").search
_COMMA = re.compile(r"[ \t\n\r]*,").match


class ReportFile:
    """The `JsonReport` that the tests' process should have written."""

    def __init__(self, path: Path, *, name: str = "") -> None:
        self.name = name or path.name
        self.is_truncated = True  # until `members` has reached the end
        self._path = path

    def defect(self, session_id: str) -> str:
        """Return why it is not the whole report of that session, such as ``is missing``; empty if it is.

        The plugin writes the session's id last. Only that is checked, because reading the whole file takes long.
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
        """Yield the members in order, of each list the elements one by one, until the end, an error or a limit."""
        self.is_truncated = True
        with (
            suppress(OSError, ValueError, RecursionError),
            TextIOWrapper(open_file(self._path), encoding="utf-8", errors="replace") as file,
        ):
            reader = _JsonReader(file)
            yield from islice(reader.members(), _MAX_MEMBERS)
            self.is_truncated = not reader.has_ended


class _JsonReader:
    """Parses JSON text as it is read."""

    def __init__(self, file: TextIO) -> None:
        self.has_ended = False
        self._file = file
        self._decode = json.JSONDecoder().raw_decode
        self._buffer = ""
        self._position = 0

    def members(self) -> Iterator[Member]:
        """Yield the members. Raises `ValueError` for anything but a complete object."""
        self._expect("{")
        while self._peek() != "}":
            key, _ = self._read_value()
            self._expect(":")
            if self._peek() == "[":
                yield from ((key, *element) for element in self._read_elements())
            else:
                yield (key, *self._read_value())
            self._skip_comma("}")
        self.has_ended = True

    def _read_elements(self) -> Iterator[tuple[Any, str]]:
        self._expect("[")
        while self._peek() != "]":
            yield self._read_value()
            self._skip_comma("]")
        self._expect("]")

    def _read_value(self) -> tuple[Any, str]:
        """Return the next value and its text; it is complete once something follows it."""
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
        """Return the next character that is not blank, without consuming it."""
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
        """Read more text, doubling the buffer for a long value; return whether there was any."""
        unread = self._buffer[self._position :]
        if len(unread) > _MAX_ELEMENT_CHARACTERS:
            raise ValueError("a value is too large")
        new_text = self._file.read(max(_READ_CHARACTERS, len(unread)))
        self._buffer, self._position = unread + new_text, 0
        return bool(new_text)
