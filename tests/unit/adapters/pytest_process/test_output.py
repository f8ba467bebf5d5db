"""The output copier with a real pipe."""

from __future__ import annotations

import os
import time

from checks.adapters.pytest_process.output import OutputCopier


def test_small_pieces_are_copied_in_batches() -> None:
    pieces: list[bytes] = []
    copier = OutputCopier(pieces.append)
    started = time.monotonic()
    for _ in range(100):
        os.write(copier.writer, b".")
        time.sleep(0.001)
    copier.finish()
    assert b"".join(pieces) == b"." * 100
    # A pause of 0.02 s follows each piece; on a busy machine the dots take longer.
    assert len(pieces) < 3 + (time.monotonic() - started) / 0.015


def test_tail_includes_output_just_written() -> None:
    copier = OutputCopier(lambda _: None)
    for word in ("one", "two", "three"):
        os.write(copier.writer, word.encode())
        assert copier.tail().endswith(word)
    assert copier.finish() == "onetwothree"
