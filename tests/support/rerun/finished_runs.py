"""Completed check runs of this action, without the jobs that ran them."""

from __future__ import annotations

import json

from checks.core.github.external_id import compose
from checks.core.model.identity import Identity, RunKind
from checks.core.model.session import CarriedOverCounts
from tests.support.github.server import REPOSITORY, GithubServer


def create_failed_run(github: GithubServer, name: str = "pytest (unit)", *, category: str = "unit") -> int:
    """Create a check run in which one of two tests failed. Return its id."""
    counts = CarriedOverCounts(failed=1, passed=1)
    parts = Identity(
        workflow="tests.yml", run_id="4711", job="tests", category=category, kind=RunKind.COMPLETE, counts=counts
    )
    body = {
        "name": name,
        "head_sha": github.world.branches["main"],
        "external_id": compose(parts),
        "conclusion": "failure",
        "output": {"title": "1 failed, 1 passed", "summary": "One failed."},
    }
    token = github.world.grant(github.app, {REPOSITORY}, {"checks": "write"}, github.installation)
    headers = {"authorization": f"token {token.value}"}
    response = github.handle("POST", f"/repos/{REPOSITORY}/check-runs", headers, json.dumps(body).encode())
    assert response is not None
    assert response.status == 201, response.body
    return int(json.loads(response.body)["id"])
