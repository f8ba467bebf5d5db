"""Tests that flood the file of the plugin's stream, in whole runs."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.support import needs
from tests.support.github.server import GithubServer
from tests.support.rules import rule
from tests.support.runner.jobs import Job
from tests.support.runner.running import read_pids

MEBIBYTES = 80
FLOODS = """import os, time

import pytest


@pytest.fixture
def channel(pytestconfig):
    return os.path.join(pytestconfig.getoption("check_runs_folder"), "channel")


def test_ok(): pass


def test_floods(channel):
    {flood}


def test_bad(): assert 0
"""
HOLE = "os.truncate(channel, 1 << 43)"
MALFORMED = "open(channel, 'ab').write({line!r} * ({mebibytes} * 1024 * 1024 // {size}))"


def flood_of(line: bytes, *, mebibytes: int = MEBIBYTES) -> str:
    return MALFORMED.format(line=line, size=len(line), mebibytes=mebibytes)


def lost_records(github: GithubServer) -> int:
    """Return the number of lost records, where everything left unread counts as one."""
    found = re.search(r"([\d,]+) records? of the tests' results could not be read", github.run["output"]["summary"])
    return int(found[1].replace(",", "")) if found else 0


def job(github: GithubServer, folder: Path, flood: str) -> Job:
    needs.linux()
    files = {"test_a.py": FLOODS.format(flood=flood)}
    return Job(github=github, folder=folder, files=files)


@rule("The tests' side: tests flood the plugin's stream file: with")
@pytest.mark.parametrize(
    "flood",
    [
        pytest.param(HOLE, id="a hole of 8 tebibytes"),
        pytest.param(flood_of(b"{\n"), id="short lines", marks=pytest.mark.slow),
        pytest.param(flood_of(b"\n"), id="empty lines", marks=pytest.mark.slow),
        pytest.param(flood_of(b"["), id="one line", marks=pytest.mark.slow),
        pytest.param(flood_of(b"{}\n", mebibytes=24), id="lines of JSON", marks=pytest.mark.slow),
    ],
)
def test_flooded_stream_loses_no_result(github: GithubServer, tmp_path: Path, flood: str) -> None:
    result = job(github, tmp_path, flood).run(timeout_minutes="1")
    assert (result.exit_status, github.run["conclusion"]) == (1, "failure")
    assert github.run["output"]["title"].startswith("1 failed, 2 passed")
    assert "could not be read" in github.run["output"]["summary"] or flood == flood_of(b"\n")


@pytest.mark.parametrize(
    "flood",
    [
        pytest.param(f"{HOLE}; time.sleep(600)", id="a hole of 8 tebibytes", marks=pytest.mark.slow),
        pytest.param(
            f"{flood_of(b'{}' + chr(10).encode())}; time.sleep(600)", id="lines of JSON", marks=pytest.mark.slow
        ),
    ],
)
def test_flooded_stream_does_not_delay_timeout(github: GithubServer, tmp_path: Path, flood: str) -> None:
    job(github, tmp_path, flood).run(timeout_minutes="0.02")
    assert github.run["conclusion"] == "timed_out"
    assert 0 < lost_records(github) < MEBIBYTES * 1024 * 1024 // 3


@rule("The tests' side: tests flood the stream file when the job times out or is cancelled")
def test_cancel_stops_reading_a_flooded_stream(github: GithubServer, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "begun")
    flood = f"{flood_of(b'{}' + chr(10).encode())}; open({str(tmp_path / 'begun')!r}, 'w').write('1')"
    attacked = job(github, tmp_path, flood)
    process = attacked.start()
    read_pids(tmp_path / "begun")  # reading that takes half a minute, and pytest ends at once
    result = attacked.cancel(process)
    assert github.run["conclusion"] == "cancelled"
    assert result.outputs["conclusion"] == "cancelled"
    assert 0 < lost_records(github) < MEBIBYTES * 1024 * 1024 // 3
