"""The commit status of whole runs: the main step and the post step end it."""

from __future__ import annotations

import os

import pytest

from tests.support.github.server import Fault, GithubServer
from tests.support.rules import rule
from tests.support.runner.jobs import Job, JobOf, StepResult

#: The test waits until the status is pending.
WAITS = "def test_a(): assert open('go').read() == 'fail'\n"
KILLED = "import os, signal\n\n\ndef test_a():\n    open('go').read()\n    os.kill(os.getppid(), signal.SIGKILL)\n"


@pytest.fixture(autouse=True)
def granted(github: GithubServer) -> None:
    github.installation.permissions["statuses"] = "write"


def run_until_pending(job: Job, github: GithubServer, text: str) -> StepResult:
    """Run the job, and let its test go on with `text` once the status is pending."""
    os.mkfifo(job.workspace / "go")
    process = job.start(category="unit", commit_status="true")
    github.wait_for(lambda: bool(github.world.statuses))
    (job.workspace / "go").write_text(text)
    return job.wait(process)


def states(github: GithubServer) -> list[str]:
    return [status["state"] for status in github.world.statuses]


@pytest.mark.parametrize(
    ("text", "state"), [pytest.param("fail", "success", marks=pytest.mark.slow), ("pass", "failure")]
)
def test_verdict_comes_first_and_the_status_after_it(
    job_of: JobOf, github: GithubServer, text: str, state: str
) -> None:
    run_until_pending(job_of({"test_a.py": WAITS}), github, text)
    assert states(github) == ["pending", state]
    assert github.world.statuses[-1]["description"] == github.run["output"]["title"]
    last = [(write.method, write.body.get("state") or write.body.get("status")) for write in github.writes]
    assert last.index(("PATCH", "completed")) < last.index(("POST", state))
    assert len([write for write in github.writes if "/statuses/" in write.path]) == 2


@rule("Commit status: the step is killed")
def test_post_step_ends_the_status_of_a_killed_step(job_of: JobOf, github: GithubServer) -> None:
    job = job_of({"test_a.py": KILLED})
    run_until_pending(job, github, "now")
    assert states(github) == ["pending"]
    assert job.run("finish", job_status="failure").exit_status == 0
    assert states(github) == ["pending", github.run["conclusion"]] == ["pending", "failure"]
    assert github.world.statuses[-1]["target_url"] == github.run["html_url"]


@rule("Commit status: the verdict has arrived, and the status has not")
@pytest.mark.slow
def test_post_step_ends_the_status_that_the_main_step_could_not(job_of: JobOf, github: GithubServer) -> None:
    job = job_of({"test_a.py": "def test_a(): pass\n"})
    github.fault(Fault(path="/statuses/", how="answer", status=503))
    assert job.run(commit_status="true").exit_status == 0
    assert (github.run["conclusion"], states(github)) == ("success", [])
    github.mend()
    assert job.run("finish", job_status="success").exit_status == 0
    assert states(github) == ["success"]


def test_invalid_input_is_an_error_of_the_status(job_of: JobOf, github: GithubServer) -> None:
    result = job_of().run(category="unit", commit_status="true", workers="many")
    assert (result.exit_status, github.run["conclusion"], states(github)) == (2, "action_required", ["error"])


def test_run_without_the_permission_differs_in_one_line(job_of: JobOf, github: GithubServer) -> None:
    del github.installation.permissions["statuses"]
    result = job_of({"test_a.py": "def test_a(): pass\n"}).run(commit_status="true")
    assert (result.exit_status, github.run["conclusion"], states(github)) == (0, "success", [])
    (line,) = [line for line in result.log.splitlines() if "ommit status" in line]
    assert line.startswith(
        "::warning::The App cannot write commit statuses in octo/demo (422: The permissions requested"
    )
