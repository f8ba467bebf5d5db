"""Create temporary files and folders. Failures are the user's to fix."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ...core.model.errors import CheckError, Problem


def file() -> BinaryIO:
    """Open a file without a name, which vanishes with the process. Raises `CheckError`."""
    with raising_check_error():
        return tempfile.TemporaryFile(buffering=0)


def folder() -> Path:
    """Create a folder that only this user and root can read. Raises `CheckError`."""
    with raising_check_error():
        return Path(tempfile.mkdtemp(prefix="pytest-check-runs-"))


@contextmanager
def raising_check_error() -> Iterator[None]:
    """Turn an `OSError` in the block into a `CheckError`, which names the folders that were tried."""
    try:
        yield
    except OSError as error:
        location = f" ({error.filename})" if error.filename else ""  # `tempfile` names all that it tried
        problem = Problem(
            what="Temporary files cannot be written",
            why=f"{error.strerror or error}{location}.",
            title="no folder for temporary files",
            remedy="Make one of these folders writable and free some space in it. "
            "Outside the image, you can set TMPDIR to another folder.",
        )
        raise CheckError(problem) from error
