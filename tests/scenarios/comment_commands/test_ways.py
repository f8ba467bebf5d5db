"""A command for each way in which comments arrive, through real processes: webhook, delivery log, workflow."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.conversations import CommentScenario
from tests.support.fakes import FakeClock
from tests.support.github.server import GithubServer
from tests.support.rerun.receivers import receiving
from tests.support.runner.jobs import Job


def by_webhook(github: GithubServer, comment: int, folder: Path) -> None:
    """Send signed deliveries to the program `serve`."""
    del folder
    with receiving(github) as receiver:
        deliveries = [github.deliver("issue_comment", github.commented(comment)) for _ in range(2)]
        log = receiver.stop()
    assert [delivery.status_code for delivery in deliveries] == [200, 200]
    assert [line["result"] for line in log if line.get("event") == "issue_comment"] == ["refused", "done"]


def by_log(github: GithubServer, comment: int, folder: Path) -> None:
    """Log an unreceived delivery, and run the program `poll` in a scheduled workflow."""
    github.deliver("issue_comment", github.commented(comment), send=False)
    job = Job(github=github, folder=folder / "poll", env={"GITHUB_EVENT_NAME": "schedule"})
    for _ in range(2):
        assert job.run("poll").exit_status == 0


def by_workflow(github: GithubServer, comment: int, folder: Path) -> None:
    """Run the program `respond` in a workflow triggered by the event, whose payload names no installation."""
    event = github.commented(comment)
    del event["installation"]
    job = Job(github=github, folder=folder / "respond", env={"GITHUB_EVENT_NAME": "issue_comment"}, event=event)
    for _ in range(2):
        assert job.run("respond").exit_status == 0


@pytest.mark.slow
@pytest.mark.parametrize("way", [by_webhook, by_log, by_workflow])
def test_comment_decides_a_manual_check_and_starts_a_rerun(
    way: Callable[[GithubServer, int, Path], None], github: GithubServer, tmp_path: Path
) -> None:
    started_at = time.time() - 300.0
    scenario = CommentScenario(github=github, clock=FakeClock(started_at))
    scenario.manual()
    scenario.tests()
    comment = scenario.post("/check pass device seen\n/check rerun unit\n/check pass zzz")
    github.clock = time.time
    way(github, comment, tmp_path)
    assert scenario.titles() == ["Waiting for a verdict", "Passed by octocat: seen"]
    assert scenario.titles("unit")[-1] == "Re-run of 1 failed test requested by @octocat"
    assert len(github.world.dispatches) == 1
    assert scenario.answer.count("✅") == 2
    assert scenario.answer.count("❌") == 1
    assert scenario.reactions == []
