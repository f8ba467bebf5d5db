"""The reports that stay in the workspace, for later steps and artifacts."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

_FOLDER = ".pytest-check-runs"


class KeptReports:
    """A hidden folder of the workspace, which git is told to ignore; `warn` takes a sentence for people."""

    def __init__(self, workspace: Path, warn: Callable[[str], None]) -> None:
        self._workspace = workspace
        self._warn = warn

    def refusal(self) -> str:
        """Why none can be kept, as the system says it; empty where one can."""
        try:
            self._make_folder()
            descriptor, path = self._begin()
            os.close(descriptor)
            path.unlink()
        except OSError as error:
            return error.strerror or str(error)
        return ""

    def keep(self, check_name: str, pieces: Iterable[str]) -> str:
        """Write the report's text under the check's name; its path relative to the workspace, empty if it could not be.

        It is written beside its place first: what is there is a whole report, and none of what the tests may have put
        there (a link, a pipe) is opened.
        """
        name = re.sub(r"[^\w.-]+", "-", check_name).strip("-.") or "pytest"
        path, part = Path(_FOLDER, f"{name}.json"), None
        try:
            self._make_folder()
            descriptor, part = self._begin()
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.writelines(pieces)
            part.chmod(0o644)
            part.replace(self._workspace / path)
        except OSError as error:
            with suppress(OSError):
                if part is not None:
                    part.unlink()
            self._warn(f"The JSON report could not be kept: {error.strerror} ({path}).")
            return ""
        return str(path)

    def _make_folder(self) -> None:
        folder = self._workspace / _FOLDER
        if not folder.is_dir() or folder.is_symlink():
            with suppress(FileNotFoundError):
                folder.unlink()
            folder.mkdir()
        ignored = folder / ".gitignore"
        if not ignored.is_file():
            ignored.write_text("*\n")

    def _begin(self) -> tuple[int, Path]:
        descriptor, path = tempfile.mkstemp(prefix=".", suffix=".part", dir=self._workspace / _FOLDER)
        return descriptor, Path(path)
