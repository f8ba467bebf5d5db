"""The file on which the tests' process tells what happens.

Part of the plugin beside it, and under its rules.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import resource
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ParamSpec, TypeVar

    P = ParamSpec("P")
    T = TypeVar("T")


def never_fail(function: Callable[P, T]) -> Callable[P, T | None]:
    """What we cannot tell must not become the tests' error."""

    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T | None:
        try:
            return function(*args, **kwargs)
        except Exception:
            return None

    return wrapper


# What is around all other implementations of a hook. The newer kind takes half the time, in each stage of each test.
try:
    outermost = pytest.hookimpl(wrapper=True, tryfirst=True)
except TypeError:  # pluggy before 1.2
    outermost = pytest.hookimpl(hookwrapper=True, tryfirst=True)


def inner_result(hook_result: Any) -> Any:
    """What they made, of what an `outermost` is sent; None where they raised, which ends one of the newer kind."""
    if not hasattr(hook_result, "get_result"):
        return hook_result
    return hook_result.get_result() if hook_result.excinfo is None else None


def hidden_from_coverage(path: str) -> str:
    """A ``__file__`` that coverage.py passes over: under a bare ``--cov`` these files would count as the user's.

    https://github.com/nedbat/coveragepy/blob/7.6.1/coverage/inorout.py#L343
    """
    return "<pytest-check-runs>/" + os.path.basename(path)


__file__ = hidden_from_coverage(__file__)


class StreamWriter:
    """A file that is only appended to, one `write` a record, and survives what tests do to descriptors."""

    # Tests patch modules, and pyfakefs the names that other modules imported from them; these stay what they were.
    _close, _fstat, _getpid = staticmethod(os.close), staticmethod(os.fstat), staticmethod(os.getpid)
    _open, _write = staticmethod(os.open), staticmethod(os.write)
    _fcntl, _getrlimit = staticmethod(fcntl.fcntl), staticmethod(resource.getrlimit)

    def __init__(self, path: str) -> None:
        self._path = os.path.abspath(path)
        self._pid = self._getpid()
        self._numbers = itertools.count()
        self._descriptor: int | None = None
        self._identity = (0, 0)
        self.write_error = ""  # why a record could not be written, such as "No space left on device (/tmp/folder)"

    def write(self, fields: str) -> None:
        """Append ``{"seq":N,<fields>}``; `fields` is JSON text in ASCII, without its braces."""
        if self._getpid() != self._pid:  # a fork of the tests
            return
        # The newline in front confines what another writer may have left unfinished.
        record = ('\n{"seq":%d,%s}\n' % (next(self._numbers), fields)).encode("ascii", "replace")
        reason = "incomplete write"  # as it is where the last bytes of a disk are taken
        for _ in range(2):
            try:
                if self._write(self._open_descriptor(), record) == len(record):
                    return
            except OSError as error:
                self._descriptor = None
                reason = error.strerror or str(error)
        self.write_error = self.write_error or "%s (%s)" % (reason, os.path.dirname(self._path))

    def _open_descriptor(self) -> int:
        """The descriptor, anew if it is no longer ours: a test may have closed it, and got its number for a file."""
        if self._descriptor is None or self._identify(self._descriptor) != self._identity:
            descriptor = self._open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                self._descriptor = self.duplicate_high(descriptor)
            finally:
                self._close(descriptor)
            self._identity = self._identify(self._descriptor)
        return self._descriptor

    @classmethod
    def duplicate_high(cls, descriptor: int) -> int:
        """A copy, so that tests which count descriptors or expect the lowest free one see no difference."""
        limit = cls._getrlimit(resource.RLIMIT_NOFILE)[0]
        return cls._fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, max(3, min(limit, 65_536) - 64))

    def _identify(self, descriptor: int) -> tuple[int, int]:
        status = self._fstat(descriptor)
        return status.st_dev, status.st_ino
