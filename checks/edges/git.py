"""What git knows of the workspace; the only runner of git. Nothing that the repository configures is run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ..translate import fallback
from ..words.job import Repository
from . import kernel

_SECONDS = 60
#: Where there is no git, this many files are looked at.
_FILES_WALKED = 100_000
_CONFIGURATION_BYTES = 1024 * 1024

# The workspace of a job belongs to another user (https://git-scm.com/docs/git-config#Documentation/git-config.txt-safedirectory);
# nobody's configuration is changed for that. Hooks and monitors of the repository stay out.
_GIT = (
    "git",
    "--no-replace-objects",
    "-c",
    "safe.directory=*",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
)
_ENVIRON = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}

_SUBMODULE = b"160000"
_LINK = b"120000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """git in one folder, with the environment of the tests: it has no secret of ours."""

    folder: Path
    environ: Mapping[str, str]

    def repository(self) -> Repository | None:
        """The repository that the folder lies in, None where there is none, or no git."""
        root = self._root(self.folder)
        if root is None:
            return None
        head, parents = self._head(root)
        index = dict(self._tracked(root))
        tracked = frozenset(index) or walked(root).tracked  # nothing was added yet
        return Repository(
            root=str(root),
            tracked=tracked,
            fallback=_fallback(root, tracked, self.folder),
            head=head,
            parents=parents,
            links=tuple(_links(root, (path for path, mode in index.items() if mode == _LINK))),
        )

    def _root(self, folder: Path) -> Path | None:
        """The outermost: not of a submodule, for the commit that is reported is that of the repository around it."""
        answer = self._ask(folder, "rev-parse", "--show-toplevel", "--show-superproject-working-tree")
        if not answer:
            return None
        toplevel, *around = os.fsdecode(answer).splitlines()
        return self._root(Path(around[0])) if around else Path(toplevel)

    def _head(self, root: Path) -> tuple[str, tuple[str, ...]]:
        """HEAD and the parents in its own words: also in a shallow clone, which does not have them."""
        answer = self._ask(root, "cat-file", "--batch", given=b"HEAD\n") or b""
        first, _, commit = answer.partition(b"\n")
        name, kind, *_ = [*first.decode("ascii", "replace").split(), "", ""]
        if kind != "commit":
            return "", ()
        header = commit.partition(b"\n\n")[0].decode("ascii", "replace").splitlines()
        return name, tuple(line.removeprefix("parent ") for line in header if line.startswith("parent "))

    def head(self) -> tuple[str, tuple[str, ...]]:
        """HEAD as it is now, and its parents; empty where there is none."""
        root = self._root(self.folder)
        return ("", ()) if root is None else self._head(root)

    def _tracked(self, root: Path) -> Iterator[tuple[str, bytes]]:
        """(path, mode) of the files of the index; one in a conflict comes several times.

        GitHub names files in UTF-8 only.
        """
        for entry in (self._ask(root, "ls-files", "-z", "--stage") or b"").split(b"\0"):
            about, _, path = entry.partition(b"\t")
            if path and not about.startswith(_SUBMODULE):
                with suppress(UnicodeDecodeError):
                    yield path.decode(), about[:6]

    def _ask(self, folder: Path, *arguments: str, given: bytes = b"") -> bytes | None:
        """git's answer, None where it has none."""
        environ = {**self.environ, **_ENVIRON}
        strangers = kernel.children()
        try:
            done = subprocess.run(
                [*_GIT, *arguments],
                cwd=folder,
                env=environ,
                input=given,
                capture_output=True,
                timeout=_SECONDS,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            return None
        finally:
            kernel.end(besides=strangers)  # after the tests this git may be theirs, and leave who goes on for them
        return done.stdout


def walked(folder: Path) -> Repository:
    """A folder without git: its files are what would be tracked, but for those in folders that begin with a dot."""
    root = folder.resolve()
    tracked = frozenset(islice(_files(root), _FILES_WALKED))
    return Repository(root=str(root), tracked=tracked, fallback=_fallback(root, tracked, root))


def _links(root: Path, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each link with what it leads to inside the root."""
    for path in paths:
        with suppress(OSError, RuntimeError):
            target = (root / path).resolve()
            if target.is_relative_to(root):
                yield path, target.relative_to(root).as_posix()


def _files(root: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            yield Path(folder, name).relative_to(root).as_posix()


def _fallback(root: Path, tracked: frozenset[str], folder: Path) -> str:
    inside = folder.resolve()
    below = inside.relative_to(root).as_posix() if inside.is_relative_to(root) else "."
    for path in fallback.candidates(tracked, "" if below == "." else below):
        if fallback.configures(path, _beginning(root / path)):
            return path
    return fallback.first(tracked)


def _beginning(path: Path) -> str:
    """The text of a file of configuration; none of them is large."""
    try:
        with path.open("rb") as file:
            return file.read(_CONFIGURATION_BYTES).decode(errors="replace")
    except OSError:
        return ""
