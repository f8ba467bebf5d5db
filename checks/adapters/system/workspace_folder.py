"""The hidden folder for everything that is written into a workspace. Git ignores it by a `.gitignore` of its own."""

from __future__ import annotations

import errno
from contextlib import suppress
from pathlib import Path

from . import safe_files

NAME = ".check-run"
#: Why a folder of that name is not used, to follow a colon.
FOREIGN = f"{NAME} exists already, and this action did not create it (its .gitignore is missing or is not *); rename it"

_MARKER = ".gitignore"
_IGNORE_ALL = b"*\n"


def is_foreign(folder: Path) -> bool:
    """Whether something else has this name. Ask before the tests run, which may put anything there."""
    if not folder.exists() and not folder.is_symlink():
        return False
    is_empty_folder = folder.is_dir() and not any(folder.iterdir())
    return not is_empty_folder and safe_files.beginning(folder / _MARKER, len(_IGNORE_ALL) + 1) != _IGNORE_ALL


def make(folder: Path) -> None:
    """Create the folder, also in place of a file or a link, with its `.gitignore`. Raises `OSError`."""
    if not folder.is_dir() or folder.is_symlink():
        with suppress(FileNotFoundError):
            folder.unlink()
        folder.mkdir(parents=True)
    safe_files.replace(folder / _MARKER, [_IGNORE_ALL])


def make_below(folder: Path) -> None:
    """Create a folder with its parents, one of which may be ours. Raises `OSError`, also if that one is foreign."""
    for parent in (folder, *folder.parents):
        if parent.name == NAME:
            if is_foreign(parent):
                raise FileExistsError(errno.EEXIST, FOREIGN)
            make(parent)
    folder.mkdir(parents=True, exist_ok=True)
