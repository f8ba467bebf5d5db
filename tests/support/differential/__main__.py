"""Run many generated suites: ``python -m tests.support.differential NUMBER [SEED]``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import SystemRandom
from tempfile import TemporaryDirectory

from tests.support.differential.compare import differences
from tests.support.differential.generate import suite


def _differences(seed: int) -> list[str]:
    with TemporaryDirectory() as folder:
        return differences(suite(seed), Path(folder))


def _lines(number: int, first: int) -> Iterator[str]:
    seeds = range(first, first + number)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for seed, found in zip(seeds, pool.map(_differences, seeds), strict=True):
            yield from (f"{seed}: {line}" for line in found)


def main(arguments: list[str]) -> int:
    """Print the seed and all differences; return 1 if there are any."""
    number, first = int(arguments[0]), int(arguments[1]) if len(arguments) > 1 else SystemRandom().randrange(10**6)
    _print(f"{number} suites from seed {first}")
    count = 0
    for line in _lines(number, first):
        _print(line)
        count += 1
    _print(f"{count} differences")
    return int(count > 0)


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
