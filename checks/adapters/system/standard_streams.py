"""Standard streams that are closed, or that cannot be written: a full disk, a reader that has gone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def usable() -> Iterator[BinaryIO]:
    """Return the standard output of a program that ends with its own exit status, even if nothing can be written there.

    A stream that is closed is ``/dev/null``, so that no file or socket gets its number. What a stream has not accepted
    in the end is discarded: Python would exit with the status 120.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - open until the end
    try:
        yield sys.stdout.buffer
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except OSError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
