"""What completes a check run without its job updates the comment, too, and so does a re-run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from checks.core.comment.decide import MARKER
from checks.core.model.delivery import DeliveryStatus
from checks.core.model.identity import RunKind
from tests.support.github.comments import add_comment
from tests.support.github.server import GithubServer
from tests.support.rerun.reruns import FAILED, CreateScenario, RerunScenario
from tests.support.rules import rule
from tests.support.runner.jobs import Job

NUMBER = 12
COMMENTED = replace(FAILED, pull_request=NUMBER)
RUNNING = {"conclusion": "", "status": "in_progress"}


@pytest.fixture
def scenario(create_scenario: CreateScenario, github: GithubServer) -> RerunScenario:
    github.installation.permissions["pull_requests"] = "write"
    made = create_scenario()
    github.world.start_workflow_run(run_id=4711, sha=made.job.sha)
    github.world.pull_heads[NUMBER] = made.job.sha
    return made


def add_ours(github: GithubServer) -> None:
    app = github.app
    body = f"### 0 of 1 checks finished, none failed\n\n{MARKER}"
    add_comment(github.world, NUMBER, body, login=f"{app.slug}[bot]", performed_via_github_app=app.as_json)


def bodies(github: GithubServer) -> list[str]:
    return [comment["body"] for comment in github.world.comments.values()]


@rule("Comment: the machine is lost, or no job runs the tests of a queued check")
def test_receiver_updates_the_comment_of_an_orphan(scenario: RerunScenario, github: GithubServer) -> None:
    add_ours(github)
    scenario.create_run(parts=replace(COMMENTED, kind=RunKind.TESTS), **RUNNING)
    assert scenario.complete_workflow(4711, "failure").reason == "completed pytest (unit)"
    (body,) = bodies(github)
    assert body.startswith("### 1 of 1 check failed")
    assert "job lost" in body


def test_receiver_creates_no_comment(scenario: RerunScenario, github: GithubServer) -> None:
    scenario.create_run(parts=replace(COMMENTED, kind=RunKind.TESTS), **RUNNING)
    scenario.complete_workflow(4711, "failure")
    assert (scenario.latest["status"], bodies(github)) == ("completed", [])


def test_orphan_of_a_job_without_the_input_asks_for_no_token(scenario: RerunScenario, github: GithubServer) -> None:
    add_ours(github)
    before = bodies(github)
    scenario.create_run(parts=replace(FAILED, kind=RunKind.TESTS), **RUNNING)
    scenario.complete_workflow(4711, "failure")
    assert (scenario.latest["status"], bodies(github)) == ("completed", before)
    assert all("pull_requests" not in granted.body["permissions"] for granted in github.tokens_granted)


def test_refused_comment_costs_no_completion(scenario: RerunScenario, github: GithubServer) -> None:
    del github.installation.permissions["pull_requests"]
    scenario.create_run(parts=replace(COMMENTED, kind=RunKind.TESTS), **RUNNING)
    result = scenario.complete_workflow(4711, "failure")
    assert (result.status, scenario.latest["status"]) == (DeliveryStatus.DONE, "completed")
    assert result.reason.startswith("completed pytest (unit); The App cannot write comments on pull request 12 of octo")


def test_poll_updates_the_comment_of_an_orphan(scenario: RerunScenario, github: GithubServer, tmp_path: Path) -> None:
    add_ours(github)
    scenario.create_run(parts=replace(COMMENTED, kind=RunKind.TESTS), **RUNNING)
    github.deliver("workflow_run", github.workflow_completed(4711, "failure"), send=False)
    github.world.workflows["poll.yml"] = None
    workflow = {"GITHUB_WORKFLOW_REF": "octo/demo/.github/workflows/poll.yml@refs/heads/main"}
    job = Job(github=github, folder=tmp_path / "poll", env={**workflow, "GITHUB_EVENT_NAME": "schedule"})
    assert job.run("poll").exit_status == 0
    assert "job lost" in bodies(github)[0]


@rule("Comment: a re-run")
@pytest.mark.slow
def test_job_of_a_rerun_updates_the_comment(scenario: RerunScenario, github: GithubServer) -> None:
    add_ours(github)
    scenario.create_run(parts=COMMENTED, failures=["test_a.py::test_flaky"])
    scenario.press()
    assert scenario.dispatched_input()["pull_request"] == NUMBER
    scenario.rerun(env={"SECOND": "yes"}, category="unit", comment="failures")
    (body,) = bodies(github)
    assert body.startswith("### All checks passed")
    assert scenario.latest["html_url"] in body


@pytest.mark.slow
def test_job_of_a_rerun_without_a_comment_before_writes_none(scenario: RerunScenario, github: GithubServer) -> None:
    scenario.create_run(parts=FAILED, failures=["test_a.py::test_flaky"])
    scenario.press()
    assert "pull_request" not in scenario.dispatched_input()
    scenario.rerun(category="unit", comment="always")
    assert bodies(github) == []


def test_job_that_a_rerun_does_not_concern_says_nothing(scenario: RerunScenario, github: GithubServer) -> None:
    scenario.create_run(parts=COMMENTED, failures=["test_a.py::test_flaky"])
    scenario.press()
    result = scenario.rerun(category="docs", comment="always")
    assert "comment" not in result.log
    assert bodies(github) == []
