"""Read what the tests' processes leave in the private folder when they die: captured output and stacks.

Each process that runs tests sends the two files that hold pytest's captured output, and opens a file for
`faulthandler`, named ``stacks-PID-SIGNAL-WORKER``, to which that signal makes it write its stacks. pytest's end is also
sent as a message (`PytestEnd`), since the disk may be full.
"""

from __future__ import annotations

import os
import socket
import stat
import struct
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from ...core.model.item import Section
from ...core.model.job import PytestEnd
from ...core.results.bounded import exit_status
from ...core.results.decode import parse_line
from ..system import linux  # only the kernel knows which signals a process handles
from ..system.safe_files import open_file  # the tests may have put anything there

_SOCKET_NAME = "captured"
_STACKS_PREFIX = "stacks"
_FILES = ("stdout", "stderr")
#: Bytes read from the end of each file, and number of workers; crashed workers are replaced.
_CAPTURED_BYTES = 16_000
_STACKS_BYTES = 64 * 1024
_MAX_WORKERS = 100
_DUMP_SECONDS = 1.0
_POLL_SECONDS = 0.02
_MESSAGE_BYTES = 4096
#: The limit is 107: https://man7.org/linux/man-pages/man7/unix.7.html
_ADDRESS_BYTES = 100
#: Per call: the tests can send without end.
_MAX_MESSAGES = 200
#: Files examined in the folder, where the tests can create any number.
_MAX_NAMES = 10_000


class CrashOutput:
    """Reads `folder`; must be closed. Call `collect` often, since the kernel holds only a few messages."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._captured: dict[str, tuple[int, ...]] = {}
        self._requested_files: list[Path] = []
        self.pytest_end: PytestEnd | None = None
        self._socket: socket.socket | None = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            self._socket.settimeout(0)
            _bind(self._socket, folder)
        except OSError:  # without a socket there are no messages
            self._socket.close()
            self._socket = None

    def collect(self) -> None:
        """Receive waiting messages and their files; at most 200."""
        with suppress(BlockingIOError):
            for _ in range(_MAX_MESSAGES if self._socket is not None else 0):
                text, descriptors = self._receive_message()
                if descriptors:
                    self._keep_files(text.decode(errors="replace"), descriptors)
                else:
                    self.pytest_end = _parse_pytest_end(text) or self.pytest_end

    def _keep_files(self, worker: str, descriptors: tuple[int, ...]) -> None:
        self._close_files(worker)
        if len(descriptors) == len(_FILES) and len(self._captured) < _MAX_WORKERS:
            self._captured[worker] = descriptors
        else:
            _close(descriptors)

    def captured(self, worker: str) -> tuple[Section, ...]:
        """Return the output captured by an xdist worker (empty: by the process itself) before it died."""
        self.collect()
        texts = zip(_FILES, map(_read_end, self._captured.get(worker, ())), strict=False)
        suffix = f" of {worker}" if worker else ""
        return tuple(Section(title=f"Captured {name}{suffix} before exit", text=text) for name, text in texts if text)

    def all_captured(self) -> tuple[Section, ...]:
        """Return the captured output of all processes."""
        self.collect()
        return tuple(section for worker in sorted(self._captured) for section in self.captured(worker))

    def request_stacks(self, pids: Collection[int]) -> None:
        """Make those processes that can write their stacks; takes at most one second."""
        for pid, signal, path in self._stack_files():
            if pid in pids and len(self._requested_files) < _MAX_WORKERS and linux.catches(pid, signal):
                linux.send_signal(signal, [pid])
                self._requested_files.append(path)
        sizes, deadline = [-1], time.monotonic() + _DUMP_SECONDS
        while time.monotonic() < deadline and (
            sizes != (current_sizes := [*map(_size, self._requested_files)]) or 0 in sizes
        ):
            sizes = current_sizes
            time.sleep(_POLL_SECONDS)

    def stacks(self) -> str:
        """Return the requested stacks, ordered by worker; empty if none were requested."""
        return "\n".join(_process_stacks(path) for path in sorted(self._requested_files) if _size(path))

    def close(self) -> None:
        """Close the files."""
        for worker in [*self._captured]:
            self._close_files(worker)
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _receive_message(self) -> tuple[bytes, tuple[int, ...]]:
        assert self._socket is not None  # noqa: S101 - for the type checker
        ancillary_bytes = socket.CMSG_LEN(len(_FILES) * struct.calcsize("i"))
        flags = getattr(socket, "MSG_CMSG_CLOEXEC", 0)
        text, messages, _, _ = self._socket.recvmsg(_MESSAGE_BYTES, ancillary_bytes, flags)
        data = b"".join(data for _, kind, data in messages if kind == socket.SCM_RIGHTS)
        return text, struct.unpack(f"{len(data) // struct.calcsize('i')}i", data)

    def _close_files(self, worker: str) -> None:
        _close(self._captured.pop(worker, ()))

    def _stack_files(self) -> Iterator[tuple[int, int, Path]]:
        with suppress(OSError), os.scandir(self._folder) as entries:
            for entry in islice(entries, _MAX_NAMES):
                with suppress(ValueError):  # the tests can write here, too
                    kind, pid, signal, _ = entry.name.split("-", 3)
                    if kind == _STACKS_PREFIX:
                        yield int(pid), int(signal), Path(entry.path)


def _bind(receiver: socket.socket, folder: Path) -> None:
    """Bind the socket to its name in the folder, even if the path is too long. Raises `OSError`."""
    directory = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        address = str(folder / _SOCKET_NAME)
        is_long = len(os.fsencode(address)) > _ADDRESS_BYTES
        receiver.bind(f"/proc/self/fd/{directory}/{_SOCKET_NAME}" if is_long else address)
    finally:
        os.close(directory)


def _parse_pytest_end(text: bytes) -> PytestEnd | None:
    """Return the end that a message reports, or None for any other message; tests can send here, too."""
    match parse_line(text):
        case {"session_id": str(session_id), "exit_status": status, "write_error": str(write_error)}:
            number = exit_status(status)
            if number is not None:
                return PytestEnd(session_id=session_id, exit_status=number, write_error=write_error)
    return None


def _process_stacks(path: Path) -> str:
    worker, text = path.name.split("-", 3)[3], ""
    with suppress(OSError), open_file(path) as file:
        text = _read_end(file.fileno(), _STACKS_BYTES)
    return f"[{worker}]\n{text}" if worker else text


def _read_end(descriptor: int, size_bytes: int = _CAPTURED_BYTES) -> str:
    """Return the end of a regular file; empty for anything else, since a pipe would block."""
    with suppress(OSError):
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode):
            return os.pread(descriptor, size_bytes, max(0, status.st_size - size_bytes)).decode(errors="replace")
    return ""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _close(descriptors: Collection[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
