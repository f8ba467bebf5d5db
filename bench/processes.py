"""Starts what is measured, and reads from the kernel what it took. Linux alone tells all of it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from checks.adapters.system import linux

#: How exactly it is known when the tests' process ended; a look takes some 0.1 ms.
_LOOK_SECONDS = 0.01
#: Who works for less than this share of so long waits for something.
_IDLE_SECONDS, _IDLE_SHARE = 3.0, 0.05
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_CHILD = b"pytest_check_runs_child"


@dataclass(frozen=True, kw_only=True)
class Command:
    """What is started, and where its output goes."""

    arguments: Sequence[str]
    folder: Path
    environ: Mapping[str, str]
    output: Path


@dataclass(frozen=True, kw_only=True)
class Took:
    """What a process took; `peak_bytes` of memory. `tests_ended`: when its pytest did, in seconds since the epoch."""

    status: int
    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int = 0
    tests_ended: float = 0.0


def start(command: Command) -> subprocess.Popen[bytes]:
    with command.output.open("wb") as output:
        return subprocess.Popen(
            command.arguments,
            cwd=command.folder,
            env=command.environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def with_all(command: Command) -> Took:
    """A process together with those that it started and waited for."""
    began = time.perf_counter()
    process = start(command)
    _, status, usage = os.wait4(process.pid, 0)
    wall_seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    return Took(status=process.returncode, cpu_seconds=usage.ru_utime + usage.ru_stime, wall_seconds=wall_seconds)


def alone(command: Command) -> Took:
    """A process without those that it starts."""
    began = time.perf_counter()
    process = start(command)
    tests, peak = _Tests(process.pid), 0
    # Who has ended and is not waited for still shows its CPU, though no memory.
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        tests.look()
        peak = max(peak, peak_bytes(process.pid))
        time.sleep(_LOOK_SECONDS)
    wall_seconds, used = time.perf_counter() - began, cpu_seconds(process.pid)
    return Took(
        status=process.wait(),
        cpu_seconds=used,
        wall_seconds=wall_seconds,
        peak_bytes=peak,
        tests_ended=tests.ended,
    )


def until_idle(command: Command) -> Took:
    """A process alone until it has hardly worked for a while, or has ended; it is killed then."""
    began = time.perf_counter()
    process = start(command)
    peak, used, since = 0, 0.0, time.monotonic()
    while time.monotonic() - since < _IDLE_SECONDS:
        time.sleep(_LOOK_SECONDS)
        peak, now = max(peak, peak_bytes(process.pid)), cpu_seconds(process.pid)
        if now - used > _IDLE_SECONDS * _IDLE_SHARE:
            used, since = now, time.monotonic()
    used = cpu_seconds(process.pid)
    process.kill()
    return Took(status=process.wait(), cpu_seconds=used, wall_seconds=time.perf_counter() - began, peak_bytes=peak)


def cpu_seconds(pid: int) -> float:
    """Of all its threads, and of no other process."""
    utime, stime = _stat(pid)[11:13]
    return (int(utime) + int(stime)) / _TICKS_PER_SECOND


def peak_bytes(pid: int) -> int:
    """The most memory that it had resident so far; 0 once it has ended."""
    lines = Path("/proc", str(pid), "status").read_text().splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


class _Tests:
    """The tests' process of a process of ours."""

    def __init__(self, parent: int) -> None:
        self.ended = 0.0
        self._parent = parent
        self._pid = 0

    def look(self) -> None:
        if not self._pid:
            self._pid = next((pid for pid in linux.children(self._parent) if _runs_tests(pid)), 0)
        elif not self.ended and _has_ended(self._pid):
            self.ended = time.time()


def _runs_tests(pid: int) -> bool:
    with suppress(OSError):
        return _CHILD in Path("/proc", str(pid), "cmdline").read_bytes()
    return False


def _has_ended(pid: int) -> bool:
    with suppress(OSError):
        return _stat(pid)[0] == "Z"
    return True


def _stat(pid: int) -> list[str]:
    """From the third field on: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html."""
    return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()
