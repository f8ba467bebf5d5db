"""Start programs of the action as forks of a process that has imported them: imports take half the time of a run."""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryFile

ROOT = Path(__file__).parents[3]
PROGRAMS = (
    "action",
    "run.step",
    "run.post_step",
    "manual.step",
    "manual.verdict",
    "events.serve",
    "events.steps",
    "failures.failures",
    "history.history",
    "preview",
)
#: The folder of the script comes first, as in an interpreter that runs it.
_CODE = f"import sys; sys.path[0] = {str(ROOT)!r}; from {__name__} import serve; serve(int(sys.argv[1]))"
#: Beginnings of variables that Python or libc read when a process starts.
_READ_AT_START = ("PYTHON", "LC_", "LANG", "LD_", "TZ")


def is_like_new(env: Mapping[str, str]) -> bool:
    """Whether a fork with these variables does what a new process does."""
    return not any(name.startswith(_READ_AT_START) for name in env)


class PreloadedProcess:
    """A program of the action, with what tests use of `subprocess.Popen`.

    Its standard input is empty, and its standard error is the file `stderr`, by default the standard output.
    """

    def __init__(self, arguments: Sequence[str], cwd: Path, env: Mapping[str, str], stderr: int | None = None) -> None:
        output, stdout = os.pipe()
        self._status, status = socket.socketpair()
        with TemporaryFile() as request, status:
            request.write(json.dumps([arguments, str(cwd), {**env}]).encode())
            request.flush()
            files = [request.fileno(), status.fileno(), stdout, stdout if stderr is None else stderr]
            socket.send_fds(_server(), [b"\n"], files)
        os.close(stdout)
        self.stdout = TextIOWrapper(open(output, "rb"), encoding="utf-8", errors="replace")  # noqa: PTH123, SIM115 - of a pipe
        self.args = arguments
        self.pid = self._received()
        self.returncode: int | None = None

    def _received(self) -> int:
        number = self._status.recv(4)
        assert number, "the process or its parent could not start"
        return int.from_bytes(number, "big", signed=True)

    def poll(self) -> int | None:
        """Return the exit status of a process that has ended."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end, and return the exit status. Raises `subprocess.TimeoutExpired`."""
        if self.returncode is None:
            self._status.settimeout(timeout)
            try:
                self.returncode = self._received()
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(self.args, timeout or 0) from None
            self._status.close()
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, None]:
        """Wait for the end, and return the rest of the output. Raises `subprocess.TimeoutExpired`."""
        output: list[str] = []
        reader = threading.Thread(target=lambda: output.append(self.stdout.read()), daemon=True)
        reader.start()
        reader.join(timeout)
        if reader.is_alive():
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        self.stdout.close()
        self.wait(timeout)
        return output[0], None

    def send_signal(self, number: int) -> None:
        """Send a signal to a process that has not ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)


@cache
def _server() -> socket.socket:
    """Return the connection to the process that has imported the programs; it ends with this one."""
    own, its = socket.socketpair()
    with its:
        its.set_inheritable(True)
        no_input = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
        command = [sys.executable, "-c", _CODE, str(its.fileno())]
        os.posix_spawn(sys.executable, command, {"PATH": os.environ["PATH"]}, file_actions=[no_input])
    return own


def serve(number: int) -> None:
    """Start a process for each request on the connection with that number."""
    for name in PROGRAMS:
        import_module(f"checks.programs.{name}")
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the parents of the programs
    with socket.socket(fileno=number) as requests:
        while True:
            _, files, _, _ = socket.recv_fds(requests, 1, 4)
            if not files:
                return
            if os.fork() == 0:
                try:
                    requests.close()
                    _start(*files)
                finally:
                    os._exit(0)
            for each in files:
                os.close(each)


def _start(request: int, status: int, stdout: int, stderr: int) -> None:
    """Start the program, and write its process id and in the end its exit status, as its parent alone can."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        os.close(status)
        _run(request, stdout, stderr)
    for each in (request, stdout, stderr):
        os.close(each)
    os.write(status, pid.to_bytes(4, "big"))
    _, encoded = os.waitpid(pid, 0)
    os.write(status, os.waitstatus_to_exitcode(encoded).to_bytes(4, "big", signed=True))


def _run(request: int, stdout: int, stderr: int) -> None:
    try:
        arguments, cwd, env = json.loads(os.pread(request, os.fstat(request).st_size, 0))
        os.dup2(stdout, 1)
        os.dup2(stderr, 2)
        for each in (request, stdout, stderr):
            os.close(each)
        os.chdir(cwd)
        os.environ.update(env)
        sys.argv[:] = [str(ROOT / "entrypoint.py"), *arguments]
        signal.signal(signal.SIGINT, signal.default_int_handler)
        import_module("entrypoint").main()
    except BaseException:  # noqa: BLE001 - nothing may return into the server
        traceback.print_exc()
    finally:
        os._exit(1)
