"""What git knows of the workspace; the only runner of git. Nothing that the repository configures is run."""

from __future__ import annotations

import os
import select
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from signal import SIGKILL

from ...core.model.job import Repository
from ...core.results.locations import configuration_candidates, first_tracked, is_configuration
from ..system import linux
from ..system.sandbox import Start, start_directly

#: For all that is asked at a time; how often a wait looks whether the job is cancelled; and for an end by SIGKILL.
_SECONDS = 60.0
_GLANCE_SECONDS = 0.05
_KILL_SECONDS = 1.0
#: What git may answer; whatever tests put in its place may answer without end.
_PATHS_BYTES = 64 * 1024
_COMMIT_BYTES = 1024 * 1024
_FILES_BYTES = 64 * 1024 * 1024
_MOST_FILES = 1_000_000
_READ_BYTES = 64 * 1024
#: Of submodules in submodules.
_MOST_LEVELS = 16
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
_ENVIRON = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}

_SUBMODULE = b"160000"
_LINK = b"120000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """git in one folder, with an environment of its own, which has no secret and no variable of the job.

    `start` starts it, as `subprocess.Popen` does, and `path` is the PATH on which it is found. An answer that does not
    come within a minute, or before the job `is_cancelled`, counts as none.
    """

    folder: Path
    start: Start = start_directly
    path: str = field(default_factory=lambda: os.pathsep.join(os.get_exec_path()))
    is_cancelled: Callable[[], bool] = lambda: False

    def repository(self) -> Repository | None:
        """Return the repository that contains the folder; None without a repository or without git."""
        until = time.monotonic() + _SECONDS
        root = self._root(until)
        if root is None:
            return None
        head, parents = self._head(root, until)
        index = dict(self._tracked(root, until))
        tracked = frozenset(index) or walked(root).tracked  # nothing was added yet
        return Repository(
            root=str(root),
            tracked=tracked,
            fallback=_fallback(root, tracked, self.folder),
            head=head,
            parents=parents,
            links=tuple(_links(root, (path for path, mode in index.items() if mode == _LINK))),
        )

    def head(self) -> tuple[str, tuple[str, ...]]:
        """Return the current HEAD commit and its parents; empty strings without a commit."""
        until = time.monotonic() + _SECONDS
        root = self._root(until)
        return ("", ()) if root is None else self._head(root, until)

    def _root(self, until: float) -> Path | None:
        """The outermost: not of a submodule, for the commit that is reported is that of the repository around it."""
        folder = self.folder
        for _ in range(_MOST_LEVELS):
            asked = "rev-parse", "--show-toplevel", "--show-superproject-working-tree"
            answer = self._ask(folder, *asked, until=until, most_bytes=_PATHS_BYTES)
            if not answer or b"\0" in answer:
                return None
            toplevel, *around = os.fsdecode(answer).splitlines()
            if not around:
                return Path(toplevel)
            folder = Path(around[0])
        return None

    def _head(self, root: Path, until: float) -> tuple[str, tuple[str, ...]]:
        """HEAD and the parents in its own words: also in a shallow clone, which does not have them."""
        answer = self._ask(root, "cat-file", "--batch", given=b"HEAD\n", until=until, most_bytes=_COMMIT_BYTES) or b""
        first, _, commit = answer.partition(b"\n")
        name, kind, *_ = [*first.decode("ascii", "replace").split(), "", ""]
        if kind != "commit" or not _is_object_name(name):
            return "", ()
        header = commit.partition(b"\n\n")[0].decode("ascii", "replace").splitlines()
        parents = (line.removeprefix("parent ") for line in header if line.startswith("parent "))
        return name, tuple(filter(_is_object_name, parents))

    def _tracked(self, root: Path, until: float) -> Iterator[tuple[str, bytes]]:
        """(path, mode) of the files of the index; one in a conflict comes several times.

        GitHub names files in UTF-8 only.
        """
        answer = self._ask(root, "ls-files", "-z", "--stage", until=until, most_bytes=_FILES_BYTES) or b""
        if answer.count(b"\0") > _MOST_FILES:
            return
        for entry in answer.split(b"\0"):
            about, _, path = entry.partition(b"\t")
            if path and not about.startswith(_SUBMODULE):
                with suppress(UnicodeDecodeError):
                    yield path.decode(), about[:6]

    def _ask(self, folder: Path, *arguments: str, until: float, most_bytes: int, given: bytes = b"") -> bytes | None:
        """Return git's answer; None where it has none, or none of at most so many bytes in time."""
        if self.is_cancelled():
            return None
        with linux.without_leftovers():  # tests may have replaced git by a program that leaves processes behind
            try:
                process = self.start(
                    [*_GIT, *arguments],
                    bufsize=0,
                    cwd=folder,
                    env={**_ENVIRON, "PATH": self.path},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            except (OSError, ValueError):  # there is no git, no such folder, or a NUL in its name
                return None
            try:
                return self._answer(process, given, until, most_bytes)
            finally:
                _end(process)

    def _answer(self, process: subprocess.Popen[bytes], given: bytes, until: float, most_bytes: int) -> bytes | None:
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - for the type checker
        with suppress(BrokenPipeError), process.stdin:
            process.stdin.write(given)
        ready = select.poll()
        ready.register(process.stdout, select.POLLIN)
        answer = bytearray()
        for seconds in self._waits(until):
            if not ready.poll(1000 * seconds):
                continue
            piece = process.stdout.read(_READ_BYTES)
            if not piece:
                return bytes(answer) if self._has_succeeded(process, until) else None
            answer += piece
            if len(answer) > most_bytes:
                return None
        return None

    def _has_succeeded(self, process: subprocess.Popen[bytes], until: float) -> bool:
        for seconds in self._waits(until):
            with suppress(subprocess.TimeoutExpired):
                return process.wait(seconds) == 0
        return False

    def _waits(self, until: float) -> Iterator[float]:
        """Seconds to wait, again and again, as long as there is time and the job is not cancelled."""
        while (left := until - time.monotonic()) > 0 and not self.is_cancelled():
            yield min(left, _GLANCE_SECONDS)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        linux.send_to_group(SIGKILL, process.pid)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_KILL_SECONDS)
    if process.stdout is not None:
        process.stdout.close()


def _is_object_name(text: str) -> bool:
    """Whether it is a SHA-1 or a SHA-256 in hexadecimal digits."""
    return len(text) in (40, 64) and set(text) <= set("0123456789abcdef")


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
    for path in configuration_candidates(tracked, "" if below == "." else below):
        if is_configuration(path, _beginning(root / path)):
            return path
    return first_tracked(tracked)


def _beginning(path: Path) -> str:
    """The text of a file of configuration; none of them is large."""
    try:
        with path.open("rb") as file:
            return file.read(_CONFIGURATION_BYTES).decode(errors="replace")
    except OSError:
        return ""
