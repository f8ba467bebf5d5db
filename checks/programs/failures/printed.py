"""Print the failure reports of one or more checks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import BinaryIO

from ...core.failure_report import document, markdown
from ...core.failure_report.recorder import FailureRecorder
from ...core.failure_report.report import ReportedCause, ReportedCheck
from ...core.runner import workflow_commands


class Printed(ABC):
    """What is printed; `end` it at the end."""

    def __init__(self, stdout: BinaryIO) -> None:
        self._stdout = stdout
        self._count = 0

    def add(
        self,
        check: ReportedCheck,
        causes: Sequence[ReportedCause],
        failures: FailureRecorder,
        *,
        missing: int = 0,
        is_in_overview: bool = False,
    ) -> None:
        """Print a check; `missing` failures were missing before they were read.

        `is_in_overview`: whether the text above has all of it.
        """
        missing += failures.missing
        self.add_rendered(
            "" if is_in_overview else markdown.render(check, causes, missing=missing),
            document.pieces(check, causes, failures.blocks(), missing=missing),
        )

    def add_text(self, text: str) -> None:
        """Print Markdown that is about several checks."""
        self.add_rendered(text, ())

    @abstractmethod
    def add_rendered(self, text: str, pieces: Iterable[bytes]) -> None:
        """Print a check, given as Markdown and as pieces of JSON."""

    def end(self) -> None:
        """Print the end."""
        with suppress(BrokenPipeError):
            self._stdout.flush()

    def _write(self, text: bytes) -> None:
        with suppress(BrokenPipeError):  # of `| head`
            self._stdout.write(text)


class Markdown(Printed):
    """Markdown; `is_log`: whether a runner looks for workflow commands in it."""

    def __init__(self, stdout: BinaryIO, *, is_log: bool) -> None:
        super().__init__(stdout)
        self._is_log = is_log

    def add_rendered(self, text: str, pieces: Iterable[bytes]) -> None:
        """Print a check below the ones before."""
        del pieces
        if not text:
            return
        separator, self._count = "\n" if self._count else "", self._count + 1
        text = separator + text.rstrip("\n") + "\n"
        self._write((workflow_commands.inert(text) if self._is_log else text).encode())


class Json(Printed):
    """An array."""

    def add_text(self, text: str) -> None:
        """Print nothing."""

    def add_rendered(self, text: str, pieces: Iterable[bytes]) -> None:
        """Print an element."""
        del text
        self._write(b"," if self._count else b"[")
        self._count += 1
        for piece in pieces:
            self._write(piece)

    def end(self) -> None:
        """Print the end of the array."""
        self._write(b"]\n" if self._count else b"[]\n")
        super().end()
