"""Test a manual check from the job to the verdict and to a later commit, with the image at both ends."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.image.job import ImageJob
from tests.image.receiver import receiving
from tests.support.github.comments import add_comment
from tests.support.github.responses import timestamp
from tests.support.github.server import REPOSITORY, GithubServer

INSTRUCTIONS = "1. Press **start**.\n2. Look at the light.\n"
COMMENT = "/check pass device The cable was loose."
INPUTS = {"category": "device", "manual": "true", "instructions": "docs/device.md"}


def test_verdict_arrives_by_button_and_by_comment(
    job: Callable[[dict[str, str]], ImageJob], github: GithubServer, tmp_path: Path
) -> None:
    github.installation.permissions |= {"pull_requests": "write", "issues": "read"}
    started = job({"docs/device.md": INSTRUCTIONS})
    github.world.branches["topic"] = started.sha
    github.world.pull_heads[7] = started.sha
    options = (f"--event={_event(tmp_path, started.sha)}", "--event-name=pull_request")
    first = started.run(*options, **INPUTS)
    assert (first.exit_status, first.outputs["conclusion"]) == (0, "action_required")
    assert github.run["output"]["text"].startswith(INSTRUCTIONS.strip())
    assert [action["label"] for action in github.run["actions"]] == ["Pass", "Fail"]

    with receiving(github):
        pressed = github.deliver("check_run", github.press(github.run["id"], "manual-fail"))
        assert pressed.status_code == 200, pressed.response
        assert github.runs[-1]["output"]["title"] == "Failed by octocat"
        later = timestamp(time.time() + 60.0)  # its author has seen the verdict
        comment = add_comment(github.world, 7, COMMENT, login="octocat", created_at=later, updated_at=later)
        commented = github.deliver("issue_comment", github.commented(comment["id"]))
        assert commented.status_code == 200, commented.response
    assert github.runs[-1]["output"]["title"] == "Passed by octocat: The cable was loose."

    again = started.run(*options, "--env=GITHUB_RUN_ATTEMPT=2", **INPUTS)
    assert (again.exit_status, again.outputs["conclusion"]) == (0, "success")
    assert [run["conclusion"] for run in github.runs] == ["action_required", "failure", "success"]


def _event(folder: Path, head: str) -> Path:
    """Write the event of a pull request, and return its file."""
    repository = {"full_name": REPOSITORY}
    event: dict[str, Any] = {
        "action": "opened",
        "pull_request": {
            "number": 7,
            "head": {"ref": "topic", "sha": head, "repo": repository},
            "base": {"ref": "main", "sha": "b" * 40, "repo": repository},
        },
        "repository": repository,
    }
    file = folder / "event.json"
    file.write_text(json.dumps(event))
    return file
