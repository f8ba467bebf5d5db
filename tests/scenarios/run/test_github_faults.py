"""GitHub's side of `docs/reliability.md` in whole runs: the real process, real pytest, and a faulty server.

See also `test_completion.py` and `test_fallback.py`, which use a fake clock in this process, and
`tests/scenarios/github` for single requests.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.support.github.server import REPOSITORY, Fault, GithubServer
from tests.support.rules import rule
from tests.support.runner.jobs import KILLS_US, Job, JobOf, StepResult
from tests.support.runner.running import read_pids
from tests.support.waits import HANG_SECONDS

RUNS = "/check-runs$"
RUN = r"/check-runs/\d+$"
OK = "def test_ok(): pass\n\n\ndef test_bad(): assert 0\n"
#: Reports that it waits, and waits until it is released.
WAITS = "\n\ndef test_waits():\n    open({said!r}, 'w').write('1')\n    open({go!r}).read()\n"

#: Reports when the tests have ended.
ENDS = "import time\n\n\ndef pytest_sessionfinish():\n    open('ended', 'w').write(str(time.time()))\n"


@pytest.fixture
def job_of(github: GithubServer, tmp_path: Path) -> JobOf:
    def make(text: str = OK, *, step_seconds: float = HANG_SECONDS, **other_files: str) -> Job:
        files = {"test_a.py": text, **other_files}
        return Job(github=github, folder=tmp_path, files=files, step_seconds=step_seconds)

    return make


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path)


class Gate:
    """A test that waits in the middle of a run."""

    def __init__(self, folder: Path) -> None:
        self._waiting_pipe, self._go_pipe = folder / "said", folder / "go"
        os.mkfifo(self._waiting_pipe)
        os.mkfifo(self._go_pipe)
        self.text = OK + WAITS.format(said=str(self._waiting_pipe), go=str(self._go_pipe))

    def wait(self) -> None:
        """Wait until the test waits."""
        read_pids(self._waiting_pipe)

    def open(self) -> None:
        """Release the test."""
        self._go_pipe.write_text("go")


def titles(github: GithubServer) -> Counter[str]:
    return Counter(annotation["title"] for annotation in github.annotations())


def when_ended(job: Job) -> float:
    return float((job.workspace / "ended").read_text())


def warnings(result: StepResult) -> list[str]:
    return [line for line in result.log.splitlines() if line.startswith("::warning")]


@rule("GitHub's side: 5xx, also as a web page, timeouts, resets, truncated responses, on any request")
@pytest.mark.slow
def test_faults_of_each_request_lose_and_double_nothing(job_of: JobOf, github: GithubServer) -> None:
    github.fault(Fault(path="/installation$", nth=(1,), how="html", status=502))
    github.fault(Fault(path="/commits/", nth=(1,), how="half"))
    github.fault(Fault(method="POST", path=RUNS, nth=(1,), how="drop", done=True))
    github.fault(Fault(method="PATCH", path=RUN, nth=(1,), how="html", done=True))
    result = job_of().run()
    assert (result.exit_status, github.run["status"], github.run["conclusion"]) == (1, "completed", "failure")
    assert titles(github) == {"test_a.py::test_ok": 1, "test_a.py::test_bad": 1}
    assert result.outputs["check-run-id"] == str(github.run["id"])
    assert warnings(result) == []


def test_repository_renamed_during_the_tests_gets_its_results(job_of: JobOf, github: GithubServer, gate: Gate) -> None:
    job = job_of(gate.text)
    process = job.start()
    gate.wait()
    github.world.rename(REPOSITORY, "octo/renamed")
    gate.open()
    result = job.wait(process)
    assert (result.exit_status, github.run["status"], github.run["conclusion"]) == (1, "completed", "failure")
    assert titles(github) == {"test_a.py::test_ok": 1, "test_a.py::test_bad": 1, "test_a.py::test_waits": 1}
    assert warnings(result) == []


def test_renamed_repository_is_found_by_the_post_step(job_of: JobOf, github: GithubServer) -> None:
    job = job_of(KILLS_US)
    job.run()
    github.world.rename(REPOSITORY, "octo/renamed")
    assert job.run("finish", job_status="failure").exit_status == 0
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "failure")


@rule("GitHub's side: a rate limit: 403 or 429, with retry-after")
@pytest.mark.slow
def test_rate_limit_does_not_stop_the_tests(job_of: JobOf, github: GithubServer, gate: Gate) -> None:
    github.fault(Fault(method="PATCH", path=RUN, nth=(1,), how="answer", status=429, headers={"Retry-After": "5"}))
    job = job_of(gate.text, **{"conftest.py": ENDS})
    process = job.start()
    gate.wait()
    github.wait_for(lambda: any(request.status == 429 for request in github.requests))
    gate.open()
    result = job.wait(process)
    limited, retried, done = (request for request in github.writes if request.method == "PATCH")
    assert (limited.status, retried.status, done.body["conclusion"]) == (429, 200, "failure")
    assert retried.time - limited.time >= 5
    assert when_ended(job) < retried.time
    assert titles(github) == {"test_a.py::test_ok": 1, "test_a.py::test_bad": 1, "test_a.py::test_waits": 1}
    assert warnings(result) == []


@rule("GitHub's side: a permission is removed during the run")
def test_permission_revoked_mid_run_is_reported_with_remedy(job_of: JobOf, github: GithubServer, gate: Gate) -> None:
    job = job_of(gate.text + "\n\ndef test_worse(): assert 1 == 2\n")
    process = job.start()
    gate.wait()
    github.wait_for(lambda: any(github.world.annotations.values()))
    for token in github.world.tokens.values():
        token.permissions["checks"] = "read"
    gate.open()
    result = job.wait(process)
    assert (result.exit_status, github.run["status"]) == (1, "in_progress")
    (warning,) = warnings(result)
    assert (
        "On the App's page, under Permissions & events, Repository permissions, set Checks to Read and write" in warning
    )
    assert "::error title=test_a.py%3A%3Atest_worse,file=test_a.py,line=12::" in result.log
    assert "2 failed (2 causes), 2 passed" in result.summary
    assert "The check run could not be updated: The App cannot write checks" in result.summary
    job.run("finish", job_status="failure")
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "failure")
    assert github.run["output"]["title"].startswith("2 failed (2 causes), 2 passed")


@rule("GitHub's side: the job is cancelled during a back-off")
@pytest.mark.slow
def test_cancel_ends_a_back_off(job_of: JobOf, github: GithubServer, gate: Gate) -> None:
    github.fault(Fault(method="PATCH", path=RUN, nth=(1,), how="answer", status=429, headers={"Retry-After": "200"}))
    job = job_of(gate.text)
    process = job.start()
    gate.wait()
    github.wait_for(lambda: any(request.status == 429 for request in github.requests))
    result = job.cancel(process)  # after 9 s it would leave the check run unchanged
    assert (result.exit_status, github.run["status"], github.run["conclusion"]) == (1, "completed", "cancelled")
    assert titles(github)["test_a.py::test_bad"] == 1


@rule("GitHub's side: the job is cancelled before GitHub has the verdict")
@pytest.mark.slow
def test_job_cancelled_in_upload_is_completed_at_once(job_of: JobOf, github: GithubServer) -> None:
    has_ended = threading.Event()
    github.fault(Fault(before=lambda: has_ended.wait(HANG_SECONDS), how="none", nth=(1,)))  # outlasts the tests
    github.delay_seconds = 0.2  # the others last until the signal is handled
    text = "import pytest\n\n\n@pytest.mark.parametrize('n', range(250))\ndef test(n): assert n < 0\n"
    process = job_of(text).start(pytest_args="-q --tb=no")
    assert process.stdout is not None
    assert any(line.startswith("::endgroup::") for line in process.stdout)
    process.send_signal(signal.SIGINT)
    has_ended.set()
    process.communicate()
    (completion,) = (request.body for request in github.writes if "conclusion" in request.body)
    assert len(completion["output"]["annotations"]) == 50
    assert completion["output"]["title"].startswith("cancelled during upload · 250 failed")
    assert completion["conclusion"] == "cancelled"
    assert (titles(github).total(), set(titles(github).values())) == (250, {1})


@rule("GitHub's side: the action is killed while it completes the check")
def test_post_step_has_verdict_of_step_killed_in_completion(job_of: JobOf, github: GithubServer) -> None:
    is_sent, is_over = threading.Event(), threading.Event()

    def hang(annotation: object) -> bool:
        del annotation
        is_sent.set()
        return is_over.wait(HANG_SECONDS)

    github.world.refuses = hang
    job = job_of("def test_ok(): pass\n")
    process = job.start()
    assert is_sent.wait(HANG_SECONDS)
    process.kill()
    process.communicate()
    is_over.set()
    job.run("finish", job_status="cancelled")
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "success")
    assert github.run["output"]["title"].startswith("1 passed")


def test_post_step_sends_input_errors_that_github_did_not_take(job_of: JobOf, github: GithubServer) -> None:
    github.fault(Fault(method="PATCH", path=RUN, nth=(1,), how="answer", status=403))
    job = job_of()
    assert job.run(workers="many").exit_status == 2
    assert github.run["status"] == "in_progress"
    job.run("finish", workers="many", job_status="failure")
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "action_required")
    assert github.run["output"]["title"] == "1 invalid input"


@rule("GitHub's side: the job is cancelled while GitHub does not respond")
@pytest.mark.slow
def test_hanging_update_of_cancelled_job_is_left_to_post_step(job_of: JobOf, github: GithubServer, gate: Gate) -> None:
    github.fault(Fault(method="PATCH", path=RUN, nth=(1,), delay_seconds=60))
    job = job_of(gate.text, step_seconds=50)  # the runner allows 10 s; a busy machine is slower
    process = job.start()
    gate.wait()
    github.wait_for(lambda: github.faulted > 0)
    result = job.cancel(process)
    assert result.outputs["conclusion"] == "cancelled"
    assert "The job was cancelled before everything was sent to GitHub." in result.log
    assert "test_bad" in result.summary
    job.run("finish", job_status="cancelled")
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "cancelled")
    assert github.run["output"]["title"].startswith("cancelled after 2 of 3")


@rule("GitHub's side: no response at all")
@pytest.mark.slow
def test_request_without_answer_is_sent_again(job_of: JobOf, github: GithubServer) -> None:
    github.fault(Fault(method="PATCH", path=RUN, nth=(1,), delay_seconds=16))
    result = job_of().run()
    assert (result.exit_status, github.run["conclusion"]) == (1, "failure")
    assert titles(github) == {"test_a.py::test_ok": 1, "test_a.py::test_bad": 1}


@rule("GitHub's side: each response takes two seconds")
@pytest.mark.slow
@pytest.mark.parametrize(("tests", "answer_seconds"), [(500, 0.3), (10_000, 2.0)], ids=["few", "many"])
def test_slow_api_delays_neither_tests_nor_completion(
    job_of: JobOf, github: GithubServer, tests: int, answer_seconds: float
) -> None:
    text = f"import pytest\n\n\n@pytest.mark.parametrize('n', range({tests}))\ndef test(n): assert n % 50\n"
    job = job_of(text, step_seconds=300, **{"conftest.py": ENDS})
    quick = job.run(pytest_args="-q --tb=no")
    quick_remaining_seconds = time.time() - when_ended(job)
    github.delay_seconds = answer_seconds
    slow = job.run(pytest_args="-q --tb=no")
    remaining_seconds = time.time() - when_ended(job)
    assert float(slow.outputs["duration"]) < 1.3 * float(quick.outputs["duration"]) + 1
    # The update in progress, the last full batch, the completion; and the action's own work, as long as on this
    # machine.
    assert remaining_seconds < 3 * answer_seconds + 2 * quick_remaining_seconds + 1
