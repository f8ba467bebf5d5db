"""GitHub's button for all checks of a commit starts one workflow run, whose jobs claim their categories."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.model.delivery import DeliveryStatus
from tests.support.github.server import GithubServer
from tests.support.rerun.reruns import FAILED, SECOND, CreateScenario
from tests.support.rules import rule


@rule("The job: the re-run is for other categories")
@rule("A click: GitHub's own link of the suite")
@pytest.mark.slow
def test_two_categories_rerun_in_one_workflow_run_third_skips(
    create_scenario: CreateScenario, github: GithubServer
) -> None:
    scenario = create_scenario()
    for category in ("unit", "lint"):
        scenario.create_run(category, failures=["test_a.py::test_flaky"])
    docs = scenario.create_run("docs", "success")
    assert scenario.rerequest_suite().status is DeliveryStatus.DONE
    (dispatch,) = scenario.dispatches
    dispatched = scenario.dispatched_input()
    assert dispatched["categories"] == ["unit", "lint"]
    assert [run["name"] for run in github.runs if run["status"] == "queued"] == ["pytest (unit)", "pytest (lint)"]
    assert {run["details_url"] for run in github.runs[-2:]} == {github.world.workflow_runs[dispatch.run_id]["html_url"]}

    skipped = scenario.rerun(env=SECOND, category="docs")
    assert (skipped.exit_status, skipped.outputs["conclusion"]) == (0, "skipped")
    assert "This job does not run pytest (docs): this re-run is for pytest (unit), pytest (lint)." in skipped.log
    assert "this re-run is for" in skipped.summary
    assert len(github.runs) == 5
    for category, conclusion in {"unit": ("success", 0), "lint": ("failure", 1)}.items():
        result = scenario.rerun(env=SECOND if category == "unit" else {}, category=category)
        assert (result.outputs["conclusion"], result.exit_status) == conclusion
    assert [(run["name"], run["conclusion"]) for run in github.runs[-2:]] == [
        ("pytest (unit)", "success"),
        ("pytest (lint)", "failure"),
    ]
    assert len(github.runs) == 5
    assert docs["conclusion"] == "success"
    assert github.annotations(docs["id"]) == []


def test_suite_rerun_repeats_only_failed_categories(create_scenario: CreateScenario) -> None:
    scenario = create_scenario()
    scenario.create_run("unit")
    scenario.create_run("docs", "success")
    assert scenario.rerequest_suite().reason == "started a re-run of pytest (unit)"
    assert [(run["category"], run["which"]) for run in scenario.dispatched_input()["runs"]] == [("unit", "rerun-all")]


@rule("A click: GitHub's own link of the suite, where all passed")
def test_suite_rerun_without_failures_repeats_all(create_scenario: CreateScenario) -> None:
    scenario = create_scenario()
    scenario.create_run("unit", "success")
    scenario.create_run("docs", "success")
    scenario.rerequest_suite()
    assert scenario.dispatched_input()["categories"] == ["unit", "docs"]


def test_repeated_suite_request_starts_one_rerun(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    scenario.create_run("unit")
    payload = github.rerequest_suite(scenario.job.sha)
    assert [scenario.event("check_suite", payload).status for _ in range(2)] == [DeliveryStatus.DONE] * 2
    assert len(scenario.dispatches) == 1
    assert len(github.runs) == 2


@rule("A click: GitHub's own link of the suite, with checks of commits and of merges")
def test_suite_rerun_dispatches_once_per_tested_commit(create_scenario: CreateScenario) -> None:
    scenario = create_scenario()
    scenario.create_run("unit")
    scenario.create_run("merged", parts=replace(FAILED, tested="d" * 40))
    scenario.rerequest_suite()
    assert [scenario.dispatched_input(number)["sha"] for number in (0, 1)] == [scenario.job.sha, "d" * 40]
    assert {scenario.dispatched_input(number)["head"] for number in (0, 1)} == {scenario.job.sha}
