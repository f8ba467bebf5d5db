"""A re-run tests the same commit as before, such as a pull request's merge commit; otherwise it is not green."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.model.delivery import DeliveryStatus
from tests.support.github.server import REPOSITORY, GithubServer
from tests.support.rerun.reruns import FAILED, SECOND, CreateScenario, RerunScenario
from tests.support.rules import rule

_REF = "${{ inputs.rerun && fromJSON(inputs.rerun).sha || '' }}"


@pytest.fixture
def merge(create_scenario: CreateScenario, github: GithubServer) -> RerunScenario:
    """A checkout of a pull request's merge commit."""
    scenario = create_scenario(category="unit")
    base = scenario.job.sha
    scenario.job.git("checkout", "--quiet", "-b", "topic")
    github.world.branches["topic"] = head = scenario.job.commit("Topic")
    scenario.job.git("checkout", "--quiet", "--detach", base)
    scenario.job.git("merge", "--quiet", "--no-ff", "--message=Merge", head)
    github.world.start_workflow_run(run_id=4711, event="pull_request", ref="topic", sha=head)
    return scenario


@pytest.fixture
def merged(merge: RerunScenario) -> RerunScenario:
    """A failed run on that merge commit, whose button was clicked."""
    tested = merge.job.git("rev-parse", "HEAD")
    merge.create_run(parts=replace(FAILED, tested=tested), failures=["test_a.py::test_flaky"])
    assert merge.press().status is DeliveryStatus.DONE
    assert (merge.dispatched_input()["sha"], merge.dispatched_input()["head"]) == (tested, merge.job.sha)
    return merge


@rule("The job: a merge was tested")
@pytest.mark.slow
def test_rerun_tests_the_same_merge_commit_again(merge: RerunScenario) -> None:
    head, tested = merge.job.sha, merge.job.git("rev-parse", "HEAD")
    pull_request = {"number": 7, "head": {"sha": head, "ref": "topic", "repo": {"full_name": REPOSITORY}}}
    merge.job.event = {"pull_request": {**pull_request, "base": {"ref": "main"}}}
    merge.first(env={"GITHUB_EVENT_NAME": "pull_request", "GITHUB_SHA": tested, "GITHUB_REF": "refs/pull/7/merge"})
    assert merge.latest["head_sha"] == head
    assert f"Tested commit {tested[:7]}, the merge of {head[:7]} into main." in merge.latest["output"]["summary"]

    assert merge.press().status is DeliveryStatus.DONE
    assert (merge.dispatched_input()["sha"], merge.dispatched_input()["head"], merge.dispatches[0].ref) == (
        tested,
        head,
        "topic",
    )
    result = merge.rerun()
    assert (result.outputs["conclusion"], result.outputs["total"]) == ("failure", "3")
    assert f"Tested commit {tested[:7]}, the merge of {head[:7]}." in merge.latest["output"]["summary"]

    assert merge.press().status is DeliveryStatus.DONE
    assert (merge.dispatched_input()["sha"], merge.dispatched_input()["head"]) == (tested, head)
    result = merge.rerun(env=SECOND)
    assert (result.outputs["conclusion"], merge.latest["head_sha"]) == ("success", head)
    assert merge.latest["output"]["title"].startswith("2 passed, 1 skipped, 1 rerun")


@rule("The job: another commit is checked out")
@pytest.mark.slow
def test_wrong_checkout_fails_and_names_the_expected_commit(merged: RerunScenario) -> None:
    head, merge = merged.dispatched_input()["head"], merged.dispatched_input()["sha"]
    result = merged.rerun(env=SECOND, checkout=head)
    assert (result.exit_status, result.outputs["conclusion"]) == (1, "action_required")
    output = merged.latest["output"]
    assert output["title"].startswith("a different commit was tested · ")
    assert (
        f"Commit {merge[:7]} was not tested. This re-run is for it, but the workspace has {head[:7]} checked out."
        in output["summary"]
    )
    assert _REF in output["summary"]
    assert merged.press().status is DeliveryStatus.DONE
    assert (merged.dispatched_input()["sha"], merged.dispatched_input()["head"]) == (merge, head)


def test_lost_rerun_keeps_the_tested_commit(merged: RerunScenario) -> None:
    merge = merged.dispatched_input()["sha"]
    merged.claim()
    merged.complete_workflow(merged.dispatches[0].run_id, "failure")
    assert merged.press("rerun-all").status is DeliveryStatus.DONE
    assert merged.dispatched_input()["sha"] == merge


def test_rerun_after_branch_moved_tests_the_original_commit(
    create_scenario: CreateScenario, github: GithubServer
) -> None:
    scenario = create_scenario(category="unit")
    scenario.create_run(failures=["test_a.py::test_flaky"])
    first = scenario.job.sha
    github.world.suite(github.app.id, REPOSITORY, first)  # the suite keeps its branch
    github.world.branches["main"] = moved = scenario.job.commit("Later")
    scenario.press()
    assert (scenario.dispatched_input()["sha"], scenario.dispatches[0].sha) == (first, moved)
