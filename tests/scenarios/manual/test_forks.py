"""Manual checks of pull requests from forks, which the receiver creates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checks.core.model.delivery import Delivery, DeliveryResult, DeliveryStatus
from checks.core.model.identity import RunKind
from tests.support.fakes import FakeClock
from tests.support.github.server import Fault, GithubServer
from tests.support.manual.server_runs import (
    FAIL,
    INSTRUCTIONS,
    PASS,
    UNDO,
    WAITING,
    create_manual_run,
    record_of,
)
from tests.support.rerun.reruns import FAILED, CreateScenario, RerunScenario, receiver
from tests.support.rules import rule
from tests.support.runner.jobs import Job

HEAD = "f" * 40
WAITS = ("action_required", "Waiting for a verdict")


@pytest.fixture
def scenario(create_scenario: CreateScenario, github: GithubServer) -> RerunScenario:
    """A base commit with a manual check that has passed, and a check of tests."""
    made = create_scenario()
    github.installation.permissions["statuses"] = "write"
    create_manual_run(github, made.job.sha, has_commit_status=True)
    made.press(PASS)
    made.create_run("unit")
    return made


def on_head(github: GithubServer) -> list[dict[str, Any]]:
    return [run for run in github.runs if run["head_sha"] == HEAD]


def opened(scenario: RerunScenario, action: str = "opened", **more: Any) -> DeliveryResult:
    return scenario.event("pull_request", scenario.github.pull_request(action, 12, HEAD, **more))


@rule("Forks: its pull request is opened, reopened or pushed to")
@pytest.mark.parametrize("action", ["opened", "reopened", "synchronize"])
@pytest.mark.parametrize("event", ["pull_request", "pull_request_target"])
def test_fork_gets_the_manual_checks_of_the_base(
    scenario: RerunScenario, github: GithubServer, event: str, action: str
) -> None:
    result = scenario.event(event, github.pull_request(action, 12, HEAD))
    assert (result.status, result.reason) == (DeliveryStatus.DONE, "created pytest (device)")
    (run,) = on_head(github)
    assert (run["name"], run["conclusion"], run["output"]["title"]) == ("pytest (device)", *WAITS)
    assert record_of(run) == replace(WAITING, is_fork=True)
    assert run["output"]["text"].startswith(INSTRUCTIONS)
    assert "This pull request comes from a fork" in run["output"]["summary"]
    assert run["external_id"] == "pcr/2;manual.yml;;0;;device;manual;;;;s"
    assert [action["identifier"] for action in run["actions"]] == [PASS, FAIL]
    assert [status["state"] for status in github.world.statuses if status["sha"] == HEAD] == ["pending"]


@rule("Forks: the fork was deleted")
def test_pull_request_of_a_deleted_fork_gets_them_too(scenario: RerunScenario) -> None:
    assert opened(scenario, fork=None).reason == "created pytest (device)"


@rule("Forks: a pull request of the repository itself")
def test_pull_request_of_the_repository_gets_none(scenario: RerunScenario, github: GithubServer) -> None:
    requests = len(github.requests)
    assert opened(scenario, fork="octo/demo").status is DeliveryStatus.IGNORED
    assert len(github.requests) == requests


@rule("Forks: the head has a check of that name")
def test_check_of_a_fork_is_created_once_and_keeps_its_verdict(scenario: RerunScenario, github: GithubServer) -> None:
    opened(scenario)
    assert opened(scenario).reason == "no manual check of the base commit is missing"
    scenario.press(FAIL)
    assert opened(scenario, "reopened").reason == "no manual check of the base commit is missing"
    assert [run["output"]["title"] for run in on_head(github)] == [WAITS[1], "Failed by octocat"]
    record = record_of(scenario.latest)
    assert record is not None
    assert record.is_fork


def test_check_created_at_two_receivers_hides_no_verdict(scenario: RerunScenario, github: GithubServer) -> None:
    payload, clock = github.pull_request("opened", 12, HEAD), FakeClock(scenario.clock.now())
    other = receiver(github, clock)

    def create_and_press() -> None:
        github.mend()
        other(Delivery(guid="1", event="pull_request", payload=payload), clock.monotonic() + 8.0)
        pressed = github.press(on_head(github)[0]["id"], PASS)
        other(Delivery(guid="2", event="check_run", payload=pressed), clock.monotonic() + 8.0)

    github.fault(Fault(method="POST", path="/check-runs$", how="none", before=create_and_press))
    scenario.event("pull_request", payload)
    passed = "Passed by octocat"
    assert [run["output"]["title"] for run in on_head(github)] == [WAITS[1], passed, WAITS[1], passed]


@rule("Forks: the base commit has no manual check")
@pytest.mark.parametrize("kind", [RunKind.COMPLETE, RunKind.EXPECTED, RunKind.REPUBLISHED])
def test_fork_gets_no_check_of_tests(create_scenario: CreateScenario, github: GithubServer, kind: RunKind) -> None:
    scenario = create_scenario()
    scenario.create_run("unit", parts=replace(FAILED, kind=kind))
    assert opened(scenario).reason == "no manual check of the base commit is missing"
    assert on_head(github) == []


def test_check_that_is_not_manual_any_more_is_left_out(scenario: RerunScenario) -> None:
    scenario.create_run("device")
    assert opened(scenario).reason == "no manual check of the base commit is missing"


def test_each_push_of_a_fork_asks_again(scenario: RerunScenario, github: GithubServer) -> None:
    opened(scenario)
    scenario.press(PASS)
    next_head = "e" * 40
    scenario.event("pull_request", github.pull_request("synchronize", 12, next_head))
    assert (scenario.latest["head_sha"], scenario.latest["output"]["title"]) == (next_head, WAITS[1])


def test_checks_left_by_a_rate_limit_are_created_later(scenario: RerunScenario, github: GithubServer) -> None:
    create_manual_run(github, scenario.job.sha, "page")
    refusal = {"message": "You have exceeded a secondary rate limit."}
    headers = {"Retry-After": "60"}
    github.fault(
        Fault(method="POST", path="/check-runs$", nth=(2,), how="answer", status=403, headers=headers, body=refusal)
    )
    assert opened(scenario).status is DeliveryStatus.LATER
    assert len(on_head(github)) == 1
    scenario.clock.sleep(300.0)  # works at half its rate now, and leaves room for clicks
    assert opened(scenario).reason == "created pytest (page)"
    assert sorted(run["name"] for run in on_head(github)) == ["pytest (device)", "pytest (page)"]


def test_pushes_of_a_fork_leave_room_for_clicks(scenario: RerunScenario, github: GithubServer) -> None:
    heads = [f"{number:040x}" for number in range(40)]
    payloads = [github.pull_request("synchronize", 12, head) for head in heads]
    results = [scenario.event("pull_request", payload).status for payload in payloads]
    assert results[0] is DeliveryStatus.DONE
    assert results[-1] is DeliveryStatus.LATER
    assert scenario.press(UNDO, github.runs[1]["id"]).status is DeliveryStatus.DONE


@rule("Forks: the event does not arrive")
@pytest.mark.usefixtures("scenario")
def test_poll_creates_what_was_missed(github: GithubServer, tmp_path: Path) -> None:
    github.deliver("pull_request", github.pull_request("opened", 12, HEAD), send=False)
    job = Job(github=github, folder=tmp_path / "poll", env={"GITHUB_EVENT_NAME": "schedule"})
    assert job.run("poll").exit_status == 0
    assert [run["name"] for run in on_head(github)] == ["pytest (device)"]


def test_comment_of_the_base_is_that_of_the_pull_request(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    create_manual_run(github, scenario.job.sha, pull_request=7)
    github.installation.permissions["pull_requests"] = "write"
    github.world.pull_heads[12] = HEAD
    assert opened(scenario).reason == "created pytest (device)"
    assert on_head(github)[0]["external_id"].endswith(";12")


def test_list_that_lacks_the_new_run_is_no_error(scenario: RerunScenario, github: GithubServer) -> None:
    empty = {"total_count": 0, "check_runs": []}
    github.fault(Fault(method="GET", path=f"/commits/{HEAD}/check-runs$", nth=(2,), how="answer", body=empty))
    assert opened(scenario).status is DeliveryStatus.DONE
    assert len(on_head(github)) == 1


def test_list_that_lacks_the_new_run_does_not_bring_back_its_status(
    scenario: RerunScenario, github: GithubServer
) -> None:
    run = next(run for run in reversed(github.runs) if run["name"] == "pytest (device)")
    stale = {"total_count": 1, "check_runs": [github.known(run)]}
    path = f"/commits/{scenario.job.sha}/check-runs$"
    github.fault(Fault(method="GET", path=path, nth=(2,), how="answer", body=stale))
    assert scenario.press("manual-undo", run["id"]).status is DeliveryStatus.DONE
    assert github.world.statuses[-1]["state"] == "pending"
