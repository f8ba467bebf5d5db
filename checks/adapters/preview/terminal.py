"""The terminal output of a preview: the check run's name, its progress and the verdict.

It goes to stderr, because stdout has pytest's output. Progress is shown only if pytest's output goes elsewhere
(``preview >log``). Otherwise pytest shows its own progress, and our lines would break it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.control import Control
from rich.segment import ControlType
from rich.style import Style
from rich.text import Text

from ...core.inputs.names import for_shell
from ...core.model.check_run import Annotation, CheckRun, Conclusion
from ...core.model.ports import Clock
from ...core.text.ansi import visible
from ...core.text.commits import short_commit
from ...core.text.escape import one_line
from ...core.text.plain import plain
from ...core.text.truncate import truncate_characters, truncate_lines

_STYLES: Mapping[Conclusion | None, tuple[str, str]] = {
    Conclusion.SUCCESS: ("✓", "green"),
    Conclusion.FAILURE: ("✗", "red"),
    Conclusion.TIMED_OUT: ("✗", "red"),
    Conclusion.ACTION_REQUIRED: ("!", "yellow"),
    Conclusion.CANCELLED: ("■", "yellow"),
    Conclusion.NEUTRAL: ("–", "cyan"),
    Conclusion.SKIPPED: ("–", "cyan"),
}
#: The page shows the rest.
FAILURES_SHOWN = 10
_LINES_SHOWN = 30
_MESSAGE_CHARACTERS = 300
_SECONDS_BETWEEN_LINES = 10.0
_ERASE = Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2))


class _Console(Console):
    """A console whose reader may go: rich would end the process."""

    def on_broken_pipe(self) -> None:
        """Print nothing from now on."""
        self.quiet = True


class Display:
    """Writes to `output`; `pytest_output` is where pytest's output goes.

    A terminal gets colours and one line of progress that is overwritten (unless NO_COLOR or TERM=dumb is set). Other
    files get plain lines, with progress every ten seconds. What cannot be written is left out.
    """

    def __init__(self, output: TextIO, pytest_output: TextIO, clock: Clock) -> None:
        self._console = _Console(file=output, highlight=False, soft_wrap=True)
        self._is_separate = not os.path.sameopenfile(output.fileno(), pytest_output.fileno())
        # With FORCE_COLOR rich treats any file as a terminal.
        self._is_live = output.isatty() and self._console.is_terminal and not self._console.is_dumb_terminal
        self._clock = clock
        self._last_line_at = clock.monotonic()

    def started(self, run: CheckRun) -> None:
        """Print the name of the check run and the commit."""
        self._print("Preview of ", (one_line(run.name), "bold"), " ", (short_commit(run.head_sha), "dim"))

    def progress(self, title: str) -> None:
        """Print progress, such as ``512 of 948 · 2 failed · 41 s``; limits the rate itself."""
        now = self._clock.monotonic()
        if self._is_separate and self._is_live:
            line = Text(one_line(title), style="dim")
            line.truncate(self._console.width - 1, overflow="ellipsis")
            with suppress(OSError):
                self._console.print(_ERASE, line, sep="", end="")
        elif self._is_separate and now - self._last_line_at >= _SECONDS_BETWEEN_LINES:
            self._print(one_line(title))
            self._last_line_at = now

    def finished(
        self, run: CheckRun, first_failures: Sequence[Annotation], failure_count: int, page: str, report: str = ""
    ) -> None:
        """Print the verdict, the first failures (without any, the summary), and the paths of the page and the report.

        `first_failures` are at most `FAILURES_SHOWN` of `failure_count` on the page and in the failure `report`.
        """
        if self._is_separate and self._is_live:
            with suppress(OSError):
                self._console.control(_ERASE)
        sign, colour = _STYLES[run.conclusion]
        self._print()
        self._print((f"{sign} {one_line(run.output.title)}", f"bold {colour}"))
        for failure in first_failures:
            self._print("  ", (one_line(failure.title), "bold"))
            message = truncate_characters(one_line(failure.message), _MESSAGE_CHARACTERS)
            self._print("    ", (f"{one_line(failure.path)}:{failure.line}", "cyan"), f": {message}")
        if failure_count > len(first_failures):
            self._print((f"  … and {failure_count - len(first_failures):,} more on the page", "dim"))
        if not failure_count and run.conclusion is not Conclusion.SUCCESS:
            lines = plain(for_shell(run.output.summary)).splitlines()
            for line in truncate_lines(lines, _LINES_SHOWN).splitlines():
                self._print("  ", visible(line))
        self._print()
        self._print_path("Page:  ", page)
        if failure_count and report:
            self._print_path("Failures:  ", report)

    def _print_path(self, label: str, path: str) -> None:
        self._print((label, "dim"), (path, Style(link=Path(path).absolute().as_uri())))

    def _print(self, *parts: str | tuple[str, str | Style]) -> None:
        with suppress(OSError):
            self._console.print(Text.assemble(*parts))
