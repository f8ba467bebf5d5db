"""Look up lines in the repository's Python files."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ..system import safe_files

_MAX_FILE_BYTES = 1024 * 1024
_DEFINITIONS = ("def ", "async def ", "class ")


class Sources:
    """The files below `root`; a few are cached."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lines = lru_cache(maxsize=8)(self._read)

    def definition(self, path: str, line: int) -> int:
        """Return the line of the ``def`` or ``class`` whose first decorator is at `line`, else `line`.

        `path` is relative to the root; lines are 1-based. pytest, like Python, reports a decorated function at its
        first decorator.
        """
        lines = self._lines(path)
        if not (0 < line <= len(lines)) or not lines[line - 1].lstrip().startswith("@"):
            return line
        indent = lines[line - 1][: -len(lines[line - 1].lstrip())]
        for number, text in enumerate(lines[line:], line + 1):
            if text.startswith(indent) and text[len(indent) :].startswith(_DEFINITIONS):
                return number
        return line

    def _read(self, path: str) -> list[str]:
        return safe_files.beginning(self._root / path, _MAX_FILE_BYTES).decode(errors="replace").splitlines()
