"""What a re-run job and other Apps do on GitHub, without running their processes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from checks.adapters.github.checks import GithubChecks
from checks.adapters.github.claimed_run import ClaimingPublisher
from checks.adapters.github.client import CLAIM_PERMISSIONS, GithubApi
from checks.adapters.github.previous_runs import GithubPreviousRuns
from checks.adapters.github.retrying import RetryPolicy
from checks.core.model.rerun import CategoryRerun
from checks.core.model.settings import Credentials
from tests.support.fakes import FakeClock
from tests.support.github.server import REPOSITORY, GithubServer
from tests.support.github.world import App


def credentials_of(github: GithubServer) -> Credentials:
    return Credentials(app_id=github.app.client_id, private_key=github.app.private_key)


def claiming_publisher(
    github: GithubServer, category_rerun: CategoryRerun, wait: Callable[[float], object] = lambda _: None
) -> ClaimingPublisher:
    """Return the publisher that claims a placeholder run in a job. It calls `wait` instead of sleeping."""
    api = _api(github, wait)
    return ClaimingPublisher(api, GithubChecks(api, log=print), category_rerun, print)


def previous_runs_of(github: GithubServer) -> GithubPreviousRuns:
    """Return a job's access to previous runs."""
    return GithubPreviousRuns(_api(github))


def _api(github: GithubServer, wait: Callable[[float], object] = lambda _: None) -> GithubApi:
    """Return the API as a job uses it, with a small budget and a clock that only advances in waits."""
    clock = FakeClock(time.time())

    def wait_and_advance(seconds: float) -> bool:
        wait(seconds)
        return clock.sleep(seconds)

    retry_policy = RetryPolicy(
        clock=clock, wait=wait_and_advance, is_cancelled=lambda: False, jitter=lambda: 0.0, budget_seconds=2.0
    )
    return GithubApi(
        credentials_of(github),
        repository=REPOSITORY,
        api_url=github.url,
        retry_policy=retry_policy,
        permissions=CLAIM_PERMISSIONS,
    )


def create_check_run(github: GithubServer, body: dict[str, Any], token: str) -> dict[str, Any]:
    """Create a check run with the given token."""
    path, headers = f"/repos/{REPOSITORY}/check-runs", {"authorization": f"token {token}"}
    response = github.handle("POST", path, headers, json.dumps(body).encode())
    assert response is not None
    assert response.status == 201, response.body
    return github.world.runs[json.loads(response.body)["id"]]


def create_foreign_run(github: GithubServer, sha: str) -> dict[str, Any]:
    """Create a check run of another App."""
    other = App(id=4712, client_id="Iv23liAnother", slug="another")
    token = github.world.grant(other, {REPOSITORY}, {"checks": "write"}, github.world.install(other, REPOSITORY))
    return create_check_run(github, {"name": "another's", "head_sha": sha, "conclusion": "failure"}, token.value)


def failure(title: str) -> dict[str, Any]:
    """Return the annotation of a failed test, as GitHub returns it."""
    location = {"path": title.partition("::")[0], "start_line": 1, "end_line": 1}
    truncated_title = f"{title[:254]}…" if len(title) > 255 else title
    return {
        **location,
        "annotation_level": "failure",
        "title": truncated_title,
        "message": "assert 0",
        "raw_details": f"{title}\n\nE",
    }
