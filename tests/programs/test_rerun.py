"""Re-runs from a button to new results on the same commit: our processes, real pytest, a server that plays GitHub."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checks.words.delivery import Outcome
from tests.github_server import GithubServer
from tests.reruns import Round, RoundOf

FLAKY = {
    "test_a.py": (
        "import os\n\n\n"
        "def test_ok(): pass\n\n\n"
        "def test_flaky():\n    assert os.environ.get('SECOND') == 'yes'\n\n\n"
        "def test_skipped():\n    import pytest; pytest.skip('why not')\n"
    )
}


@pytest.fixture
def round_of(github: GithubServer, tmp_path: Path) -> RoundOf:
    def make(files: dict[str, str] | None = None, **inputs: str) -> Round:
        return Round(github=github, folder=tmp_path, files=files or FLAKY, inputs=inputs)

    return make


def test_a_failed_test_runs_again_from_the_button_and_the_category_is_a_success(
    round_of: RoundOf, github: GithubServer
) -> None:
    one = round_of(category="unit")
    assert one.first().exit_status == 1
    first = one.latest
    assert [action["identifier"] for action in first["actions"]] == ["rerun-failed", "rerun-all"]

    assert one.press().outcome is Outcome.DONE
    queued = one.latest
    assert (queued["status"], queued["name"], queued["head_sha"]) == ("queued", "pytest (unit)", one.job.sha)
    assert queued["output"]["title"] == "Re-run of 1 failed test requested by @octocat"
    (dispatch,) = github.world.dispatches
    assert queued["details_url"].endswith(f"/actions/runs/{dispatch.run_id}")
    assert (dispatch.workflow, dispatch.ref) == ("tests.yml", "main")

    ended = one.rerun(env={"SECOND": "yes"})
    assert ended.exit_status == 0
    assert len(github.runs) == 2
    assert one.latest["conclusion"] == "success"
    assert one.latest["output"]["title"].startswith("2 passed, 1 skipped, 1 rerun")
    assert f"({first['html_url']})" in one.latest["output"]["summary"]
    (flaky,) = github.annotations(one.latest["id"])
    assert flaky["annotation_level"] == "warning"
    assert flaky["message"].startswith("Flaky: failed once, then passed in ")
    assert "on this commit: AssertionError" in flaky["message"]
    assert "1 deselected" not in flaky["message"]
    assert json.loads(ended.outputs["failed-tests"]) == []
    assert (ended.outputs["total"], ended.outputs["flaky"], ended.outputs["conclusion"]) == ("3", "1", "success")
