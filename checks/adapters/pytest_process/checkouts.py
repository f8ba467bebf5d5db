"""Find the repository that holds the tests among the checkouts in a workspace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from .git import Git


def in_repository_with_tests(git: Git, pytest_args: Sequence[str]) -> Git:
    """Return git in the repository that holds the tests: that of its own folder, where pytest starts, if it is in one.

    Otherwise actions/checkout may have used `path`. Then it is the repository of the paths in `pytest_args`, or else
    the one directly below the folder. If these are several, none of them is chosen.
    """
    if root := git.root():
        return replace(git, known_root=root)
    below = sorted(path.parent for path in git.folder.glob("[!.]*/.git"))
    for folders in ([*_named(git.folder, pytest_args)], below):
        roots = {root for folder in folders if (root := replace(git, folder=folder).root())}
        if roots:
            root = next(iter(roots))
            return replace(git, folder=root, known_root=root) if len(roots) == 1 else git
    return git


def _named(start: Path, pytest_args: Sequence[str]) -> Iterator[Path]:
    """Yield the folders of the existing paths among pytest's arguments."""
    for argument in pytest_args:
        with suppress(OSError, ValueError):  # an argument may be too long for a path, or have a NUL
            path = start / argument.partition("::")[0]
            if path.exists():
                yield path if path.is_dir() else path.parent
