"""A job that is cancelled: whatever is going on, the check says so in time, and nothing goes on."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests import needs
from tests.edges.running import is_there, written
from tests.github_server import GithubServer
from tests.jobs import Job

#: What the runner leaves us after its first signal.
GRACE_SECONDS = 10
#: Says that it has begun, as whom, and waits; `before` says how it takes signals.
WAITS = "import os, signal, subprocess, time; {before}; open({fifo!r}, 'w').write(str(os.getpid())); time.sleep(600)"
STUBBORN = "signal.signal(signal.SIGINT, signal.SIG_IGN); signal.signal(signal.SIGTERM, signal.SIG_IGN)"
OK = "def test_ok(): pass\n\n\ndef test_bad(): assert 0\n\n\n"


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "begun")
    return tmp_path / "begun"


@pytest.fixture
def job_of(github: GithubServer, tmp_path: Path) -> Callable[[Mapping[str, str]], Job]:
    return lambda files: Job(github=github, folder=tmp_path, files=files, step_seconds=GRACE_SECONDS)


def waits(fifo: Path, before: str = "pass") -> str:
    return WAITS.format(before=before, fifo=str(fifo))


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("phase", "title"),
    [
        ("install", "cancelled during install"),
        ("collection", "cancelled during collection"),
        ("tests", "cancelled after 2 of 3 · 1 failed, 1 passed"),
    ],
)
def test_a_cancelled_job_is_told_as_that_in_each_phase(
    job_of: Callable[..., Job], github: GithubServer, fifo: Path, phase: str, title: str, number: signal.Signals
) -> None:
    script = waits(fifo)
    files = {
        "install": {"test_a.py": OK},
        "collection": {"test_a.py": f"{OK}{script}\n"},
        "tests": {"test_a.py": f"{OK}def test_waits():\n    {script}\n"},
    }[phase]
    job = job_of(files)
    process = job.start(**({"install": f'exec python -c "{script}"'} if phase == "install" else {}))
    (pid,) = written(fifo)
    process.send_signal(number)
    ended = job.ended(process)
    assert (ended.exit_status, github.run["status"], github.run["conclusion"]) == (1, "completed", "cancelled")
    assert github.run["output"]["title"].startswith(title)
    assert ended.outputs["conclusion"] == "cancelled"
    assert not is_there(pid)
    if phase == "tests":
        assert ended.outputs["failed"] == "1"
        assert {a["title"]: a["annotation_level"] for a in github.annotations()} == {
            "test_a.py::test_bad": "failure",
            "test_a.py::test_ok": "notice",
            "test_a.py::test_waits": "warning",
        }


@pytest.mark.slow
def test_tests_that_hear_no_signal_are_killed_in_time_with_all_they_started(
    job_of: Callable[..., Job], github: GithubServer, fifo: Path, tmp_path: Path
) -> None:
    needs.linux()
    daemon = "subprocess.Popen(['sh', '-c', 'trap \"\" INT TERM; echo $$ >> {}; sleep 600'], start_new_session=True)"
    pids = tmp_path / "pids"
    test = f"{OK}def test_waits():\n    {waits(fifo, f'{STUBBORN}; {daemon.format(pids)}; time.sleep(0.2)')}\n"
    job = job_of({"test_a.py": test})
    process = job.start()
    (pid,) = written(fifo)
    ended = job.cancelled(process)
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "cancelled")
    assert ended.outputs["failed"] == "1"
    assert not any(map(is_there, [pid, *written(pids)]))
