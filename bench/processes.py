"""Start what is measured, and read its resource usage from the kernel; complete only on Linux."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from checks.adapters.system import linux

#: How precisely the end of the tests' process is known; a look takes about 0.1 ms.
_POLL_SECONDS = 0.01
#: A process that works for less than this share of the time is waiting for something.
_IDLE_SECONDS, _IDLE_SHARE = 3.0, 0.05
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_CHILD = b"pytest_check_runs_child"

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class MeasuredCommand:
    """A command, and where its output goes."""

    arguments: Sequence[str]
    folder: Path
    environ: Mapping[str, str]
    output: Path


@dataclass(frozen=True, kw_only=True)
class ResourceUsage:
    """What a process used; `started_at` and when its pytest ended, `tests_ended_at`, are in seconds since the epoch."""

    status: int
    cpu_seconds: float
    wall_seconds: float
    started_at: float
    peak_bytes: int = 0
    tests_ended_at: float = 0.0

    @property
    def ended_at(self) -> float:
        return self.started_at + self.wall_seconds


def in_turn(measurements: Mapping[str, Callable[[], T]], rounds: Iterable[int]) -> dict[str, list[T]]:
    """Measure in turn, and in alternating order, so that none is always the first."""
    found: dict[str, list[T]] = {name: [] for name in measurements}
    for number in rounds:
        for name in [*measurements][:: -1 if number % 2 else 1]:
            found[name].append(measurements[name]())
    return found


def start(command: MeasuredCommand) -> subprocess.Popen[bytes]:
    with command.output.open("wb") as output:
        return subprocess.Popen(
            command.arguments,
            cwd=command.folder,
            env=command.environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def measure_with_children(command: MeasuredCommand) -> ResourceUsage:
    """Measure a process together with those that it started and waited for."""
    started_at = time.time()
    process = start(command)
    _, status, usage = os.wait4(process.pid, 0)
    wall_seconds = time.time() - started_at
    process.returncode = os.waitstatus_to_exitcode(status)
    return ResourceUsage(
        status=process.returncode,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        wall_seconds=wall_seconds,
        started_at=started_at,
    )


def measure_alone(command: MeasuredCommand) -> ResourceUsage:
    """Measure a process without its children."""
    started_at = time.time()
    process = start(command)
    tests, peak = _TestsProcess(process.pid), 0
    # An ended process that was not reaped still shows its CPU time, but no memory.
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        tests.poll()
        peak = max(peak, peak_bytes(process.pid))
        time.sleep(_POLL_SECONDS)
    wall_seconds, cpu = time.time() - started_at, cpu_seconds(process.pid)
    return ResourceUsage(
        status=process.wait(),
        cpu_seconds=cpu,
        wall_seconds=wall_seconds,
        started_at=started_at,
        peak_bytes=peak,
        tests_ended_at=tests.ended_at,
    )


def measure_until_idle(command: MeasuredCommand) -> ResourceUsage:
    """Measure a process alone until it ends or is idle for a while, and kill it then."""
    started_at = time.time()
    process = start(command)
    peak, cpu, busy_since = 0, 0.0, time.monotonic()
    while time.monotonic() - busy_since < _IDLE_SECONDS:
        time.sleep(_POLL_SECONDS)
        peak, now = max(peak, peak_bytes(process.pid)), cpu_seconds(process.pid)
        if now - cpu > _IDLE_SECONDS * _IDLE_SHARE:
            cpu, busy_since = now, time.monotonic()
    cpu = cpu_seconds(process.pid)
    process.kill()
    return ResourceUsage(
        status=process.wait(),
        cpu_seconds=cpu,
        wall_seconds=time.time() - started_at,
        started_at=started_at,
        peak_bytes=peak,
    )


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of all threads of one process."""
    utime, stime = _stat(pid)[11:13]
    return (int(utime) + int(stime)) / _TICKS_PER_SECOND


def peak_bytes(pid: int) -> int:
    """Return the peak resident memory so far; 0 once the process has ended."""
    lines = Path("/proc", str(pid), "status").read_text().splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


class _TestsProcess:
    """The tests' process of an action's process."""

    def __init__(self, parent: int) -> None:
        self.ended_at = 0.0
        self._parent = parent
        self._pid = 0

    def poll(self) -> None:
        if not self._pid:
            self._pid = next((pid for pid in linux.children(self._parent) if _runs_tests(pid)), 0)
        elif not self.ended_at and _has_ended(self._pid):
            self.ended_at = time.time()


def _runs_tests(pid: int) -> bool:
    with suppress(OSError):
        return _CHILD in Path("/proc", str(pid), "cmdline").read_bytes()
    return False


def _has_ended(pid: int) -> bool:
    with suppress(OSError):
        return _stat(pid)[0] == "Z"
    return True


def _stat(pid: int) -> list[str]:
    """Return the fields from the third one on.

    https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    """
    return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()
