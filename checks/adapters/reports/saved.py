"""Save reports in the workspace, for later steps and artifacts."""

from __future__ import annotations

import errno
import re
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from ..system import safe_files, workspace_folder


class SavedReports:
    """Reports in the workspace's hidden folder; `warn` receives messages for the log.

    Construct it before the tests run: what another folder of that name has in it is the user's.
    """

    def __init__(self, workspace: Path, warn: Callable[[str], None]) -> None:
        self._folder = workspace / workspace_folder.NAME
        self._refusal = _refusal(self._folder)
        self._warn = warn

    def unavailable_reason(self) -> str:
        """Return why reports cannot be saved, as the system describes it; empty if they can."""
        try:
            self._make_folder()
            with tempfile.TemporaryFile(dir=self._folder):
                pass
        except OSError as error:
            return error.strerror or str(error)
        return ""

    def save(self, check_name: str, pieces: Iterable[str]) -> str:
        """Write the report under the check's name; return its path relative to the workspace, empty on failure.

        The file is never incomplete.
        """
        name = re.sub(r"[^\w.-]+", "-", check_name).strip("-.") or "pytest"
        path = Path(workspace_folder.NAME, f"{name}.json")
        try:
            self._make_folder()
            safe_files.replace(self._folder / path.name, map(str.encode, pieces))
        except OSError as error:
            self._warn(f"Could not save the JSON report to {path}: {error.strerror}.")
            return ""
        return str(path)

    def _make_folder(self) -> None:
        if self._refusal is not None:
            raise self._refusal
        workspace_folder.make(self._folder)


def _refusal(folder: Path) -> OSError | None:
    """Return why the folder must not be used: it is the user's, or it cannot be read."""
    try:
        is_foreign = workspace_folder.is_foreign(folder)
    except OSError as error:
        return error
    return FileExistsError(errno.EEXIST, workspace_folder.FOREIGN) if is_foreign else None
