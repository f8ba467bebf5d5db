"""Copy the output of all of the tests' processes from one pipe to the job log."""

from __future__ import annotations

import fcntl
import os
import select
import termios
import threading
from array import array
from collections.abc import Callable
from contextlib import suppress

from ...core.text.ansi import strip_ansi

_READ_BYTES = 64 * 1024
_TAIL_BYTES = 64 * 1024
#: The most that Linux lets a pipe hold without privileges, and so the most to copy after the end.
_PIPE_BYTES = 1024 * 1024
#: How long `finish` waits for a log that blocks.
_FINISH_SECONDS = 5.0
#: pytest prints a dot per test; waking up for each would cost more than everything else here. Pausing while the pipe is
#: full would block the tests, so there is a pause only after small pieces.
_PAUSE_SECONDS, _SMALL_PIECE_BYTES = 0.02, 4096
#: How long `tail` waits for the pipe's content; longer than a pause, since the machine may be busy.
_CATCH_UP_SECONDS = 1.0


class OutputCopier:
    """Copies output unchanged to `sink`, in pieces of at most 64 KiB, and keeps the last 64 KiB.

    `writer` is the descriptor that processes write to. Never waits for the pipe's end, since daemons may hold it open.
    """

    def __init__(self, sink: Callable[[bytes], object]) -> None:
        self._sink = sink
        self._is_sink_open = True
        self._tail = bytearray()
        self._is_truncated = False
        self._copied_bytes = 0
        self._changed = threading.Condition()
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._stop_reader, self._stop_writer = os.pipe()
        self._thread = threading.Thread(target=self._copy, name="output", daemon=True)
        self._thread.start()

    def finish(self) -> str:
        """Copy what is in the pipe, stop, and return the last lines without ANSI sequences."""
        if self._stop_writer >= 0:
            os.close(self._stop_writer)  # ends the thread
            self._stop_writer = -1
            self._thread.join(_FINISH_SECONDS)
            os.close(self.writer)
        return self.tail()

    def tail(self) -> str:
        """Return the last lines so far, without ANSI sequences."""
        with self._changed:
            target_bytes = self._copied_bytes + self._pending_bytes()
            self._changed.wait_for(lambda: self._copied_bytes >= target_bytes, _CATCH_UP_SECONDS)
            text = bytes(self._tail).decode(errors="replace")
        if self._is_truncated:
            text = text.partition("\n")[2] or text  # only whole lines, if there are any
        return strip_ansi(text)

    def _pending_bytes(self) -> int:
        """Return the number of bytes in the pipe."""
        waiting = array("i", [0])
        if self._thread.is_alive():
            with suppress(OSError):
                fcntl.ioctl(self._reader, termios.FIONREAD, waiting)
        return waiting[0]

    def _copy(self) -> None:
        poller, stop_poller = select.poll(), select.poll()
        for descriptor in (self._reader, self._stop_reader):
            poller.register(descriptor, select.POLLIN)
        stop_poller.register(self._stop_reader, select.POLLIN)
        while self._stop_reader not in dict(poller.poll()):
            if self._copy_piece() < _SMALL_PIECE_BYTES:
                stop_poller.poll(1000 * _PAUSE_SECONDS)
        remaining_bytes = _PIPE_BYTES
        while remaining_bytes > 0 and (size := self._copy_piece()):
            remaining_bytes -= size
        os.close(self._reader)
        os.close(self._stop_reader)

    def _copy_piece(self) -> int:
        """Copy one piece; return its size, 0 if nothing is waiting."""
        with self._changed:
            try:
                piece = os.read(self._reader, _READ_BYTES)
            except BlockingIOError:
                return 0
            self._is_truncated = self._is_truncated or len(self._tail) + len(piece) > _TAIL_BYTES
            self._tail += piece
            del self._tail[:-_TAIL_BYTES]
            self._copied_bytes += len(piece)
            self._changed.notify_all()
        if self._is_sink_open:
            try:
                self._sink(piece)
            except Exception:  # noqa: BLE001 - a closed log (`| head`) or a bug in `sink` must not stop the tests
                self._is_sink_open = False
        return len(piece)
