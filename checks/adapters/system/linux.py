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
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path

from . import code_pages

_IS_LINUX = sys.platform == "linux"

# https://man7.org/linux/man-pages/man2/prctl.2.html
_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_SET_CHILD_SUBREAPER = 36

# https://man7.org/linux/man-pages/man7/capabilities.7.html
_CHOWN, _DAC_OVERRIDE, _FOWNER, _SETPCAP, _LINUX_IMMUTABLE, _SYS_RESOURCE = 0, 1, 3, 8, 9, 24
_INTRUSIVE = {
    16: "CAP_SYS_MODULE",
    17: "CAP_SYS_RAWIO",
    19: "CAP_SYS_PTRACE",
    21: "CAP_SYS_ADMIN",
    38: "CAP_PERFMON",
}
_ALL_CAPABILITIES = range(64)
_ALWAYS_DROPPED = {_SETPCAP, _LINUX_IMMUTABLE, _SYS_RESOURCE}
#: ``nobody``, whom every engine maps that maps more than one user.
_NOBODY = 65_534
_END_SECONDS = 1.0
#: What is killed still needs the machine to end, and hundreds of processes on a busy one take turns.
_REAP_SECONDS = 3.0
_POLL_SECONDS = 0.001
#: Hundreds of processes that fork without end leave us little of the machine, and thousands to look at.
_SCAN_SECONDS = 0.2
_CAPABILITY_VERSION_3 = 0x20080522


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
    can be made immutable; and `protect_own_limits` holds. The code that we run is held fast as well.

    Returns the names of those that could not be taken.
    """
    code_pages.copy_mapped_pages()
    for number in (
        set(_ALL_CAPABILITIES) - {_CHOWN, _DAC_OVERRIDE, _FOWNER} if _intrusive_capabilities() else _ALWAYS_DROPPED
    ):
        _prctl(_PR_CAPBSET_DROP, number)
    _clear_inheritable()
    return _intrusive_capabilities()


def protect_own_limits() -> bool:
    """Keep other processes of root from setting our limits, such as that of open files; return whether that worked.

    The kernel asks them for CAP_SYS_RESOURCE, which `confine` takes, unless all our three user ids are theirs
    (https://man7.org/linux/man-pages/man2/prlimit.2.html). It refuses to change ours unless we are root.
    """
    try:
        os.setresuid(-1, -1, _NOBODY)
    except (AttributeError, OSError):
        return False
    return True


def pin_name_services() -> bool:
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


def _clear_inheritable() -> None:
    """Empty the inheritable set, which older dockers fill, and with it the ambient one."""
    if _IS_LINUX:
        header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
        sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable: the lower halves, then the upper ones
        libc = ctypes.CDLL(None)
        if libc.capget(header, sets) == 0:
            sets[2] = sets[5] = 0
            libc.capset(header, sets)


def _intrusive_capabilities() -> tuple[str, ...]:
    """The capabilities that a program started by us would have, and that open our process to it all the same."""
    if not _IS_LINUX:
        return ()
    lines = Path("/proc/self/status").read_text().splitlines()
    masks = {
        name: int(mask, 16) for name, _, mask in (line.partition(":\t") for line in lines if line.startswith("Cap"))
    }
    # What root starts has all that the bounding set allows, also what root itself has laid down.
    mask = masks["CapBnd"] | masks["CapInh"] if os.geteuid() == 0 else masks["CapAmb"]
    return tuple(name for bit, name in _INTRUSIVE.items() if mask >> bit & 1)


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


def children(parent: int | None = None) -> frozenset[int]:
    """Return the children of `parent` (by default our own), with those that have ended and were not waited for.

    Far quicker than a look at all processes, which those that fork quickly run away from. A process that has ended has
    none; on other systems than Linux the result is empty. Raises `OSError` where the kernel does not list them
    (https://man7.org/linux/man-pages/man5/proc_pid_task.5.html), which does not mean that there are none.
    """
    if not _IS_LINUX:
        return frozenset()
    tasks = Path("/proc", str(parent or os.getpid()), "task")
    found: set[int] = set()
    with _unless_ended(tasks.parent):
        for thread in tasks.iterdir():
            with _unless_ended(thread):
                found.update(map(int, (thread / "children").read_text().split()))
    return frozenset(found)


def _unless_ended(task: Path) -> suppress:
    """Suppress that a process or thread has ended between listing and reading, which our own cannot have."""
    expected_errors = () if task.name == str(os.getpid()) else (FileNotFoundError, ProcessLookupError)
    return suppress(*expected_errors)


def descendants(*, excluding: Collection[int]) -> frozenset[int]:
    """The processes below us, without those `excluding` and what is below them; of very many, some.

    Raises as `children`.
    """
    deadline = time.monotonic() + _SCAN_SECONDS
    found: set[int] = set()
    level = children() - set(excluding)
    while level:
        found |= level
        in_time = takewhile(lambda _: time.monotonic() < deadline, level)
        level = frozenset().union(*map(children, in_time)) - found
    return frozenset(found)


def reap(*, excluding: Collection[int]) -> None:
    """Let ended orphans go, which fell to us as process 1 or as subreaper; others wait for those `excluding`."""
    deadline = time.monotonic() + _SCAN_SECONDS
    with suppress(OSError):  # it is tried again, and nothing depends on it
        for pid in takewhile(lambda _: time.monotonic() < deadline, children() - set(excluding)):
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


def kill_descendants(*, excluding: Collection[int]) -> bool:
    """SIGKILL every process below us but those, until none is left or a second has passed.

    Returns whether none is left for certain. A look that fails says nothing about that.
    """
    deadline = time.monotonic() + _END_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError):
            if not (remaining := descendants(excluding=excluding)):
                return True
            send_signal(signal.SIGKILL, remaining)
            reap(excluding=excluding)
    return False


@contextmanager
def without_leftovers() -> Iterator[None]:
    """End the processes that the block leaves running, where the kernel lists them."""
    try:
        existing = children()
    except OSError:
        yield
        return
    try:
        yield
    finally:
        kill_descendants(excluding=existing)


def kill_all() -> bool:
    """As process 1, SIGKILL every other process of the container; return whether we are process 1.

    The kernel does this at once for all, so that nothing can run away from it by forking. Elsewhere it would end
    processes that have nothing to do with us, and is not done. `reap_all` is to follow.
    """
    if os.getpid() != 1:
        return False
    with suppress(ProcessLookupError):  # there is none
        os.kill(-1, signal.SIGKILL)
    return True


def reap_all() -> bool:
    """As process 1, after `kill_all`, reap every process until none is left or three seconds have passed.

    Returns whether none is left. Takes the exit status of each, so who needs one has to wait for that before.
    """
    deadline = time.monotonic() + _REAP_SECONDS
    while time.monotonic() < deadline:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return True
        if pid == 0:
            time.sleep(_POLL_SECONDS)
    return False


def send_signal(number: int, pids: Collection[int]) -> None:
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
