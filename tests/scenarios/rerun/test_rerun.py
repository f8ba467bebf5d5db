"""Re-runs from the click to the new results: real processes and pytest, with the fake GitHub server."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from checks.core.history.record_text import parse
from checks.core.history.test_key import keys
from checks.core.model.delivery import DeliveryStatus
from checks.core.model.session import CarriedOverCounts
from tests.support.github.server import GithubServer
from tests.support.rerun.reruns import FAILED, SECOND, CreateScenario
from tests.support.rules import rule


def identifiers(run: dict[str, list[dict[str, str]]]) -> list[str]:
    return [action["identifier"] for action in run["actions"]]


@rule("A click: a button of the check")
def test_button_reruns_failed_test_and_category_succeeds(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario(category="unit")
    assert scenario.first().exit_status == 1
    first = scenario.latest
    assert identifiers(first) == ["rerun-failed", "rerun-all"]

    assert scenario.press().status is DeliveryStatus.DONE
    queued = scenario.latest
    assert (queued["status"], queued["name"], queued["head_sha"]) == ("queued", "pytest (unit)", scenario.job.sha)
    assert queued["output"]["title"] == "Re-run of 1 failed test requested by @octocat"
    (dispatch,) = github.world.dispatches
    assert queued["details_url"].endswith(f"/actions/runs/{dispatch.run_id}")
    assert (dispatch.workflow, dispatch.ref) == ("tests.yml", "main")

    result = scenario.rerun(env=SECOND)
    assert result.exit_status == 0
    assert len(github.runs) == 2
    assert scenario.latest["conclusion"] == "success"
    assert scenario.latest["output"]["title"].startswith("2 passed, 1 skipped, 1 rerun")
    assert f"({first['html_url']})" in scenario.latest["output"]["summary"]
    (flaky,) = github.annotations(scenario.latest["id"])
    assert flaky["annotation_level"] == "warning"
    assert flaky["message"].startswith("Flaky: failed once, then passed")
    assert "on this commit: AssertionError" in flaky["message"]
    assert "1 deselected" not in flaky["message"]
    assert json.loads(result.outputs["failed-tests"]) == []
    assert (result.outputs["total"], result.outputs["flaky"], result.outputs["conclusion"]) == ("3", "1", "success")

    before, after = parse(first["output"]["text"]), parse(scenario.latest["output"]["text"])
    assert before is not None
    flaky_tests = frozenset(keys(["test_a.py::test_flaky"]))
    assert before.failed == {"call": flaky_tests}
    counts = CarriedOverCounts(passed=2, skipped=1)
    assert after == replace(before, counts=counts, failed={}, flaky=flaky_tests)


@rule("The job: some failed again")
@pytest.mark.slow
def test_test_failing_again_can_be_rerun_and_then_all(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario(category="unit")
    first = scenario.create_run(failures=["test_a.py::test_flaky"])  # with one passed test
    scenario.press()

    again = scenario.rerun()
    assert (again.exit_status, scenario.latest["conclusion"]) == (1, "failure")
    assert scenario.latest["output"]["title"].startswith("1 failed, 1 passed")
    assert f"({first['html_url']})" in scenario.latest["output"]["summary"]
    record = parse(scenario.latest["output"]["text"])
    assert record is not None
    assert record.is_partial  # the first run has no record
    counts = ("total", "failed", "passed", "flaky")
    assert [again.outputs[name] for name in counts] == ["2", "1", "1", "0"]
    assert json.loads(again.outputs["failed-tests"]) == ["test_a.py::test_flaky"]
    assert identifiers(scenario.latest) == ["rerun-failed", "rerun-all"]
    second = scenario.latest

    assert scenario.press().status is DeliveryStatus.DONE
    assert scenario.dispatched_input()["runs"][0]["earlier"] == str(second["id"])
    good = scenario.rerun(env=SECOND)
    assert (good.exit_status, scenario.latest["conclusion"]) == (0, "success")
    assert scenario.latest["output"]["title"].startswith("2 passed, 1 rerun")
    assert [good.outputs[name] for name in counts] == ["2", "0", "2", "1"]
    assert identifiers(scenario.latest) == ["rerun-all"]

    assert scenario.rerequest().status is DeliveryStatus.DONE
    assert scenario.latest["output"]["title"] == "Re-run of all tests requested by @octocat"
    assert scenario.dispatched_input()["runs"][0]["which"] == "rerun-all"
    assert [run["status"] for run in github.runs] == ["completed"] * 3 + ["queued"]


@rule("The job: Re-run all")
@pytest.mark.slow
def test_rerun_all_runs_all_and_reports_earlier_failures(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario(category="unit")
    scenario.create_run(failures=["test_a.py::test_flaky"])
    scenario.press("rerun-all")
    result = scenario.rerun(env=SECOND)
    assert scenario.latest["output"]["title"].startswith("2 passed, 1 skipped, 1 rerun")
    assert result.outputs["flaky"] == "1"
    flaky = [each for each in github.annotations(scenario.latest["id"]) if each["annotation_level"] == "warning"]
    assert [each["title"] for each in flaky] == ["test_a.py::test_flaky"]
    assert "Carried over" not in scenario.latest["output"]["summary"]


@pytest.mark.parametrize("file", ["my tests #1.yml", "a?b%20c.yml", "ünï;1.yml", f"{'x' * 60}.yml"])
def test_workflow_with_any_file_name_is_started(
    create_scenario: CreateScenario, github: GithubServer, file: str
) -> None:
    scenario = create_scenario()
    github.world.workflows[file] = {"rerun"}
    github.world.start_workflow_run(file, run_id=4711, sha=scenario.job.sha)
    scenario.create_run(parts=replace(FAILED, workflow=file))
    assert scenario.press().status is DeliveryStatus.DONE
    assert scenario.dispatches[0].workflow == file
