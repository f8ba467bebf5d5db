"""A whole re-run for each way in which events arrive: webhook, delivery log, workflow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.github.server import GithubServer
from tests.support.rerun.receivers import receiving
from tests.support.rerun.reruns import RerunScenario
from tests.support.rules import rule
from tests.support.runner.jobs import Job

FLAKY = {
    "test_a.py": (
        "import os\n\n\ndef test_ok():\n    pass\n\n\ndef test_flaky():\n    assert os.environ.get('SECOND') == 'yes'\n"
    )
}


def by_webhook(scenario: RerunScenario, folder: Path) -> None:
    """Send a signed delivery to the program `serve`."""
    del folder
    with receiving(scenario.github):
        delivery = scenario.github.deliver("check_run", scenario.github.press(scenario.latest["id"], "rerun-failed"))
    assert delivery.status_code == 200, delivery.response


def by_log(scenario: RerunScenario, folder: Path) -> None:
    """Log an unreceived delivery, and run the program `poll` in a scheduled workflow."""
    scenario.github.deliver("check_run", scenario.github.press(scenario.latest["id"], "rerun-failed"), send=False)
    job = Job(github=scenario.github, folder=folder / "poll", env={"GITHUB_EVENT_NAME": "schedule"})
    assert job.run("poll").exit_status == 0


def by_workflow(scenario: RerunScenario, folder: Path) -> None:
    """Run the program `respond` in a workflow triggered by the event."""
    event = scenario.github.press(scenario.latest["id"], "rerun-failed")
    job = Job(github=scenario.github, folder=folder / "respond", env={"GITHUB_EVENT_NAME": "check_run"}, event=event)
    assert job.run("respond").exit_status == 0


@pytest.mark.slow
@rule("The receiver and the poll: the three ways")
@pytest.mark.parametrize(
    "way",
    [by_webhook, by_log, by_workflow],
)
def test_click_leads_to_success_on_the_same_commit(
    way: Callable[[RerunScenario, Path], None], github: GithubServer, tmp_path: Path
) -> None:
    scenario = RerunScenario(github=github, folder=tmp_path, files=FLAKY, inputs={"category": "unit"})
    assert scenario.first().exit_status == 1
    way(scenario, tmp_path)
    assert [run["status"] for run in github.runs] == ["completed", "queued"]
    assert scenario.rerun(env={"SECOND": "yes"}).exit_status == 0
    assert [(run["name"], run["head_sha"], run["conclusion"]) for run in github.runs] == [
        ("pytest (unit)", scenario.job.sha, "failure"),
        ("pytest (unit)", scenario.job.sha, "success"),
    ]
