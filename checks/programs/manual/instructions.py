"""Read the instructions of a manual check."""

from __future__ import annotations

import os
from pathlib import Path

from ...adapters.system import safe_files
from ...core.manual import instructions

#: More than a check can hold, so that the error can say how large a file is that is a little too large.
_FILE_BYTES = 1024 * 1024


def read_instructions(folder: Path, value: str) -> str:
    """Return the text of the input `instructions`, which may be a file below `folder`.

    Raises `CheckError` if the file is missing. A symbolic link is not followed: it could lead out of `folder`.
    """
    path = instructions.path_of(value)
    is_file = path and os.path.isfile(folder / path)  # noqa: PTH113 - a long text is no path, and no error
    content = safe_files.beginning_below(folder, path, _FILE_BYTES) if is_file else b""
    if content or (is_file and not (folder / path).stat().st_size):
        return content.decode(errors="replace")
    if is_file or instructions.names_file(value):
        raise instructions.missing_file(value)
    return value
