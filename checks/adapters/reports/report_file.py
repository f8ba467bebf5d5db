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
_ELEMENT_CHARACTERS = 16 * 1024 * 1024
#: More tests than any session has; to read so many takes ten seconds.
_MOST_MEMBERS = 1_500_000
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
            return "is not whole"
        return "" if end.endswith(f'"check_runs_session": "{session_id}"}}'.encode()) else "is of another run"

    def members(self) -> Iterator[Member]:
        """Its members in their order, of each list the elements one by one, until it breaks off or has too many."""
        with (
            suppress(OSError, ValueError, RecursionError),
            TextIOWrapper(open_file(self._path), encoding="utf-8", errors="replace") as file,
        ):
            yield from islice(_Text(file).members(), _MOST_MEMBERS)


class _Text:
    """JSON text that is read as it is needed."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._decode = json.JSONDecoder().raw_decode
        self._buffer = ""
        self._at = 0

    def members(self) -> Iterator[Member]:
        """Raises `ValueError` where it is no object, or breaks off."""
        self._expect("{")
        while self._next() != "}":
            key, _ = self._value()
            self._expect(":")
            if self._next() == "[":
                yield from ((key, *element) for element in self._elements())
            else:
                yield (key, *self._value())
            self._skip_comma("}")

    def _elements(self) -> Iterator[tuple[Any, str]]:
        self._expect("[")
        while self._next() != "]":
            yield self._value()
            self._skip_comma("]")
        self._expect("]")

    def _value(self) -> tuple[Any, str]:
        """The value that begins here, and its text; it is whole when something follows it."""
        while True:
            try:
                value, end = self._decode(self._buffer, self._at)
            except ValueError:
                if not self._read():
                    raise
                continue
            if end < len(self._buffer):  # else it may be the beginning of a longer number
                begin, self._at = self._at, end
                return value, self._buffer[begin:end]
            if not self._read():
                raise ValueError("it breaks off")

    def _next(self) -> str:
        """The next character that is not blank, which stays."""
        while (found := _NOT_BLANK(self._buffer, self._at)) is None:
            self._at = len(self._buffer)
            if not self._read():
                raise ValueError("it breaks off")
        self._at = found.start()
        return found[0]

    def _expect(self, character: str) -> None:
        if self._next() != character:
            raise ValueError(f"{character} is missing")
        self._at += 1

    def _skip_comma(self, end: str) -> None:
        if comma := _COMMA(self._buffer, self._at):
            self._at = comma.end()
        elif self._next() != end:
            self._expect(",")

    def _read(self) -> bool:
        """More text, twice as much each time that a value needs more; whether there was any."""
        rest = self._buffer[self._at :]
        if len(rest) > _ELEMENT_CHARACTERS:
            raise ValueError("a value is too large")
        more = self._file.read(max(_READ_CHARACTERS, len(rest)))
        self._buffer, self._at = rest + more, 0
        return bool(more)
