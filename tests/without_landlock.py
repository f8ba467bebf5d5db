"""Runs a command for which the kernel has no Landlock: ``python without_landlock.py COMMAND``, as root."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

_CREATE_RULESET = 444
_PR_SET_SECCOMP, _FILTER = 22, 2
#: Load the number of the system call; if it is that one, fail as an unknown one does, else go on.
_PROGRAM = b"".join(
    struct.pack("HBBI", *line)
    for line in (
        (0x20, 0, 0, 0),
        (0x15, 0, 1, _CREATE_RULESET),
        (0x06, 0, 0, 0x0005_0000 | errno.ENOSYS),
        (0x06, 0, 0, 0x7FFF_0000),
    )
)

#: What starts such a command.
BEFORE = (sys.executable, __file__)


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("lines", ctypes.c_char_p))


if __name__ == "__main__":
    if ctypes.CDLL(None).prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(_Filter(4, _PROGRAM)), 0, 0):
        sys.exit("seccomp refused")
    os.execvp(sys.argv[1], sys.argv[1:])
