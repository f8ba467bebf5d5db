"""Save reports in the workspace, for later steps and artifacts."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from ..system import safe_files

_FOLDER = ".pytest-check-runs"


class SavedReports:
    """A hidden folder in the workspace that git ignores; `warn` receives messages for the log."""

    def __init__(self, workspace: Path, warn: Callable[[str], None]) -> None:
        self._workspace = workspace
        self._warn = warn

    def unavailable_reason(self) -> str:
        """Return why reports cannot be saved, as the system describes it; empty if they can."""
        try:
            self._make_folder()
            with tempfile.TemporaryFile(dir=self._workspace / _FOLDER):
                pass
        except OSError as error:
            return error.strerror or str(error)
        return ""

    def save(self, check_name: str, pieces: Iterable[str]) -> str:
        """Write the report under the check's name; return its path relative to the workspace, empty on failure.

        The file is never incomplete.
        """
        name = re.sub(r"[^\w.-]+", "-", check_name).strip("-.") or "pytest"
        path = Path(_FOLDER, f"{name}.json")
        try:
            self._make_folder()
            safe_files.replace(self._workspace / path, map(str.encode, pieces))
        except OSError as error:
            self._warn(f"Could not save the JSON report to {path}: {error.strerror}.")
            return ""
        return str(path)

    def _make_folder(self) -> None:
        folder = self._workspace / _FOLDER
        if not folder.is_dir() or folder.is_symlink():
            with suppress(FileNotFoundError):
                folder.unlink()
            folder.mkdir()
        safe_files.replace(folder / ".gitignore", [b"*\n"])
