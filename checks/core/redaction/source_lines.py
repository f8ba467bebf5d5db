"""Redact the lines of a source file, which keep their numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

SourceLines = Callable[[str], Sequence[str]]


def redacted_lines(source_lines: SourceLines, redact: Callable[[str], str]) -> SourceLines:
    """Return a function like `source_lines`, which returns the lines of the file at a path, but without secrets.

    It returns none if a secret spans several lines, because the others would have wrong numbers.
    """

    def lines_of(path: str) -> Sequence[str]:
        lines = source_lines(path)
        redacted = redact("\n".join(lines)).split("\n")
        return redacted if len(redacted) == len(lines) else ()

    return lines_of
