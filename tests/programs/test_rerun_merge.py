"""A re-run tests the commit that was tested before, which may be a pull request's merge; else it is not green."""

from __future__ import annotations

import pytest

from checks.words.delivery import Outcome
from tests.github_server import REPOSITORY, GithubServer
from tests.reruns import SECOND, Round, RoundOf

_REF = "${{ inputs.rerun && fromJSON(inputs.rerun).sha || '' }}"


@pytest.fixture
def merged(round_of: RoundOf, github: GithubServer) -> Round:
    """The merge of a pull request's head is tested, and a test fails."""
    one = round_of(category="unit")
    base = one.job.sha
    one.job.git("checkout", "--quiet", "-b", "topic")
    head = one.job.commit("Topic")
    one.job.git("checkout", "--quiet", "--detach", base)
    one.job.git("merge", "--quiet", "--no-ff", "--message=Merge", head)
    merge = one.job.git("rev-parse", "HEAD")
    github.world.branches["topic"] = head
    github.world.start_workflow_run(run_id=4711, event="pull_request", ref="topic", sha=head)
    pull_request = {"number": 7, "head": {"sha": head, "ref": "topic", "repo": {"full_name": REPOSITORY}}}
    one.job.event = {"pull_request": {**pull_request, "base": {"ref": "main"}}}
    one.first(env={"GITHUB_EVENT_NAME": "pull_request", "GITHUB_SHA": merge, "GITHUB_REF": "refs/pull/7/merge"})
    assert one.latest["head_sha"] == head
    assert f"Tested: commit {merge[:7]}, the merge of {head[:7]} into main." in one.latest["output"]["summary"]
    assert one.press().outcome is Outcome.DONE
    assert (one.asked()["sha"], one.asked()["head"], one.dispatches[0].ref) == (merge, head, "topic")
    return one


def test_a_re_run_tests_that_merge_again_on_whatever_branch_and_commit_it_runs(merged: Round) -> None:
    head, merge = merged.asked()["head"], merged.asked()["sha"]
    ended = merged.rerun()
    assert (ended.outputs["conclusion"], ended.outputs["total"]) == ("failure", "3")
    assert f"Tested: commit {merge[:7]}, the merge of {head[:7]}." in merged.latest["output"]["summary"]

    assert merged.press().outcome is Outcome.DONE  # and so does the re-run of the re-run
    assert (merged.asked()["sha"], merged.asked()["head"]) == (merge, head)
    ended = merged.rerun(env=SECOND)
    assert (ended.outputs["conclusion"], merged.latest["head_sha"]) == ("success", head)
    assert merged.latest["output"]["title"].startswith("2 passed, 1 skipped, 1 rerun")


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
    assert merged.press().outcome is Outcome.DONE
    assert (merged.asked()["sha"], merged.asked()["head"]) == (merge, head)


def test_a_re_run_that_is_lost_still_says_what_was_to_be_tested(merged: Round) -> None:
    merge = merged.asked()["sha"]
    merged.taken_over()
    merged.workflow_ends(merged.dispatches[0].run_id, "failure")
    assert merged.press("rerun-all").outcome is Outcome.DONE
    assert merged.asked()["sha"] == merge


def test_a_branch_that_has_moved_on_is_not_what_is_tested(round_of: RoundOf, github: GithubServer) -> None:
    one = round_of(category="unit")
    one.put_up(failures=["test_a.py::test_flaky"])
    first = one.job.sha
    github.world.suite(github.app.id, REPOSITORY, first)  # it remembers its branch
    github.world.branches["main"] = moved = one.job.commit("Later")
    one.press()
    assert (one.asked()["sha"], one.dispatches[0].sha) == (first, moved)
    ended = one.rerun(env=SECOND, checkout=moved)  # a plain checkout
    assert (ended.outputs["conclusion"], one.latest["head_sha"]) == ("action_required", first)
    assert f"Not tested: commit {first[:7]}" in one.latest["output"]["summary"]
