"""Test a re-run from the button to new results on the same commit, with the image at both ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.image.job import ImageJob
from tests.image.receiver import receiving
from tests.support.github.server import GithubServer
from tests.support.rerun.reruns import WORKFLOW

FILES = {
    ".github/workflows/tests.yml": WORKFLOW,
    "test_a.py": (
        "import os\n\n\ndef test_ok():\n    pass\n\n\ndef test_flaky():\n    assert os.environ.get('SECOND') == 'yes'\n"
    ),
}


def test_rerun_button_brings_new_results_on_same_commit(
    job: Callable[[dict[str, str]], ImageJob], github: GithubServer, tmp_path: Path
) -> None:
    github.installation.permissions["actions"] = "write"
    started = job(FILES)
    github.world.branches["main"] = started.sha
    assert started.run(category="unit").exit_status == 1
    first = github.run
    assert [action["label"] for action in first["actions"]] == ["Re-run failed", "Re-run all"]

    with receiving(github):
        delivery = github.deliver("check_run", github.press(first["id"], "rerun-failed"))
    assert delivery.status_code == 200, delivery.response
    (dispatch,) = github.world.dispatches
    assert github.runs[-1]["status"] == "queued"

    event = tmp_path / "event.json"
    event.write_text(json.dumps({"inputs": dict(dispatch.inputs)}))
    second_result = started.run(
        *(
            f"--event={event}",
            "--event-name=workflow_dispatch",
            "--env=SECOND=yes",
            f"--env=GITHUB_RUN_ID={dispatch.run_id}",
        ),
        category="unit",
    )
    assert second_result.exit_status == 0
    assert second_result.outputs["flaky"] == "1"
    latest = github.runs[-1]
    assert (len(github.runs), latest["conclusion"], latest["head_sha"]) == (2, "success", started.sha)
    assert latest["output"]["title"].startswith("2 passed, 1 rerun")
