"""The comment of a job, with GitHub's faults and a clock that only advances in waits."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest

from checks.adapters.runner.job_files import RunnerFiles
from checks.core.model.check_run import CheckRun, Conclusion
from checks.core.model.settings import CommentMode
from checks.programs.comment.job import write_job_comment
from tests.support.fakes import FakeCancel
from tests.support.github.job_client import SHA, JobClient, check_run
from tests.support.github.server import Fault, GithubServer
from tests.support.rules import rule

NUMBER = 12
_RUN = check_run(conclusion=Conclusion.FAILURE, title="2 failed")
DONE = replace(_RUN, identity=replace(_RUN.identity, pull_request=NUMBER))


class EndOfJob:
    """A job whose check run is completed."""

    def __init__(self, github: GithubServer, run: CheckRun = DONE) -> None:
        github.installation.permissions["pull_requests"] = "write"
        github.world.pull_heads[NUMBER] = SHA
        self.client, self.run = JobClient(github), run
        self.cancel = FakeCancel(self.client.clock)
        published = self.client.checks.create(run)
        self.client.checks.update(published, run, ())

    def write(self) -> str:
        """Write the comment; return the log."""
        stream = BytesIO()
        write_job_comment(self.run, CommentMode.ALWAYS, [self.client.api], self.cancel, RunnerFiles({}, stream))
        return stream.getvalue().decode()


def writes(github: GithubServer) -> list[str]:
    return [write.method for write in github.writes if "/comments" in write.path]


@rule("Comment: the text is unchanged")
def test_unchanged_text_is_not_written(github: GithubServer) -> None:
    job = EndOfJob(github)
    assert [job.write(), job.write()] == ["", ""]
    assert writes(github) == ["POST"]


def test_comment_takes_few_requests(github: GithubServer) -> None:
    job, before = EndOfJob(github), len(github.requests)
    job.write()
    paths = [request.path.rpartition("/")[2] for request in github.requests[before + 1 :]]
    assert paths == ["check-runs", "comments", "12", "comments", "check-runs", "comments"]


@rule("Comment: GitHub does not answer")
@pytest.mark.parametrize("path", ["/check-runs", "/comments", "/pulls/"])
def test_outage_is_given_up_after_seconds(github: GithubServer, path: str) -> None:
    job = EndOfJob(github)
    started_at = job.client.clock.monotonic()
    github.fault(Fault(path=path, how="answer", status=503))
    assert "could not be written (503" in job.write()
    assert job.client.clock.monotonic() - started_at <= 9.0
    assert github.world.comments == {}


@pytest.mark.parametrize(("done", "expected"), [(True, ["POST"]), (False, ["POST", "POST"])])
def test_lost_answer_is_looked_up(github: GithubServer, done: bool, expected: list[str]) -> None:
    job = EndOfJob(github)
    github.fault(Fault(method="POST", path="/comments", nth=[1], done=done))
    assert job.write() == ""
    assert (len(github.world.comments), writes(github)) == (1, expected)


def test_comment_that_is_deleted_meanwhile_is_created_again(github: GithubServer) -> None:
    job = EndOfJob(github)
    job.write()
    (comment,) = github.world.comments.values()
    comment["body"] = comment["body"].replace("2 failed", "1 failed")
    github.fault(Fault(method="PATCH", path="/comments", how="none", before=github.world.comments.clear))
    assert job.write() == ""
    assert len(github.world.comments) == 1


def test_rate_limit_is_not_waited_for(github: GithubServer) -> None:
    job = EndOfJob(github)
    github.fault(Fault(path="/comments", how="answer", status=403, headers={"Retry-After": "60"}))
    assert "could not be written (403" in job.write()
    assert job.client.waits.seconds == []


def test_cancelled_job_has_what_is_left_of_its_time(github: GithubServer) -> None:
    job = EndOfJob(github)
    job.cancel.set()
    job.client.clock.seconds += 9.0
    before = len(github.requests)
    assert job.write() == ""
    assert len(github.requests) == before


def test_check_run_that_is_not_completed_is_left_to_the_post_step(github: GithubServer) -> None:
    run = check_run()
    job = EndOfJob(github, replace(run, identity=replace(run.identity, pull_request=NUMBER)))
    assert (job.write(), writes(github)) == ("", [])
