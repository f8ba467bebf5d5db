"""Copy the action's mapped code into private memory, so that tests cannot change it through its files.

A mapped library shows the file's pages until they are written to
(https://man7.org/linux/man-pages/man2/mmap.2.html, MAP_PRIVATE), so tests running as root could change running code.
Files in lower layers of an overlay, usual for docker, are safe: there a write goes to a copy.
"""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Iterator
from pathlib import Path

_READ, _WRITE, _EXECUTE = 1, 2, 4
# https://man7.org/linux/man-pages/man2/madvise.2.html: acts like a write to each page, without a change.
_POPULATE_WRITE = 23
_PRIVATE_FILE = re.compile(r"(\w+)-(\w+) ([r-])([w-])([x-])p \w+ \S+ \d+ +/")


def copy_mapped_pages() -> bool:
    """Copy everything that is mapped now; return whether that worked (needs Linux 5.14)."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None)
    copied = [_is_copied(libc, *mapping) for mapping in _file_mappings()]
    return all(copied)


def _file_mappings() -> Iterator[tuple[int, int, int]]:
    """Yield (address, size, protection) of mapped files."""
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
