"""Start programs that cannot write to certain folders, not even as root.

Landlock (https://docs.kernel.org/userspace-api/landlock.html) restricts a thread and everything that it starts, for
good. Programs are therefore started from a thread of its own, and the rest of the process stays unrestricted.
"""

from __future__ import annotations

import ctypes
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from ...core.pytest_process.mounts import paths_to

Start = Callable[..., "subprocess.Popen[bytes]"]
#: Starts programs without a sandbox.
start_directly: Start = subprocess.Popen

# The numbers are the same on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION, _PATH_BENEATH = 1, 1
#: Earlier versions refuse every move between folders (Linux 5.19).
_MIN_VERSION = 2
_TRUNCATE_VERSION = 3
_PR_SET_NO_NEW_PRIVS = 38

_WRITE_FILE, _TRUNCATE = 1 << 1, 1 << 14
_CHANGE_FOLDER = sum(1 << bit for bit in range(4, 14))  # remove, make, link and rename, for every kind of file


class SandboxUnavailableError(Exception):
    """The kernel, or the container's seccomp profile, does not allow Landlock; the message is the reason."""


class Sandbox:
    """Starts programs that cannot write to any of `folders`, except to the files `writable` in them.

    In the folders around them, existing files can be written, but nothing can be created or removed. Raises
    `SandboxUnavailableError`.
    """

    def __init__(self, folders: Collection[Path], writable: Collection[Path]) -> None:
        rights = _rights()
        try:
            ruleset = _ruleset(rights, _closed(folders), writable)
            self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sandbox")
            self._thread.submit(_restrict, ruleset).result()
        except OSError as error:
            raise SandboxUnavailableError(error.strerror) from error
        os.close(ruleset)

    def start(self, *args: Any, **kwargs: Any) -> subprocess.Popen[bytes]:
        """Start a program as `subprocess.Popen` does."""
        return self._thread.submit(start_directly, *args, **kwargs).result()


def _rights() -> int:
    """Return the rights that are denied unless a rule allows them."""
    if sys.platform != "linux":
        raise SandboxUnavailableError("it is only available on Linux")
    version = _libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    if version < _MIN_VERSION:
        raise SandboxUnavailableError(
            os.strerror(ctypes.get_errno()) if version < 0 else "it requires Linux 5.19 or later"
        )
    return _WRITE_FILE | _CHANGE_FOLDER | (_TRUNCATE if version >= _TRUNCATE_VERSION else 0)


def _closed(folders: Collection[Path]) -> frozenset[Path]:
    mountinfo = Path("/proc/self/mountinfo").read_text(errors="surrogateescape")
    return frozenset(Path(path) for folder in folders for path in paths_to(os.path.realpath(folder), mountinfo))


def _ruleset(rights: int, closed: Collection[Path], writable: Collection[Path]) -> int:
    """Return a ruleset's descriptor that allows everything next to the closed folders, and the writable files."""
    rules = ctypes.c_uint64(rights)
    ruleset: int = _checked(_libc().syscall(_CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(8), 0))
    for path in (*_beside(closed), *writable):
        with suppress(FileNotFoundError, PermissionError):  # it is gone, or nobody can open it
            _allow(ruleset, path, rights)
    return ruleset


def _beside(closed: Collection[Path]) -> Iterator[Path]:
    """Yield the outermost paths that neither are closed folders nor contain them."""
    around = {parent for path in closed for parent in path.parents}
    for folder in around:
        with suppress(FileNotFoundError, NotADirectoryError, PermissionError):  # unreadable for the tests, too
            yield from (path for path in folder.iterdir() if path not in closed and path not in around)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISLNK(mode):
            return  # its target has a rule of its own
        allowed = rights if stat.S_ISDIR(mode) else rights & (_WRITE_FILE | _TRUNCATE)
        rule = allowed.to_bytes(8, sys.byteorder) + descriptor.to_bytes(4, sys.byteorder)
        _checked(_libc().syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0))
    finally:
        os.close(descriptor)


def _restrict(ruleset: int) -> None:
    """Restrict this thread; without CAP_SYS_ADMIN that requires that no child gains privileges."""
    zero = ctypes.c_ulong(0)
    _checked(_libc().prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero))
    _checked(_libc().syscall(_RESTRICT_SELF, ruleset, 0))


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
