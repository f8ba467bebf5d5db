"""Write the stream of events, and wrap hooks.

Part of the plugin; the rules in `pytest_check_runs_child` apply.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import resource
import threading
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar, TypeVarTuple, Unpack

    Arguments = TypeVarTuple("Arguments")
    T = TypeVar("T")


def never_fail(function: Callable[[*Arguments], T]) -> Callable[[*Arguments], T | None]:
    """Return `function` with exceptions suppressed, since the plugin's errors must not fail tests.

    It takes positional arguments only, since passing on keyword arguments makes each call slower.
    """

    def wrapper(*args: Unpack[Arguments]) -> T | None:
        try:
            return function(*args)
        except Exception:
            return None

    return wrapper


# Tests patch the module; these keep the original functions.
_encode = json.JSONEncoder(separators=(",", ":"), default=str).encode
_quote = json.encoder.encode_basestring_ascii

# Hook options to run outside all other plugins. The new kind of wrapper takes half the time in each stage.
try:
    outermost = pytest.hookimpl(wrapper=True, tryfirst=True)
except TypeError:  # pluggy before 1.2
    outermost = pytest.hookimpl(hookwrapper=True, tryfirst=True)


def inner_result(hook_result: Any) -> Any:
    """Return the result that an `outermost` hook receives; None if an old-style hook raised."""
    if not hasattr(hook_result, "get_result"):
        return hook_result
    return hook_result.get_result() if hook_result.excinfo is None else None


def hidden_from_coverage(path: str) -> str:
    """Return a ``__file__`` that coverage.py ignores: a bare ``--cov`` would count these files as the user's.

    https://github.com/nedbat/coveragepy/blob/7.6.1/coverage/inorout.py#L343
    """
    return "<pytest-check-runs>/" + os.path.basename(path)


__file__ = hidden_from_coverage(__file__)


def _template(fields: str) -> str:
    """Return the template of a record with these fields: ASCII JSON text without braces, with % for each value.

    The leading newline ends a line that another writer may have left unfinished.
    """
    return '\n{"seq":%d,' + fields + "}\n"


_ANY = _template("%s")
_TEST = _template('"event":"test","test":%d,"nodeid":%s,"lineno":%d')
_PASSED = _template('"event":"stage","test":%d,"when":%s,"outcome":"passed","duration":%.6f')

# An open file keeps its flags. Hardly another one has just these, since O_NONBLOCK means nothing for a file. Asking for
# its identity instead (`fstat`) makes the next `write` record the time, which takes twice as long.
_FLAGS, _GET_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK, fcntl.F_GETFL


class StreamWriter:
    """An append-only file, written with one `write` per record, that survives what tests do to descriptors."""

    # Tests patch modules, and pyfakefs patches names imported from them; these keep the original functions.
    _close, _getpid = staticmethod(os.close), staticmethod(os.getpid)
    _open, _write = staticmethod(os.open), staticmethod(os.write)
    _fcntl, _getrlimit = staticmethod(fcntl.fcntl), staticmethod(resource.getrlimit)

    def __init__(self, path: str) -> None:
        self._path = os.path.abspath(path)
        self._pid = self._getpid()
        self._numbers = itertools.count()
        # Records are in the order of their numbers, whichever threads write them. A signal's handler may write, too.
        self._lock = threading.RLock()
        self._descriptor: int | None = None
        self._flags = 0
        self.write_error = ""  # such as "No space left on device (/tmp/folder)"

    def write_event(self, event: str, **fields: object) -> None:
        """Write any event."""
        self._write_record(_ANY, _encode({"event": event, **fields})[1:-1])

    def write_test(self, number: int, nodeid: str, lineno: int) -> None:
        """Write that a test starts; encoding an object would take 4 µs more."""
        self._write_record(_TEST, number, _quote(nodeid), lineno)

    def write_passed(self, number: int, when: str, seconds: float) -> None:
        """Write a stage that just passed."""
        self._write_record(_PASSED, number, _quote(when), seconds)

    def _write_record(self, template: str, *values: object) -> None:
        if self._getpid() != self._pid:  # a fork in the tests, in which nothing may ever release the lock
            return
        reason = "incomplete write"  # the disk filled up during the write
        with self._lock:
            record = (template % (next(self._numbers), *values)).encode()
            for _ in range(2):
                try:
                    # A test may have closed the descriptor, so that its number now belongs to another file.
                    if self._descriptor is None or self._fcntl(self._descriptor, _GET_FLAGS) != self._flags:
                        self._descriptor = self._open_file()
                    if self._write(self._descriptor, record) == len(record):
                        return
                except OSError as error:
                    self._descriptor = None
                    reason = error.strerror or str(error)
            self.write_error = self.write_error or "%s (%s)" % (reason, os.path.dirname(self._path))

    def _open_file(self) -> int:
        descriptor = self._open(self._path, _FLAGS | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._flags = self._fcntl(descriptor, _GET_FLAGS)
            return self.duplicate_high(descriptor)
        finally:
            self._close(descriptor)

    @classmethod
    @never_fail
    def make_room(cls) -> None:
        """Let the kernel enlarge the table of descriptors, which takes 10 ms once a plugin has started a thread."""
        descriptor = cls._open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        try:
            cls._close(cls.duplicate_high(descriptor))
        finally:
            cls._close(descriptor)

    @classmethod
    def duplicate_high(cls, descriptor: int) -> int:
        """Return a copy with a high number, so that tests which count or expect low descriptors are not affected."""
        limit = cls._getrlimit(resource.RLIMIT_NOFILE)[0]
        return cls._fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, max(3, min(limit, 65_536) - 64))
