"""Run a command for which the kernel refuses a system call: ``python refusing.py NUMBER ERRNO [ARGUMENT] COMMAND``.

With an ARGUMENT, refuses only calls with that third argument; otherwise it is ``-``. Needs root:
https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys

_PR_SET_SECCOMP, _FILTER = 22, 2
_LOAD, _JUMP_UNLESS_EQUAL, _RETURN = 0x20, 0x15, 0x06
_FAIL, _ALLOW = 0x0005_0000, 0x7FFF_0000
_NUMBER, _THIRD_ARGUMENT = 0, 32  # offsets in the filter's input
_NOBODY = 65_534
_SETRESUID = 147 if platform.machine() == "aarch64" else 117


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("lines", ctypes.c_char_p))


def _command_prefix(number: int, error: int, argument: int | str = "-") -> tuple[str, ...]:
    return sys.executable, __file__, str(number), str(error), str(argument)


#: Start a command in a kernel without Landlock, or where the process cannot protect its limits.
WITHOUT_LANDLOCK = _command_prefix(444, errno.ENOSYS)
WITHOUT_OWN_LIMITS = _command_prefix(_SETRESUID, errno.EPERM, _NOBODY)


def _program(number: int, error: int, argument: str) -> bytes:
    conditions = [(_NUMBER, number), *([] if argument == "-" else [(_THIRD_ARGUMENT, int(argument))])]
    lines: list[tuple[int, ...]] = []
    for position, (offset, value) in enumerate(conditions, 1):
        lines_to_skip = 2 * (len(conditions) - position) + 1
        lines += [(_LOAD, 0, 0, offset), (_JUMP_UNLESS_EQUAL, 0, lines_to_skip, value)]
    lines += [(_RETURN, 0, 0, _FAIL | error), (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("HBBI", *line) for line in lines)


if __name__ == "__main__":
    program = _program(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
    filter_ = _Filter(len(program) // 8, program)
    if ctypes.CDLL(None).prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(filter_), 0, 0):
        sys.exit("seccomp refused")
    os.execvp(sys.argv[4], sys.argv[4:])
