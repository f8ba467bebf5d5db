"""Ask git about the workspace, without running anything that the repository configures."""

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

#: For all commands of one call; between looks at cancellation; until a killed process ends.
_TIMEOUT_SECONDS = 60.0
_POLL_SECONDS = 0.05
_KILL_SECONDS = 1.0
#: Limits of git's output; what tests put in git's place may write without end.
_MAX_PATHS_BYTES = 64 * 1024
_MAX_COMMIT_BYTES = 1024 * 1024
_MAX_FILES_BYTES = 64 * 1024 * 1024
_MAX_FILES = 1_000_000
_READ_BYTES = 64 * 1024
#: Nesting of submodules.
_MAX_SUBMODULE_LEVELS = 16
#: Files examined in a folder without git.
_MAX_WALKED_FILES = 100_000
_CONFIGURATION_BYTES = 1024 * 1024

# A job's workspace belongs to another user (https://git-scm.com/docs/git-config#Documentation/git-config.txt-safedirectory);
# nobody's configuration is changed for that. The repository's hooks and monitors are disabled.
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
_SYMLINK = b"120000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """git in one folder, with a minimal environment, without secrets or job variables.

    `start` starts processes like `subprocess.Popen`; `path` is the PATH. A command that takes longer than a minute, or
    is still running when the job `is_cancelled`, counts as failed. git is not asked again for the `known_root`.
    """

    folder: Path
    start: Start = start_directly
    path: str = field(default_factory=lambda: os.pathsep.join(os.get_exec_path()))
    is_cancelled: Callable[[], bool] = lambda: False
    known_root: Path | None = None

    def repository(self) -> Repository | None:
        """Return the repository that contains the folder; None without a repository or without git."""
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        root = self._root(deadline)
        if root is None:
            return None
        head, parents = self._head(root, deadline)
        index = dict(self._list_tracked(root, deadline))
        tracked = frozenset(index) or repository_without_git(root).tracked  # before the first `git add`
        return Repository(
            root=str(root),
            tracked=tracked,
            fallback=_fallback(root, tracked, self.folder),
            head=head,
            parents=parents,
            links=tuple(_resolve_links(root, (path for path, mode in index.items() if mode == _SYMLINK))),
        )

    def head(self) -> tuple[str, tuple[str, ...]]:
        """Return the current HEAD commit and its parents; empty strings without a commit."""
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        root = self._root(deadline)
        return ("", ()) if root is None else self._head(root, deadline)

    def root(self) -> Path | None:
        """Return the root of the repository that contains the folder; None without a repository or without git."""
        return self._root(time.monotonic() + _TIMEOUT_SECONDS)

    def _root(self, deadline: float) -> Path | None:
        """Return the outermost root: the reported commit is that of the repository around submodules."""
        if self.known_root is not None:
            return self.known_root
        folder = self.folder
        for _ in range(_MAX_SUBMODULE_LEVELS):
            arguments = "rev-parse", "--show-toplevel", "--show-superproject-working-tree"
            output = self._run_git(folder, *arguments, deadline=deadline, max_bytes=_MAX_PATHS_BYTES)
            if not output or b"\0" in output:
                return None
            toplevel, *superproject = os.fsdecode(output).splitlines()
            if not superproject:
                return Path(toplevel)
            folder = Path(superproject[0])
        return None

    def _head(self, root: Path, deadline: float) -> tuple[str, tuple[str, ...]]:
        """Return HEAD and the parents that it names, which a shallow clone does not have."""
        output = (
            self._run_git(
                root, "cat-file", "--batch", input_bytes=b"HEAD\n", deadline=deadline, max_bytes=_MAX_COMMIT_BYTES
            )
            or b""
        )
        first_line, _, commit = output.partition(b"\n")
        name, kind, *_ = [*first_line.decode("ascii", "replace").split(), "", ""]
        if kind != "commit" or not _is_object_name(name):
            return "", ()
        header = commit.partition(b"\n\n")[0].decode("ascii", "replace").splitlines()
        parents = (line.removeprefix("parent ") for line in header if line.startswith("parent "))
        return name, tuple(filter(_is_object_name, parents))

    def _list_tracked(self, root: Path, deadline: float) -> Iterator[tuple[str, bytes]]:
        """Yield (path, mode) of the files in the index; conflicted files occur several times.

        Only UTF-8 names, as on GitHub.
        """
        output = self._run_git(root, "ls-files", "-z", "--stage", deadline=deadline, max_bytes=_MAX_FILES_BYTES) or b""
        if output.count(b"\0") > _MAX_FILES:
            return
        for entry in output.split(b"\0"):
            metadata, _, path = entry.partition(b"\t")
            if path and not metadata.startswith(_SUBMODULE):
                with suppress(UnicodeDecodeError):
                    yield path.decode(), metadata[:6]

    def _run_git(
        self, folder: Path, *arguments: str, deadline: float, max_bytes: int, input_bytes: bytes = b""
    ) -> bytes | None:
        """Return git's output; None if git fails, or writes too much, or takes too long."""
        if self.is_cancelled():
            return None
        with linux.without_leftovers():  # what tests put in git's place may leave processes
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
            except (OSError, ValueError):  # git or the folder is missing, or there is a NUL in a name
                return None
            try:
                return self._read_output(process, input_bytes, deadline, max_bytes)
            finally:
                _end_process(process)

    def _read_output(
        self, process: subprocess.Popen[bytes], input_bytes: bytes, deadline: float, max_bytes: int
    ) -> bytes | None:
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - for the type checker
        with suppress(BrokenPipeError), process.stdin:
            process.stdin.write(input_bytes)
        poller = select.poll()
        poller.register(process.stdout, select.POLLIN)
        output = bytearray()
        for seconds in self._poll_intervals(deadline):
            if not poller.poll(1000 * seconds):
                continue
            piece = process.stdout.read(_READ_BYTES)
            if not piece:
                return bytes(output) if self._has_succeeded(process, deadline) else None
            output += piece
            if len(output) > max_bytes:
                return None
        return None

    def _has_succeeded(self, process: subprocess.Popen[bytes], deadline: float) -> bool:
        for seconds in self._poll_intervals(deadline):
            with suppress(subprocess.TimeoutExpired):
                return process.wait(seconds) == 0
        return False

    def _poll_intervals(self, deadline: float) -> Iterator[float]:
        """Yield seconds to wait until time is up or the job is cancelled."""
        while (remaining_seconds := deadline - time.monotonic()) > 0 and not self.is_cancelled():
            yield min(remaining_seconds, _POLL_SECONDS)


def _end_process(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        linux.send_to_group(SIGKILL, process.pid)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_KILL_SECONDS)
    if process.stdout is not None:
        process.stdout.close()


def _is_object_name(text: str) -> bool:
    """Whether it is a SHA-1 or SHA-256 in hexadecimal digits."""
    return len(text) in (40, 64) and set(text) <= set("0123456789abcdef")


def repository_without_git(folder: Path) -> Repository:
    """Return a folder without git as a repository; its files count as tracked, except in hidden folders."""
    root = folder.resolve()
    tracked = frozenset(islice(_files(root), _MAX_WALKED_FILES))
    return Repository(root=str(root), tracked=tracked, fallback=_fallback(root, tracked, root))


def _resolve_links(root: Path, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each symbolic link with its target inside the root."""
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
    resolved_folder = folder.resolve()
    relative_folder = resolved_folder.relative_to(root).as_posix() if resolved_folder.is_relative_to(root) else "."
    for path in configuration_candidates(tracked, "" if relative_folder == "." else relative_folder):
        if is_configuration(path, _read_configuration(root / path)):
            return path
    return first_tracked(tracked)


def _read_configuration(path: Path) -> str:
    """Return the text of a configuration file; larger ones are cut off."""
    try:
        with path.open("rb") as file:
            return file.read(_CONFIGURATION_BYTES).decode(errors="replace")
    except OSError:
        return ""
