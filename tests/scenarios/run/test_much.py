"""Very large inputs: the process stays small, GitHub's limits hold, and omissions are stated."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import IO

import pytest

from tests.support import needs
from tests.support.github.server import GithubServer
from tests.support.rules import rule
from tests.support.runner.jobs import Job

#: Limit of the process's memory; it has 51 MiB when it starts the tests.
MAX_MEBIBYTES = 160
STEP_SECONDS = 1_500

PRINTS = {
    "a gigabyte": "line = b'x' * 1023 + b'\\n'\n    for _ in range(1024 * 1024): sys.stdout.buffer.write(line)",
    "a line of 100 megabytes": "sys.stdout.buffer.write(b'x' * 100_000_000)",
    "binary": "sys.stdout.buffer.write(os.urandom(20_000_000))",
}
FAILS = """import pytest


@pytest.mark.parametrize("n", range({annotation}))
def test(n):
    if n % 5 == 0:
        raise ValueError("y" * 40 + ("z" * 99 + "\\n") * 500)
"""
FILES = 20


class Measured:
    """A step whose log is counted but not kept, and whose memory is measured while it ends."""

    def __init__(self, job: Job, github: GithubServer, **inputs: str) -> None:
        self.log_bytes = 0
        with job.start_new(**inputs) as process:
            assert process.stdout is not None
            reader = threading.Thread(target=self._count, args=(process.stdout.buffer,))  # type: ignore[attr-defined] # text
            reader.start()
            github.wait_for(lambda: any(run["status"] == "completed" for run in github.runs), seconds=STEP_SECONDS)
            self.mebibytes = _peak(process)
            self.exit_status = process.wait(STEP_SECONDS)
            reader.join()

    def _count(self, log: IO[bytes]) -> None:
        while piece := log.read(1 << 16):
            self.log_bytes += len(piece)


def _peak(process: subprocess.Popen[str]) -> float:
    """Return the peak memory of the process alone."""
    status = Path("/proc", str(process.pid), "status").read_text()
    line = next((line for line in status.splitlines() if line.startswith("VmHWM")), "VmHWM: 0 kB")
    return int(line.split()[1]) / 1024


@rule("The tests' side: the tests print 1 GB, a line of 100 MB, or binary data")
@pytest.mark.slow
@pytest.mark.parametrize("printed", PRINTS)
def test_output_of_any_size_is_copied_without_being_kept(printed: str, github: GithubServer, tmp_path: Path) -> None:
    needs.linux()
    files = {
        "test_a.py": f"import os, sys\n\n\ndef test_prints():\n    {PRINTS[printed]}\n\n\ndef test_bad(): assert 0\n"
    }
    job = Job(github=github, folder=tmp_path, files=files)
    measured = Measured(job, github, pytest_args="-s")
    assert (measured.exit_status, github.run["conclusion"]) == (1, "failure")
    assert github.run["output"]["title"].startswith("1 failed, 1 passed")
    assert measured.log_bytes > 20_000_000
    assert measured.mebibytes < MAX_MEBIBYTES


@rule("The tests' side: 100,000 tests, 20,000 of which fail with 50 kB each")
@pytest.mark.slow
@pytest.mark.parametrize("tests", [10_000, 100_000])
def test_many_large_failures_stay_within_memory_limit(tests: int, github: GithubServer, tmp_path: Path) -> None:
    needs.linux()
    files = {f"test_{n}.py": FAILS.format(annotation=tests // FILES) for n in range(FILES)}
    job = Job(github=github, folder=tmp_path, files=files)
    measured = Measured(job, github, pytest_args="-q --tb=no")
    failed = tests // 5
    assert (measured.exit_status, github.run["conclusion"]) == (1, "failure")
    assert github.run["output"]["title"].startswith(f"{failed:,} failed ({FILES} causes), {tests - failed:,}")
    levels = Counter(annotation["annotation_level"] for annotation in github.annotations())
    annotated = min(failed, 5_000 + FILES - 5)  # each file is a cause; five of them are among the first failures
    assert levels == {"failure": annotated, "notice": FILES}
    summary = github.run["output"]["summary"]
    assert "one notice per file, because one per test would exceed" in summary
    beyond = f"{failed - annotated:,} failures beyond the first 5,000 are not annotated"
    assert (beyond in summary) is (failed > annotated)
    assert all(len(annotation["raw_details"].encode()) <= 65_535 for annotation in github.annotations())
    outputs = job.records("output")
    assert (outputs["failed"], outputs["passed"]) == (str(failed), str(tests - failed))
    with (job.workspace / outputs["report"]).open() as report:
        assert sum('"ValueError: y' in line for line in report) == failed
    sys.stdout.write(json.dumps({"tests": tests, "failed": failed, "peak MiB": round(measured.mebibytes)}) + "\n")
    assert measured.mebibytes < MAX_MEBIBYTES
