"""A cancelled job completes its check run in time, and leaves nothing running."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from checks.programs.run.grace import ABANDON_UPLOAD_SECONDS
from tests.support import needs
from tests.support.github.server import Fault, GithubServer, RecordedRequest
from tests.support.rerun.reruns import CreateScenario
from tests.support.rules import rule
from tests.support.runner.jobs import Job
from tests.support.runner.running import is_running, read_pids
from tests.support.waits import HANG_SECONDS

#: Five times the 10 s that the runner allows after its first signal, since a busy machine is slower; a hang takes
#: longer. `test_upload_is_abandoned_within_the_grace_period` checks the 10 s.
GRACE_SECONDS = 50
#: Reports its process id, and waits; `before` sets how it handles signals.
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


def waiting_script(fifo: Path, before: str = "pass") -> str:
    return WAITS.format(before=before, fifo=str(fifo))


def test_upload_is_abandoned_within_the_grace_period() -> None:
    assert ABANDON_UPLOAD_SECONDS < 10


@rule("The tests' side: the job is cancelled during install, collection or the tests")
@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("phase", "title"),
    [
        ("install", "cancelled during install"),
        pytest.param("collection", "cancelled during collection", marks=pytest.mark.slow),
        ("tests", "cancelled after 2 of 3 · 1 failed, 1 passed"),
    ],
)
def test_cancelled_job_is_reported_as_cancelled_in_each_phase(
    job_of: Callable[..., Job], github: GithubServer, fifo: Path, phase: str, title: str, number: signal.Signals
) -> None:
    script = waiting_script(fifo)
    files = {
        "install": {"test_a.py": OK},
        "collection": {"test_a.py": f"{OK}{script}\n"},
        "tests": {"test_a.py": f"{OK}def test_waits():\n    {script}\n"},
    }[phase]
    job = job_of(files)
    process = job.start(**({"install": f'exec python -c "{script}"'} if phase == "install" else {}))
    (pid,) = read_pids(fifo)
    process.send_signal(number)
    result = job.wait(process)
    assert (result.exit_status, github.run["status"], github.run["conclusion"]) == (1, "completed", "cancelled")
    assert github.run["output"]["title"].startswith(title)
    assert result.outputs["conclusion"] == "cancelled"
    assert not is_running(pid)
    if phase == "tests":
        assert result.outputs["failed"] == "1"
        assert {a["title"]: a["annotation_level"] for a in github.annotations()} == {
            "test_a.py::test_bad": "failure",
            "test_a.py::test_ok": "notice",
            "test_a.py::test_waits": "warning",
        }


@rule("The tests' side: the job is cancelled, and the tests ignore signals")
@pytest.mark.slow
def test_tests_ignoring_signals_are_killed_with_all_children(
    job_of: Callable[..., Job], github: GithubServer, fifo: Path, tmp_path: Path
) -> None:
    needs.linux()
    script = "trap '' INT TERM; echo $$ >> {pids}; echo has begun; sleep 600"
    pids = tmp_path / "pids"
    command = ["sh", "-c", script.format(pids=pids)]
    daemon = f"subprocess.Popen({command!r}, start_new_session=True, stdout=subprocess.PIPE).stdout.readline()"
    test = f"{OK}def test_waits():\n    {waiting_script(fifo, f'{STUBBORN}; {daemon}')}\n"
    job = job_of({"test_a.py": test})
    process = job.start()
    (pid,) = read_pids(fifo)
    result = job.cancel(process)
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "cancelled")
    assert result.outputs["failed"] == "1"
    assert not any(map(is_running, [pid, *read_pids(pids)]))


#: Replaces git, which reads HEAD after the tests, by a program that reports its process id and waits.
HANGING_GIT = """
import os, sys
from pathlib import Path

def test_replaces():
    git = Path(os.environ["PATH_OF_GIT"])
    git.unlink()
    git.write_text("#!/bin/sh\\ntrap '' INT TERM\\necho $$ > {fifo}\\nsleep 600\\n")
    git.chmod(0o755)
"""


@rule("Impersonating the action: a replaced git that hangs until the cancelled job is killed")
def test_hanging_git_does_not_keep_a_cancelled_job(github: GithubServer, fifo: Path, tmp_path: Path) -> None:
    needs.linux()
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.symlink_to(needs.program("git"))
    env = {"PATH": f"{git.parent}:{os.environ['PATH']}", "PATH_OF_GIT": str(git)}
    files = {"test_a.py": HANGING_GIT.format(fifo=fifo)}
    job = Job(github=github, folder=tmp_path, files=files, env=env, step_seconds=GRACE_SECONDS)
    process = job.start()
    (pid,) = read_pids(fifo)
    result = job.cancel(process)
    assert not is_running(pid)
    assert (result.outputs["passed"], github.run["status"]) == ("1", "completed")
    assert result.outputs["conclusion"] == github.run["conclusion"]


@rule("GitHub's side: the job is cancelled before the first request, or the look-up of a previous run, gets a response")
@pytest.mark.slow
@pytest.mark.parametrize(
    "fault",
    [
        Fault(path="/installation$", how="none", delay_seconds=60),
        Fault(path="/access_tokens$", how="none", delay_seconds=60),
        Fault(path="/commits/", nth=(1,), how="none", delay_seconds=60),
        Fault(method="POST", path="/check-runs$", how="none", delay_seconds=60),
    ],
    ids=["installation", "token", "look", "creation"],
)
@pytest.mark.parametrize("inputs", [{}, {"workers": "many"}], ids=["tests", "wrong input"])
def test_hanging_first_request_does_not_keep_a_cancelled_job(
    job_of: Callable[..., Job], github: GithubServer, fault: Fault, inputs: dict[str, str]
) -> None:
    github.fault(fault)
    job = job_of({"test_a.py": OK})
    process = job.start(**inputs)
    github.wait_for(lambda: github.faulted > 0)
    result = job.cancel(process)
    assert result.outputs["conclusion"] == ("action_required" if inputs else "cancelled")
    assert "pytest" in result.summary
    github.mend()
    job.run("finish", job_status="cancelled", **inputs)
    runs = [*github.world.runs.values()]
    assert [run["status"] for run in runs] == ["completed"] * len(runs)


@pytest.mark.slow
def test_post_step_completes_run_of_a_hanging_request(tmp_path: Path) -> None:
    is_created, is_over = threading.Event(), threading.Event()

    def hang(request: RecordedRequest) -> None:
        if request.method == "POST" and request.path.endswith("/check-runs"):
            is_created.set()
            is_over.wait(HANG_SECONDS)

    with GithubServer(on_request=hang) as github:
        job = Job(github=github, folder=tmp_path, files={"test_a.py": OK}, step_seconds=GRACE_SECONDS)
        process = job.start()
        assert is_created.wait(HANG_SECONDS)
        result = job.cancel(process)
        is_over.set()
        assert (result.outputs["conclusion"], github.run["status"]) == ("cancelled", "in_progress")
        assert "The post step looks for the check run" in result.log
        job.run("finish", job_status="cancelled")
        assert (github.run["status"], github.run["conclusion"]) == ("completed", "cancelled")


@pytest.mark.slow
@pytest.mark.parametrize("path", [r"/check-runs/\d+$", "/annotations$"], ids=["run", "annotations"])
def test_hanging_look_up_does_not_keep_a_cancelled_job(
    create_scenario: CreateScenario, github: GithubServer, path: str
) -> None:
    rerun = create_scenario(category="unit")
    earlier = rerun.create_run(failures=["test_a.py::test_flaky"])["id"]
    rerun.press()
    rerun.prepare_dispatched_job()
    rerun.job.step_seconds = GRACE_SECONDS
    github.fault(Fault(method="GET", path=path.replace(r"\d+", str(earlier)), how="none", delay_seconds=60))
    process = rerun.job.start(category="unit")
    github.wait_for(lambda: rerun.latest["status"] == "in_progress")
    github.wait_for(lambda: github.faulted > 0)
    result = rerun.job.cancel(process)
    assert (result.exit_status, result.outputs["conclusion"]) == (1, "cancelled")
    assert (rerun.latest["status"], rerun.latest["conclusion"]) == ("completed", "cancelled")
