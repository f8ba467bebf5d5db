"""Look up lines in the repository's files, where the tests can write, and read its CODEOWNERS file."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

from ...core.model.job import Repository
from ...core.model.limits import CODE_OWNERS_BYTES
from ...core.report.code_owners import CODE_OWNERS_PATHS
from ..system import safe_files

_MAX_FILE_BYTES = 1024 * 1024
_DEFINITIONS = ("def ", "async def ", "class ")


def read_code_owners(repository: Repository) -> str:
    """Return the text of the first CODEOWNERS file; empty without one, or if it is too large for GitHub."""
    path = next((path for path in CODE_OWNERS_PATHS if path in repository.tracked), "")
    content = safe_files.beginning(Path(repository.root, path), CODE_OWNERS_BYTES + 1) if path else b""
    return content.decode("utf-8-sig", "replace") if len(content) <= CODE_OWNERS_BYTES else ""


class Sources:
    """The `tracked` files below `root`, by their paths relative to it; a few are cached."""

    def __init__(self, root: Path, tracked: Collection[str]) -> None:
        self._root = root
        self._tracked = tracked
        self._lines = lru_cache(maxsize=8)(self._read)

    def lines(self, path: str) -> list[str]:
        """Return the lines of a file; empty if it is untracked or large, or cannot be read."""
        return self._lines(path)

    def definition(self, path: str, line: int) -> int:
        """Return the line of the ``def`` or ``class`` whose first decorator is at `line`, else `line`.

        Lines are 1-based. pytest, like Python, reports a decorated function at its
        first decorator.
        """
        lines = self.lines(path)
        if not (0 < line <= len(lines)) or not lines[line - 1].lstrip().startswith("@"):
            return line
        indent = lines[line - 1][: -len(lines[line - 1].lstrip())]
        for number, text in enumerate(lines[line:], line + 1):
            if text.startswith(indent) and text[len(indent) :].startswith(_DEFINITIONS):
                return number
        return line

    def _read(self, path: str) -> list[str]:
        content = safe_files.beginning_below(self._root, path, _MAX_FILE_BYTES) if path in self._tracked else b""
        is_whole = len(content) < _MAX_FILE_BYTES
        return [line.decode(errors="replace") for line in content.splitlines()] if is_whole else []
