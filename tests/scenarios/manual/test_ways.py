"""A manual check's whole round for each way in which events arrive: webhook, delivery log, workflow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.support.github.server import GithubServer
from tests.support.manual.server_runs import FAIL, PASS, UNDO, Payload, create_manual_run, states
from tests.support.rerun.receivers import receiving
from tests.support.runner.jobs import Job

COMMIT, HEAD = "c0ffee" + "0" * 34, "f" * 40
WAITING, AGAIN = ("action_required", "Waiting for a verdict"), ("action_required", "Waiting for a verdict again")
PASSED, FAILED = ("success", "Passed by octocat"), ("failure", "Failed by octocat")

#: Sends an event and waits until it is handled.
Send = Callable[[str, Payload], None]


@contextmanager
def by_webhook(github: GithubServer, folder: Path) -> Iterator[Send]:
    """Send signed deliveries to the program `serve`."""
    del folder

    def send(event: str, payload: Payload) -> None:
        delivery = github.deliver(event, payload)
        assert delivery.status_code == 200, delivery.response

    with receiving(github):
        yield send


@contextmanager
def by_log(github: GithubServer, folder: Path) -> Iterator[Send]:
    """Log unreceived deliveries, and run the program `poll` in a scheduled workflow after each."""
    job = Job(github=github, folder=folder / "poll", env={"GITHUB_EVENT_NAME": "schedule"})

    def send(event: str, payload: Payload) -> None:
        github.deliver(event, payload, send=False)
        assert job.run("poll").exit_status == 0

    yield send


@contextmanager
def by_workflow(github: GithubServer, folder: Path) -> Iterator[Send]:
    """Run the program `respond` in a workflow triggered by the event; that of a fork has no secrets."""
    job = Job(github=github, folder=folder / "respond")

    def send(event: str, payload: Payload) -> None:
        job.event = payload
        job.env = {"GITHUB_EVENT_NAME": "pull_request_target" if event == "pull_request" else event}
        result = job.run("respond")
        assert result.exit_status == 0, result.log

    yield send


@pytest.mark.slow
@pytest.mark.parametrize("way", [by_webhook, by_log, by_workflow])
def test_people_decide_a_manual_check_and_that_of_a_fork(
    way: Callable[[GithubServer, Path], AbstractContextManager[Send]], github: GithubServer, tmp_path: Path
) -> None:
    create_manual_run(github, COMMIT)
    github.world.permissions["mallory"] = "read"
    with way(github, tmp_path) as send:
        send("check_run", github.press(github.runs[-1]["id"], FAIL))
        send("check_run", github.press(github.runs[-1]["id"], PASS, "mallory"))
        send("check_run", github.press(github.runs[-1]["id"], UNDO))
        send("check_run", github.press(github.runs[-1]["id"], PASS))
        send("check_suite", github.rerequest_suite(COMMIT))
        send("check_run", github.rerequest(github.runs[-1]["id"]))
        assert states(github) == [WAITING, FAILED, AGAIN, PASSED, PASSED, AGAIN]
        send("pull_request", github.pull_request("opened", 12, HEAD, base_sha=COMMIT))
        send("check_run", github.press(github.runs[-1]["id"], PASS))
    assert [run["output"]["title"] for run in github.runs if run["head_sha"] == HEAD] == [WAITING[1], PASSED[1]]
    assert github.world.dispatches == []
