"""A job of a pull request, with the checkout and the event that GitHub gives it."""

from __future__ import annotations

import os

from tests.support.github.server import REPOSITORY, GithubServer
from tests.support.runner.jobs import Job, StepResult

#: The test waits until the base was asked for.
WAITS = {"test_a.py": "def test_a(): open('go').read()\n"}


def merged(job: Job) -> tuple[str, str]:
    """Check out the merge of a pull request; return its base and its head."""
    base = job.commit("On main")
    job.git("checkout", "--quiet", "-b", "topic", "HEAD~1")
    head = job.commit("On topic")
    job.git("checkout", "--quiet", "--detach", base)
    job.git("merge", "--quiet", "--no-ff", "--message=Merge", head)
    job.sha = job.git("rev-parse", "HEAD")
    repository = {"full_name": REPOSITORY, "default_branch": "main"}
    job.event = {
        "repository": repository,
        "pull_request": {
            "number": 7,
            "head": {"ref": "topic", "sha": head, "repo": repository},
            "base": {"ref": "main", "sha": "0" * 40, "repo": repository},
        },
    }
    job.env |= {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF": "refs/pull/7/merge"}
    return base, head


def run_until(job: Job, github: GithubServer, path: str, **inputs: str) -> StepResult:
    """Run the job, and let its test go on once there was a response to a request with this in its path."""
    os.mkfifo(job.workspace / "go")
    process = job.start(**inputs)
    github.wait_for(lambda: any(path in request.path for request in github.requests))
    (job.workspace / "go").write_text("on")
    return job.wait(process)
