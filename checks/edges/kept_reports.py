"""The reports that stay in the workspace, for later steps and artifacts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

_FOLDER = ".pytest-check-runs"


class KeptReports:
    """A hidden folder of the workspace, which git is told to ignore; `warn` takes a sentence for people."""

    def __init__(self, workspace: Path, warn: Callable[[str], None]) -> None:
        self._workspace = workspace
        self._warn = warn

    def keep(self, check_name: str, report: Mapping[str, Any]) -> str:
        """Write the report under the check's name; its path relative to the workspace, empty if it could not be."""
        name = re.sub(r"[^\w.-]+", "-", check_name).strip("-.") or "pytest"
        path = Path(_FOLDER, f"{name}.json")
        try:
            (self._workspace / _FOLDER).mkdir(exist_ok=True)
            (self._workspace / _FOLDER / ".gitignore").write_text("*\n")
            (self._workspace / path).write_text(json.dumps(report, default=str), encoding="utf-8")
        except OSError as error:
            self._warn(f"The JSON report could not be kept: {error.strerror} ({path}).")
            return ""
        return str(path)
