"""What only kernel and libc can do: keep the tests out of our process, and find and reap whatever they leave running.

Linux alone knows these calls, and there alone is this needed: elsewhere each does nothing and says so.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from . import own_code

_IS_LINUX = sys.platform == "linux"

# https://man7.org/linux/man-pages/man2/prctl.2.html
_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_SET_CHILD_SUBREAPER = 36

# https://man7.org/linux/man-pages/man7/capabilities.7.html
_CHOWN, _DAC_OVERRIDE, _FOWNER, _SETPCAP, _LINUX_IMMUTABLE, _SYS_RESOURCE = 0, 1, 3, 8, 9, 24
_INTRUDING = {
    16: "CAP_SYS_MODULE",
    17: "CAP_SYS_RAWIO",
    19: "CAP_SYS_PTRACE",
    21: "CAP_SYS_ADMIN",
    38: "CAP_PERFMON",
}
_ALL = range(64)
_TAKEN = {_SETPCAP, _LINUX_IMMUTABLE, _SYS_RESOURCE}
#: ``nobody``, whom every engine maps that maps more than one user.
_NOBODY = 65_534
_END_SECONDS = 1.0
_VERSION_3 = 0x20080522


def set_undumpable() -> bool:
    """Close our environment, memory and descriptors in ``/proc`` to other processes of our user; whether that worked.

    Whoever holds CAP_SYS_PTRACE and the like is not kept out: `confine`.
    """
    return _prctl(_PR_SET_DUMPABLE, 0)


def confine() -> tuple[str, ...]:
    """Take from what we start from here on the capabilities with which it could look into us; we keep ours.

    Of those that open our process, closed or not, all go, and with them everything that a child of root does not need
    to write in a workspace of another user. Otherwise only three go, which hardly a program uses: who lacks a
    capability of another process cannot look into it (https://man7.org/linux/man-pages/man2/ptrace.2.html), which
    closes what may stand above us with our environment, such as docker's ``--init``; none of the runner's files
    can be made immutable; and `own_limits` holds. The code that we run is held fast as well.

    Returns the names of those that could not be taken.
    """
    own_code.hold()
    for number in set(_ALL) - {_CHOWN, _DAC_OVERRIDE, _FOWNER} if _intruding() else _TAKEN:
        _prctl(_PR_CAPBSET_DROP, number)
    _let_none_be_inherited()
    return _intruding()


def own_limits() -> bool:
    """Keep other processes of root from setting our limits, such as that of open files; return whether that worked.

    The kernel asks them for CAP_SYS_RESOURCE, which `confine` takes, unless all our three user ids are theirs
    (https://man7.org/linux/man-pages/man2/prlimit.2.html). It refuses to change ours unless we are root.
    """
    try:
        os.setresuid(-1, -1, _NOBODY)
    except (AttributeError, OSError):
        return False
    return True


def keep_name_services() -> bool:
    """Look up hosts as a container does, whatever ``/etc/nsswitch.conf`` comes to say; whether that worked.

    libc reads that file anew when it has changed, and loads the libraries it names into our process: also such as
    root's tests put there.
    """
    configure = getattr(ctypes.CDLL(None), "__nss_configure_lookup", None) if _IS_LINUX else None
    return configure is not None and configure(b"hosts", b"files dns") == 0  # musl has none, and no such libraries


def reserve(descriptor: int, size_bytes: int) -> bool:
    """Keep room on its disk for so much of a file, whose size stays as it is; whether that worked."""
    if not _IS_LINUX:
        return False
    keeps_size = 1  # https://man7.org/linux/man-pages/man2/fallocate.2.html
    offset, length = ctypes.c_longlong(0), ctypes.c_longlong(size_bytes)
    return bool(ctypes.CDLL(None).fallocate(descriptor, keeps_size, offset, length) == 0)


def become_subreaper() -> bool:
    """Make orphans below us our children, as those of process 1 are its children; whether that worked."""
    return _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> bool:
    if not _IS_LINUX:
        return False
    zero = ctypes.c_ulong(0)
    return bool(ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), zero, zero, zero) == 0)


def _let_none_be_inherited() -> None:
    """Empty the inheritable set, which older dockers fill, and with it the ambient one."""
    if _IS_LINUX:
        header = (ctypes.c_uint32 * 2)(_VERSION_3, 0)
        sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable: the lower halves, then the upper ones
        libc = ctypes.CDLL(None)
        if libc.capget(header, sets) == 0:
            sets[2] = sets[5] = 0
            libc.capset(header, sets)


def _intruding() -> tuple[str, ...]:
    """The capabilities that a program started by us would have, and that open our process to it all the same."""
    if not _IS_LINUX:
        return ()
    lines = Path("/proc/self/status").read_text().splitlines()
    masks = {
        name: int(mask, 16) for name, _, mask in (line.partition(":\t") for line in lines if line.startswith("Cap"))
    }
    # What root starts has all that the bounding set allows, also what root itself has laid down.
    mask = masks["CapBnd"] | masks["CapInh"] if os.geteuid() == 0 else masks["CapAmb"]
    return tuple(name for bit, name in _INTRUDING.items() if mask >> bit & 1)


def sleep_until_end(pid: int, seconds: float) -> bool:
    """Sleep until a child of ours ends, at most so long; False where the kernel does not wake us for that."""
    try:
        descriptor = os.pidfd_open(pid)  # https://man7.org/linux/man-pages/man2/pidfd_open.2.html
    except (AttributeError, OSError):
        return False
    ready = select.poll()
    ready.register(descriptor, select.POLLIN)
    ready.poll(1000 * seconds)
    os.close(descriptor)
    return True


def children(of: int | None = None) -> frozenset[int]:
    """The processes whose parent is `of` (by default we), with those that have ended and were not waited for.

    Far quicker than a look at all processes, which those that fork quickly run away from. Empty where the kernel does
    not tell (https://man7.org/linux/man-pages/man5/proc_pid_task.5.html).
    """
    found: set[int] = set()
    with suppress(OSError):  # it has ended
        for thread in Path("/proc", str(of or os.getpid()), "task").iterdir():
            with suppress(OSError):
                found.update(map(int, (thread / "children").read_text().split()))
    return frozenset(found)


def descendants(*, besides: Collection[int]) -> frozenset[int]:
    """The processes below us, without those `besides` and what is below them."""
    found: set[int] = set()
    level = children() - set(besides)
    while level:
        found |= level
        level = frozenset().union(*map(children, level)) - found
    return frozenset(found)


def reap(*, besides: Collection[int]) -> None:
    """Let ended orphans go, which fell to us as process 1 or as subreaper; others wait for those `besides`."""
    for pid in children() - set(besides):
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def end(*, besides: Collection[int]) -> None:
    """SIGKILL to every process below us but those, until none is there; for a second at most."""
    deadline = time.monotonic() + _END_SECONDS
    while (left := descendants(besides=besides)) and time.monotonic() < deadline:
        send(signal.SIGKILL, left)
        reap(besides=besides)


def send(number: int, pids: Collection[int]) -> None:
    """Send the signal to each process that is still there."""
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def catches(pid: int, number: int) -> bool:
    """Whether the process handles that signal, which would end it otherwise; False where the kernel does not tell."""
    with suppress(OSError, ValueError):
        lines = Path("/proc", str(pid), "status").read_text().splitlines()
        mask = next(line.partition(":")[2] for line in lines if line.startswith("SigCgt:"))
        return bool(int(mask, 16) >> (number - 1) & 1)
    return False


def send_to_group(number: signal.Signals, group: int) -> None:
    """Send the signal to a process group, if it is still there."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
