"""A re-run tests the commit that was tested before, which may be a pull request's merge; else it is not green."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.model.delivery import DeliveryStatus
from tests.support.github.server import REPOSITORY, GithubServer
from tests.support.rerun.reruns import FAILED, SECOND, Round, RoundOf
from tests.support.rules import rule

_REF = "${{ inputs.rerun && fromJSON(inputs.rerun).sha || '' }}"


@pytest.fixture
def merge(round_of: RoundOf, github: GithubServer) -> Round:
    """A checkout of the merge of a pull request's head."""
    one = round_of(category="unit")
    base = one.job.sha
    one.job.git("checkout", "--quiet", "-b", "topic")
    github.world.branches["topic"] = head = one.job.commit("Topic")
    one.job.git("checkout", "--quiet", "--detach", base)
    one.job.git("merge", "--quiet", "--no-ff", "--message=Merge", head)
    github.world.start_workflow_run(run_id=4711, event="pull_request", ref="topic", sha=head)
    return one


@pytest.fixture
def merged(merge: Round) -> Round:
    """That merge was tested, a test failed, and the button was pressed."""
    tested = merge.job.git("rev-parse", "HEAD")
    merge.put_up(ours=replace(FAILED, tested=tested), failures=["test_a.py::test_flaky"])
    assert merge.press().status is DeliveryStatus.DONE
    assert (merge.asked()["sha"], merge.asked()["head"]) == (tested, merge.job.sha)
    return merge


@rule("The job: a merge was tested")
@pytest.mark.slow
def test_a_re_run_tests_that_merge_again_and_so_does_its_own(merge: Round) -> None:
    head, tested = merge.job.sha, merge.job.git("rev-parse", "HEAD")
    pull_request = {"number": 7, "head": {"sha": head, "ref": "topic", "repo": {"full_name": REPOSITORY}}}
    merge.job.event = {"pull_request": {**pull_request, "base": {"ref": "main"}}}
    merge.first(env={"GITHUB_EVENT_NAME": "pull_request", "GITHUB_SHA": tested, "GITHUB_REF": "refs/pull/7/merge"})
    assert merge.latest["head_sha"] == head
    assert f"Tested: commit {tested[:7]}, the merge of {head[:7]} into main." in merge.latest["output"]["summary"]

    assert merge.press().status is DeliveryStatus.DONE
    assert (merge.asked()["sha"], merge.asked()["head"], merge.dispatches[0].ref) == (tested, head, "topic")
    ended = merge.rerun()
    assert (ended.outputs["conclusion"], ended.outputs["total"]) == ("failure", "3")
    assert f"Tested: commit {tested[:7]}, the merge of {head[:7]}." in merge.latest["output"]["summary"]

    assert merge.press().status is DeliveryStatus.DONE
    assert (merge.asked()["sha"], merge.asked()["head"]) == (tested, head)
    ended = merge.rerun(env=SECOND)
    assert (ended.outputs["conclusion"], merge.latest["head_sha"]) == ("success", head)
    assert merge.latest["output"]["title"].startswith("2 passed, 1 skipped, 1 rerun")


@rule("The job: another commit is checked out")
def test_a_checkout_of_another_commit_is_not_green_and_says_what_to_check_out(merged: Round) -> None:
    head, merge = merged.asked()["head"], merged.asked()["sha"]
    ended = merged.rerun(env=SECOND, checkout=head)
    assert (ended.exit_status, ended.outputs["conclusion"]) == (1, "action_required")
    told = merged.latest["output"]
    assert told["title"].startswith("another commit was tested · ")
    assert (
        f"Not tested: commit {merge[:7]}, which is to be tested again. The workspace has {head[:7]}." in told["summary"]
    )
    assert _REF in told["summary"]
    assert merged.press().status is DeliveryStatus.DONE
    assert (merged.asked()["sha"], merged.asked()["head"]) == (merge, head)


def test_a_re_run_that_is_lost_still_says_what_was_to_be_tested(merged: Round) -> None:
    merge = merged.asked()["sha"]
    merged.taken_over()
    merged.workflow_ends(merged.dispatches[0].run_id, "failure")
    assert merged.press("rerun-all").status is DeliveryStatus.DONE
    assert merged.asked()["sha"] == merge


def test_a_branch_that_has_moved_on_is_not_what_is_to_be_tested(round_of: RoundOf, github: GithubServer) -> None:
    one = round_of(category="unit")
    one.put_up(failures=["test_a.py::test_flaky"])
    first = one.job.sha
    github.world.suite(github.app.id, REPOSITORY, first)  # it remembers its branch
    github.world.branches["main"] = moved = one.job.commit("Later")
    one.press()
    assert (one.asked()["sha"], one.dispatches[0].sha) == (first, moved)
