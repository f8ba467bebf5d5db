"""Preserve what is lost when the tests' process dies: captured output, and on request the stacks of all threads.

Part of the plugin; the rules in `pytest_check_runs_child` apply.
"""

from __future__ import annotations

import _socket  # `socket` would load one more module that tests can see
import array
import faulthandler
import json
import os
import signal
from typing import TYPE_CHECKING

from pytest_check_runs_stream import StreamWriter, hidden_from_coverage, never_fail

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

__file__ = hidden_from_coverage(__file__)

# The signal that requests the stacks. It is handled in C alone, even while Python is stuck, and tests do not see it.
# Real-time signals are hardly used; debuggers use the last ones. Without them, stacks cannot be requested.
_STACKS_SIGNAL = getattr(signal, "SIGRTMAX", 0) - 2

_SOCKET_NAME = "captured"  # the socket's name in the folder
_STACKS_NAME = "stacks-%d-%d-%s"  # file name: process id, signal, worker
_REASON_CHARACTERS = 500
_ADDRESS_BYTES = 100  # the limit for a socket's address is 107
_SEND_SECONDS = 1.0  # in case the tests have filled the socket's queue

_encode = json.JSONEncoder().encode  # tests patch the module; this keeps the original


@never_fail
def preserve_crash_output(config: pytest.Config, folder: str, worker: str) -> None:
    """Set this up for one process; `folder` is private, `worker` is xdist's worker id or empty."""
    _send_captured_files(config, folder, worker)
    _register_stacks(os.path.join(folder, _STACKS_NAME % (os.getpid(), _STACKS_SIGNAL, worker)))


@never_fail
def _send_captured_files(config: pytest.Config, folder: str, worker: str) -> None:
    """Send the files that hold pytest's captured output: they have no name, and would vanish with the process."""
    capture = config.pluginmanager.getplugin("capturemanager")._global_capturing
    files = array.array("i", [capture.out.tmpfile.fileno(), capture.err.tmpfile.fileno()])
    _send(folder, worker.encode(), [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, files)])


@never_fail
def send_end(folder: str, session_id: str, exit_status: int, write_error: str) -> None:
    """Send a message, which needs no disk, that pytest has finished, and why results could not be written."""
    end = {"session_id": session_id, "exit_status": exit_status, "write_error": write_error[:_REASON_CHARACTERS]}
    _send(folder, _encode(end).encode(), [])


def _send(folder: str, text: bytes, files: Sequence[tuple[int, int, array.array[int]]]) -> None:
    sender = _socket.socket(_socket.AF_UNIX, _socket.SOCK_DGRAM)
    directory = os.open(folder, os.O_RDONLY)
    try:
        address = os.path.join(folder, _SOCKET_NAME)
        if len(os.fsencode(address)) > _ADDRESS_BYTES:
            address = "/proc/self/fd/%d/%s" % (directory, _SOCKET_NAME)
        sender.settimeout(_SEND_SECONDS)
        sender.sendmsg([text], files, 0, address)
    finally:
        os.close(directory)
        sender.close()


@never_fail
def _register_stacks(path: str) -> None:
    if _STACKS_SIGNAL > 0:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            faulthandler.register(_STACKS_SIGNAL, file=StreamWriter.duplicate_high(descriptor), all_threads=True)
        finally:
            os.close(descriptor)
