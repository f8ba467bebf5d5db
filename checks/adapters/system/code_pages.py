"""The code that we run, as it is before the tests begin: what they write into its files does not reach us.

Of a library that is mapped the kernel shows the file's pages until we write to them
(https://man7.org/linux/man-pages/man2/mmap.2.html, MAP_PRIVATE). So root's tests could change our code while it runs.
Not where the file is in a lower layer of an overlay, as docker's usually are: there a write goes to a copy of it.
"""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Iterator
from pathlib import Path

_READ, _WRITE, _EXECUTE = 1, 2, 4
# https://man7.org/linux/man-pages/man2/madvise.2.html: as if each page was written to, which leaves it as it is.
_POPULATE_WRITE = 23
_PRIVATE_FILE = re.compile(r"(\w+)-(\w+) ([r-])([w-])([x-])p \w+ \S+ \d+ +/")


def copy_mapped_pages() -> bool:
    """Have all that is mapped by now in memory of our own; whether that worked, which takes Linux 5.14."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None)
    copied = [_is_copied(libc, *mapping) for mapping in _file_mappings()]
    return all(copied)


def _file_mappings() -> Iterator[tuple[int, int, int]]:
    """(address, size, protection) of what is mapped of files."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        if match := _PRIVATE_FILE.match(line):
            start, end = int(match[1], 16), int(match[2], 16)
            bits = zip(match.groups()[2:], (_READ, _WRITE, _EXECUTE), strict=True)
            yield start, end - start, sum(bit for letter, bit in bits if letter != "-")


def _is_copied(libc: ctypes.CDLL, address: int, size_bytes: int, protection: int) -> bool:
    region = ctypes.c_void_p(address), ctypes.c_size_t(size_bytes)
    if libc.mprotect(*region, protection | _WRITE) != 0:  # SELinux may forbid it
        return False
    is_copied = bool(libc.madvise(*region, _POPULATE_WRITE) == 0)
    libc.mprotect(*region, protection)
    return is_copied
