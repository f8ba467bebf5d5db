"""Save reports in the workspace, for later steps and artifacts."""

from __future__ import annotations

import errno
import re
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from ..system import safe_files, workspace_folder

#: The name of the failure report of the check ``pytest``; it precedes the names of others.
FAILURES = "failures"
_DEFAULT = "pytest"


class SavedReports:
    """Reports in the workspace's hidden folder; `warn` receives messages for the log.

    Construct it before the tests run: what another folder of that name has in it is the user's.

    Attributes:
        failures_path: of the last failure report, relative to the workspace; empty if none was saved.
    """

    def __init__(self, workspace: Path, warn: Callable[[str], None]) -> None:
        self._folder = workspace / workspace_folder.NAME
        self._refusal = _refusal(self._folder)
        self._warn = warn
        self.failures_path = ""

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
        path = Path(workspace_folder.NAME, f"{_stem(check_name)}.json")
        try:
            self._make_folder()
            safe_files.replace(self._folder / path.name, map(str.encode, pieces))
        except OSError as error:
            self._warn(f"Could not save the JSON report to {path}: {error.strerror}.")
            return ""
        return str(path)

    def save_failures(self, check_name: str, markdown: str, document: Iterable[bytes]) -> tuple[str, str]:
        """Write the failure report of a check; return the paths of both files, relative to the workspace.

        Both are empty on failure. The files are never incomplete.
        """
        stem = _stem(check_name)
        path = Path(workspace_folder.NAME, f"{FAILURES}.md" if stem == _DEFAULT else f"{FAILURES}-{stem}.md")
        try:
            self._make_folder()
            safe_files.replace(self._folder / path.with_suffix(".json").name, document)
            safe_files.replace(self._folder / path.name, [markdown.encode()])
        except OSError as error:
            self._warn(f"Could not save the failure report to {path}: {error.strerror}.")
            return "", ""
        self.failures_path = str(path)
        return str(path), str(path.with_suffix(".json"))

    def _make_folder(self) -> None:
        if self._refusal is not None:
            raise self._refusal
        workspace_folder.make(self._folder)


def saved_failures(workspace: Path) -> list[Path]:
    """Return the failure reports that were saved as JSON, that of the check ``pytest`` first."""
    folder = workspace / workspace_folder.NAME
    return [*folder.glob(f"{FAILURES}.json"), *sorted(folder.glob(f"{FAILURES}-*.json"))]


def _stem(check_name: str) -> str:
    """Return the name of a check's report without its suffix, which is not that of a failure report."""
    stem = re.sub(r"[^\w.-]+", "-", check_name).strip("-.") or _DEFAULT
    return f"{_DEFAULT}-{stem}" if stem.startswith(FAILURES) else stem


def _refusal(folder: Path) -> OSError | None:
    """Return why the folder must not be used: it is the user's, or it cannot be read."""
    try:
        is_foreign = workspace_folder.is_foreign(folder)
    except OSError as error:
        return error
    return FileExistsError(errno.EEXIST, workspace_folder.FOREIGN) if is_foreign else None
