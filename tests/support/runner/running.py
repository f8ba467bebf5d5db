"""Run commands as the tests' process, and record their output."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from checks.adapters.pytest_process.process import Command, Plan, PytestProcess
from checks.core.model.job import ProcessExit
from tests.support.waits import HANG_SECONDS


@dataclass
class Log:
    """A sink that records its input."""

    pieces: list[bytes] = field(default_factory=list)
    _received: threading.Event = field(default_factory=threading.Event)

    def __call__(self, piece: bytes) -> None:
        self.pieces.append(piece)
        self._received.set()

    def wait(self) -> None:
        """Wait briefly for the first output."""
        self._received.wait(0.005)

    @property
    def text(self) -> str:
        return b"".join(self.pieces).decode()


def python(script: str, *arguments: object, phase: str = "tests") -> Command:
    """Return a command that runs a script quickly in the Python that runs the tests."""
    return Command(phase=phase, arguments=[sys.executable, "-ISc", script, *map(str, arguments)])


def plan(folder: Path, *commands: Command, environ: Mapping[str, str] | None = None) -> Plan:
    variables = {"PATH": os.defpath} if environ is None else environ
    return Plan(commands=commands, folder=folder, environ=variables, plugin_folder=folder)


def wait_for_exit(child: PytestProcess, *, seconds: float = HANG_SECONDS) -> ProcessExit:
    """Wait for the end as a program's main loop does."""
    process_exit = child.wait(seconds)
    assert process_exit is not None, "still running"
    return process_exit


def is_running(pid: int) -> bool:
    """Whether the process is running."""
    try:
        state = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def read_pids(path: Path) -> Sequence[int]:
    """Return the process ids that a script wrote to a file, one per line."""
    return [int(line) for line in path.read_text().split()]


def peak_mebibytes() -> int:
    """Return this process's peak memory; `getrusage` includes that of its parent."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) // 1024
