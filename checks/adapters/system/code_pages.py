"""Copy the action's mapped code into private memory, so that tests cannot change it through its files.

A mapped library shows the file's pages until they are written to
(https://man7.org/linux/man-pages/man2/mmap.2.html, MAP_PRIVATE), so tests running as root could change running code.
Files in lower layers of an overlay, usual for docker, are safe: there a write goes to a copy.
"""

from __future__ import annotations

import ctypes
import re
import sys
import threading
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

_READ, _WRITE, _EXECUTE = 1, 2, 4
# https://man7.org/linux/man-pages/man2/madvise.2.html: acts like a write to each page, without a change.
_POPULATE_WRITE = 23
_PRIVATE_FILE = re.compile(r"(\w+)-(\w+) ([r-])([w-])([x-])p \w+ \S+ \d+ +/")


class CodePages:
    """Copies what is mapped, which takes 20 ms, in a thread of its own."""

    def __init__(self) -> None:
        self._copied: frozenset[_Mapping] = frozenset()
        self._thread = threading.Thread(target=self._copy, name="code pages", daemon=True)

    def start(self) -> None:
        """Start to copy what is mapped now."""
        self._thread.start()

    def complete(self) -> bool:
        """Wait, and copy what has been mapped since; return whether everything is copied (needs Linux 5.14)."""
        self._thread.join()
        return self._copy()

    def _copy(self) -> bool:
        if sys.platform != "linux":
            return False
        mappings = [*_file_mappings()]
        self._copied |= _copy([mapping for mapping in mappings if mapping not in self._copied])
        return self._copied.issuperset(mappings)


class _Mapping(NamedTuple):
    """The part of a file that is mapped from `start` to `end`."""

    start: int
    end: int
    protection: int


def _file_mappings() -> Iterator[_Mapping]:
    for line in Path("/proc/self/maps").read_text().splitlines():
        if match := _PRIVATE_FILE.match(line):
            bits = zip(match.groups()[2:], (_READ, _WRITE, _EXECUTE), strict=True)
            yield _Mapping(int(match[1], 16), int(match[2], 16), sum(bit for letter, bit in bits if letter != "-"))


def _copy(mappings: Sequence[_Mapping]) -> frozenset[_Mapping]:
    """Copy these mappings; return those that could be copied."""
    writable = [
        mapping for mapping in mappings if _protect(mapping, mapping.protection | _WRITE)
    ]  # SELinux may forbid it
    copied = frozenset(mapping for region in _adjacent(writable) if _populate(region) for mapping in region)
    for mapping in writable:
        _protect(mapping, mapping.protection)
    return copied


def _adjacent(mappings: Sequence[_Mapping]) -> Iterator[list[_Mapping]]:
    """Yield runs of mappings without a gap, which a library usually has."""
    region: list[_Mapping] = []
    for mapping in mappings:
        if region and region[-1].end != mapping.start:
            yield region
            region = []
        region.append(mapping)
    if region:
        yield region


def _protect(mapping: _Mapping, protection: int) -> bool:
    region = ctypes.c_void_p(mapping.start), ctypes.c_size_t(mapping.end - mapping.start)
    return bool(_libc_without_release().mprotect(*region, protection) == 0)


def _populate(region: Sequence[_Mapping]) -> bool:
    start, size = region[0].start, region[-1].end - region[0].start
    return bool(_libc().madvise(ctypes.c_void_p(start), ctypes.c_size_t(size), _POPULATE_WRITE) == 0)


@cache
def _libc() -> ctypes.CDLL:
    """Return libc, whose functions run beside the other threads."""
    return ctypes.CDLL(None)


@cache
def _libc_without_release() -> ctypes.PyDLL:
    """Return libc for short calls, after which this thread need not wait for others: they stop meanwhile."""
    return ctypes.PyDLL(None)
