"""``python -m bench [--quick] [NAME ...]``: measure, print the table, and save it in ``docs/benchmarks.md``."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.runner.jobs import ROOT

from . import table
from .jobs import Jobs
from .plan import MEASUREMENTS, QUICK, BenchPlan
from .table import Row

_PAGE = ROOT / "docs" / "benchmarks.md"


def measured(names: Sequence[str], plan: BenchPlan) -> Iterator[Row]:
    """Yield the rows of these measurements."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        jobs = Jobs(Path(folder))
        for name in names:
            _print_progress(name)
            for row in MEASUREMENTS[name](plan, jobs):
                _print_progress(f"{row.figure}: {row.measured}")
                yield row


def _print_progress(text: str) -> None:
    """Print a line with the time."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def _preface() -> str:
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, check=False, capture_output=True, text=True
    ).stdout.strip()
    return (
        f"Of commit {commit or 'unknown'}, measured on {time.strftime('%Y-%m-%d')} with CPython "
        f"{platform.python_version()} and pytest {pytest.__version__}, on {os.cpu_count()} cores whose load was "
        f"{os.getloadavg()[0]:.1f} before. Medians (least–most); where there is no range it was measured once."
    )


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the cost of reporting.")
    parser.add_argument("--quick", action="store_true", help="small suites, once: check that the benchmark works")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"default: all of {', '.join(MEASUREMENTS)}")
    options = parser.parse_args(arguments)
    if unknown := {*options.names} - MEASUREMENTS.keys():
        parser.error(f"unknown measurements: {', '.join(sorted(unknown))}")
    preface = _preface()
    rows = [*measured(options.names or [*MEASUREMENTS], QUICK if options.quick else BenchPlan())]
    text = table.render(rows, preface=preface)
    print(text)
    if not options.quick and not options.names:
        _PAGE.write_text(table.insert(text, _PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
