"""Linux calls that protect the action from the tests, and that find and end processes that the tests leave.

On other systems each function does nothing and returns so; the action runs only on Linux.
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
#: ``nobody``, which every engine maps that maps several users.
_NOBODY = 65_534
_END_SECONDS = 1.0
#: Killed processes still need CPU time to end, and hundreds take turns on a busy machine.
_REAP_SECONDS = 3.0
_POLL_SECONDS = 0.001
#: Hundreds of processes that fork without end take most of the CPU, and leave thousands to examine.
_SCAN_SECONDS = 0.2
_CAPABILITY_VERSION_3 = 0x20080522


def set_undumpable() -> bool:
    """Close this process's entries in ``/proc`` to other processes of its user; return whether that worked.

    Processes with CAP_SYS_PTRACE and the like are not affected: see `confine`.
    """
    return _prctl(_PR_SET_DUMPABLE, 0)


def confine() -> tuple[str, ...]:
    """Drop capabilities from future children with which they could inspect this process, which keeps its own.

    If there are capabilities that open even undumpable processes, drops everything that a child of root does not need
    to write in another user's workspace. Otherwise drops three that hardly any program uses. A process without all
    capabilities of another one cannot trace it (https://man7.org/linux/man-pages/man2/ptrace.2.html), which protects
    parents that share our environment, such as docker's ``--init``; the runner's files cannot be made immutable; and
    `protect_own_limits` works.

    Returns the names of capabilities that could not be dropped.
    """
    for number in (
        set(_ALL_CAPABILITIES) - {_CHOWN, _DAC_OVERRIDE, _FOWNER} if _intrusive_capabilities() else _ALWAYS_DROPPED
    ):
        _prctl(_PR_CAPBSET_DROP, number)
    _clear_inheritable()
    return _intrusive_capabilities()


def protect_own_limits() -> bool:
    """Keep other processes of root from changing our limits, such as that of open files; return whether that worked.

    The kernel requires CAP_SYS_RESOURCE, which `confine` drops, unless all three user ids are equal
    (https://man7.org/linux/man-pages/man2/prlimit.2.html). Changing the user ids works only as root.
    """
    try:
        os.setresuid(-1, -1, _NOBODY)
    except (AttributeError, OSError):
        return False
    return True


def pin_name_services() -> bool:
    """Look up hosts as a container does, regardless of ``/etc/nsswitch.conf``; return whether that worked.

    libc rereads that file when it changes, and loads the libraries it names into this process, even those that tests
    running as root put there.
    """
    configure = getattr(ctypes.CDLL(None), "__nss_configure_lookup", None) if _IS_LINUX else None
    return configure is not None and configure(b"hosts", b"files dns") == 0  # musl lacks it, and loads no libraries


def reserve(descriptor: int, size_bytes: int) -> bool:
    """Reserve disk space for a file without changing its size; return whether that worked."""
    if not _IS_LINUX:
        return False
    keeps_size = 1  # https://man7.org/linux/man-pages/man2/fallocate.2.html
    offset, length = ctypes.c_longlong(0), ctypes.c_longlong(size_bytes)
    return bool(ctypes.CDLL(None).fallocate(descriptor, keeps_size, offset, length) == 0)


def become_subreaper() -> bool:
    """Become the parent of orphaned descendants, like process 1; return whether that worked."""
    return _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> bool:
    if not _IS_LINUX:
        return False
    zero = ctypes.c_ulong(0)
    return bool(ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), zero, zero, zero) == 0)


def _clear_inheritable() -> None:
    """Clear the inheritable set, which older docker versions fill, and with it the ambient set."""
    if _IS_LINUX:
        header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
        sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable: first the lower halves, then the upper ones
        libc = ctypes.CDLL(None)
        if libc.capget(header, sets) == 0:
            sets[2] = sets[5] = 0
            libc.capset(header, sets)


def _intrusive_capabilities() -> tuple[str, ...]:
    """Return the capabilities of future children that open this process to them."""
    if not _IS_LINUX:
        return ()
    lines = Path("/proc/self/status").read_text().splitlines()
    masks = {
        name: int(mask, 16) for name, _, mask in (line.partition(":\t") for line in lines if line.startswith("Cap"))
    }
    # What root starts gets all capabilities of the bounding set, even those that root has dropped.
    mask = masks["CapBnd"] | masks["CapInh"] if os.geteuid() == 0 else masks["CapAmb"]
    return tuple(name for bit, name in _INTRUSIVE.items() if mask >> bit & 1)


def sleep_until_end(pid: int, seconds: float) -> bool:
    """Sleep until the child ends, or `seconds` pass; return False if the kernel cannot wait for that."""
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
    """Return the children of `parent` (default: this process), including ended ones that were not reaped.

    Much faster than scanning all processes, which quickly forking processes outrun. Empty for an ended process, and on
    other systems. Raises `OSError` if the kernel does not list children
    (https://man7.org/linux/man-pages/man5/proc_pid_task.5.html).
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
    """Ignore that a process or thread has ended between listing and reading, which cannot happen to this one."""
    expected_errors = () if task.name == str(os.getpid()) else (FileNotFoundError, ProcessLookupError)
    return suppress(*expected_errors)


def descendants(*, excluding: Collection[int]) -> frozenset[int]:
    """Return the processes below this one, without `excluding` and their descendants; of very many, only some.

    Raises `OSError` like `children`.
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
    """Reap ended orphans that this process adopted; `excluding` are reaped elsewhere."""
    deadline = time.monotonic() + _SCAN_SECONDS
    with suppress(OSError):  # tried again later, and not essential
        for pid in takewhile(lambda _: time.monotonic() < deadline, children() - set(excluding)):
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


def kill_descendants(*, excluding: Collection[int]) -> bool:
    """Send SIGKILL to every descendant except `excluding`, until none is left or a second has passed.

    Returns whether certainly none is left; an error while listing them leaves that open.
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
    """End the processes that the block leaves running, if the kernel lists children."""
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
    """As process 1, send SIGKILL to all other processes of the container; return whether this is process 1.

    The kernel signals all at once, so none can escape by forking. Otherwise does nothing, because it would end
    unrelated processes. Call `reap_all` afterwards.
    """
    if os.getpid() != 1:
        return False
    with suppress(ProcessLookupError):  # there are no other processes
        os.kill(-1, signal.SIGKILL)
    return True


def reap_all() -> bool:
    """As process 1, after `kill_all`, reap all processes until none is left or three seconds have passed.

    Returns whether none is left. Takes every exit status, so wait for those you need before.
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
    """Send the signal to each process that still exists."""
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def catches(pid: int, number: int) -> bool:
    """Whether the process handles that signal, which would otherwise end it; False if the kernel does not say."""
    with suppress(OSError, ValueError):
        lines = Path("/proc", str(pid), "status").read_text().splitlines()
        mask = next(line.partition(":")[2] for line in lines if line.startswith("SigCgt:"))
        return bool(int(mask, 16) >> (number - 1) & 1)
    return False


def send_to_group(number: signal.Signals, group: int) -> None:
    """Send the signal to a process group, if it still exists."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
