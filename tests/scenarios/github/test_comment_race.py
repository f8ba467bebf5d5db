"""Jobs that write the comment of one pull request at once, in random orders and with lost answers.

A seed decides the order of all requests, what is lost, and which jobs fail; ``COMMENT_SEED`` sets the first one.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from io import BytesIO

import pytest

from checks.adapters.github.client import GithubApi
from checks.adapters.github.retrying import ApiResponse, Request, WasApplied
from checks.adapters.github.runs import CheckRuns
from checks.adapters.runner.job_files import RunnerFiles
from checks.core.comment.render import render
from checks.core.github import payload
from checks.core.model.check_run import CheckRun, Conclusion
from checks.core.model.settings import CommentMode
from checks.programs.comment.job import write_job_comment
from tests.support.fakes import FakeCancel, FakeClock
from tests.support.github.job_client import SHA, JobClient, app, check_run
from tests.support.github.server import REPOSITORY, Fault, GithubServer
from tests.support.rules import rule
from tests.support.schedule import Schedule

PULL_REQUEST, JOBS = 12, 10
_FIRST_SEED = int(os.environ.get("COMMENT_SEED", "0"))
_SEEDS, _QUICK_SEEDS = 50, 4
#: The conclusions of the jobs, one of these for all jobs of a seed.
_CONCLUSIONS = (
    [Conclusion.SUCCESS],
    [Conclusion.FAILURE],
    [Conclusion.SUCCESS, Conclusion.FAILURE],
    [Conclusion.SUCCESS] * 9 + [Conclusion.FAILURE],
)


class SteppedApi(GithubApi):
    """Each request is a step of a schedule."""

    pause: Callable[[], None]

    def ask(self, request: Request, *, until: float, was_applied: WasApplied | None = None) -> ApiResponse:
        self.pause()
        return super().ask(request, until=until, was_applied=was_applied)


def lose_answers(github: GithubServer, rng: random.Random) -> None:
    """Lose the answer of some writes, and of a few reads; half of these writes are not carried out."""
    github.mend()
    method, chance = rng.choice([("GET", 0.05), ("POST|PATCH|DELETE", 0.4)])
    if rng.random() < chance:
        github.fault(Fault(method=method, path="/repos/", nth=[1], how="drop", done=rng.random() < 0.5))


def job(github: GithubServer, run: CheckRun, run_id: str, mode: CommentMode, pause: Callable[[], None]) -> None:
    """Complete the check run, then write the comment, as the job of a matrix does at its end."""
    client, log = JobClient(github), BytesIO()
    credentials = replace(app(github), installation_id=github.installation.id)
    policy = client.api.retry_policy
    api = SteppedApi(credentials, repository=REPOSITORY, api_url=github.url, retry_policy=policy)
    api.pause = pause
    request = Request(method="PATCH", path=CheckRuns(api).path(run_id), body=payload.update(run, ()))
    api.ask(request, until=policy.until())
    write_job_comment(run, mode, [api], FakeCancel(FakeClock()), RunnerFiles({}, log))
    print(run.name, log.getvalue().decode())  # noqa: T201 - the same


def run_of(number: int, conclusion: Conclusion | None) -> CheckRun:
    run = check_run(name=f"pytest ({number})", job=f"tests-{number}", conclusion=conclusion, title=f"{number} passed")
    return replace(run, identity=replace(run.identity, category=str(number), pull_request=PULL_REQUEST))


@rule("Comment: ten jobs end at the same time, in any order, and answers are lost")
@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(seed, marks=pytest.mark.slow if seed - _FIRST_SEED >= _QUICK_SEEDS else ())
        for seed in range(_FIRST_SEED, _FIRST_SEED + _SEEDS)
    ],
)
def test_any_order_of_ten_jobs_leaves_one_complete_comment(github: GithubServer, seed: int) -> None:
    print(f"seed {seed}")  # noqa: T201 - pytest shows it with a failure
    github.installation.permissions["pull_requests"] = "write"
    github.world.pull_heads[PULL_REQUEST] = SHA
    schedule = Schedule(seed, partial(lose_answers, github))
    mode, conclusions = schedule.random.choice([*CommentMode][:2]), schedule.random.choice(_CONCLUSIONS)
    created = [JobClient(github).checks.create(run_of(number, None)).id for number in range(JOBS)]
    runs = [run_of(number, schedule.random.choice(conclusions)) for number in range(JOBS)]
    schedule.run(
        [partial(job, github, run, run_id, mode, schedule.pause) for run, run_id in zip(runs, created, strict=True)]
    )
    github.mend()
    remote = CheckRuns(JobClient(github).api).of_commit(SHA, {"filter": "all"}, until=0.0)
    has_failed = any(run.conclusion is Conclusion.FAILURE for run in runs)
    expected = [render(remote, SHA)] if has_failed or mode is CommentMode.ALWAYS else []
    assert [comment["body"] for comment in github.world.comments.values()] == expected
