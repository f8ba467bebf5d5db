"""Signals at any moment before a program has its own handlers."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.runner.preloaded import PROGRAMS
from tests.support.waits import HANG_SECONDS

ROOT = Path(__file__).parents[2]
ENTRYPOINT = ROOT / "entrypoint.py"
SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143}

#: Starts Python as `bin/start` does, with signals blocked, and with one of them waiting.
WAITING = """
import os, signal, sys
number = int(sys.argv[1])
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT, signal.SIGTERM])
os.kill(os.getpid(), number)
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


@pytest.mark.parametrize(("number", "status"), SIGNALS.items())
def test_signal_pending_at_start_ends_program_with_one_line(number: signal.Signals, status: int) -> None:
    command = [sys.executable, "-c", WAITING, str(int(number)), str(ENTRYPOINT), "run"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=HANG_SECONDS)
    assert (done.returncode, done.stdout, done.stderr) == (status, "Interrupted before the start.\n", "")


@pytest.mark.parametrize(("number", "status"), SIGNALS.items())
@pytest.mark.parametrize(
    ("program", "module"),
    [("run", "argparse"), ("run", "checks.programs.cli"), ("run", "github.Auth"), ("preview", "jinja2")],
)
def test_signal_during_imports_ends_program_with_one_line(
    program: str, module: str, number: signal.Signals, status: int
) -> None:
    command = [sys.executable, "-X", "importtime", str(ENTRYPOINT), program]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        assert any(line.split("|")[-1].strip() == module for line in process.stdout)
        process.send_signal(number)
        output = [line for line in process.stdout if not line.startswith("import time:")]
    assert (process.returncode, output) == (status, ["Interrupted before the start.\n"])


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS)
def test_program_is_imported_without_the_others(program: str) -> None:
    subprocess.run([sys.executable, "-c", f"import checks.programs.{program}"], cwd=ROOT, check=True)
