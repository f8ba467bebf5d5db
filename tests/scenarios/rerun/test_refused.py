"""Re-runs that are not started: who may not, what cannot, and what GitHub does not do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from checks.core.github.external_id import RunKind
from checks.core.model.delivery import DeliveryStatus
from tests.support.github.server import Fault, GithubServer
from tests.support.rerun.edges import foreign_run
from tests.support.rerun.reruns import FAILED, Round, RoundOf
from tests.support.rules import rule


def _lose_the_branch(github: GithubServer) -> None:
    github.world.branches.clear()


def _lose_the_input(github: GithubServer) -> None:
    github.world.workflows["tests.yml"] = set()


def _lose_the_trigger(github: GithubServer) -> None:
    github.world.workflows["tests.yml"] = None


def _lose_the_workflow(github: GithubServer) -> None:
    github.world.workflows.clear()


def _lose_the_permission(github: GithubServer) -> None:
    del github.installation.permissions["actions"]


def _forbid(github: GithubServer) -> None:
    body = {"message": "Resource not accessible by integration"}
    github.fault(Fault(path="/dispatches$", how="answer", status=403, body=body))


@rule("A click: GitHub does not start the workflow: branch deleted")
@pytest.mark.parametrize(
    ("breaks", "cause", "remedy"),
    [
        pytest.param(_lose_the_branch, "`main` is gone (422: No ref found", "push it again", id="branch deleted"),
        pytest.param(_lose_the_input, "does not know the input `rerun` (422", "declare it there", id="no input"),
        pytest.param(_lose_the_trigger, "is not started by `workflow_dispatch`", "add that trigger", id="no trigger"),
        pytest.param(_lose_the_workflow, "is not on the default branch (404", "Actions to Read", id="no workflow"),
        pytest.param(_lose_the_permission, "may not start workflows (4", "Actions to Read and write", id="permission"),
        pytest.param(_forbid, "may not start workflows (403", "Actions to Read and write", id="forbidden"),
    ],
)
def test_a_workflow_that_is_not_started_is_told_and_starts_once_that_is_mended(
    round_of: RoundOf, github: GithubServer, breaks: Callable[[GithubServer], None], cause: str, remedy: str
) -> None:
    one = round_of()
    one.put_up(failures=["test_a.py::test_flaky"])
    before = dict(github.world.branches), dict(github.world.workflows)
    breaks(github)
    answered = one.press()
    assert answered.status is DeliveryStatus.REFUSED
    assert cause in answered.reason
    told = one.latest
    assert (told["status"], told["conclusion"]) == ("completed", "action_required")
    assert told["output"]["title"].startswith("not started · Re-run of 1 failed test")
    assert [action["identifier"] for action in told["actions"]] == ["rerun-failed", "rerun-all"]
    assert cause.replace("`", "") in told["output"]["summary"].replace("`", "").replace("\\", "")
    assert remedy in told["output"]["summary"]
    assert one.press(run=github.runs[0]["id"]).status is DeliveryStatus.DONE  # the first click once more
    assert len(github.runs) == 2

    github.world.branches, github.world.workflows = before
    github.installation.permissions["actions"] = "write"
    github.mend()
    assert one.press().status is DeliveryStatus.DONE
    assert (one.latest["status"], one.latest["output"]["title"][:24]) == ("queued", "Re-run of 1 failed test ")
    assert one.asked()["runs"][0]["earlier"] == str(told["id"])


@rule("A click: the server does not know return_run_details")
@pytest.mark.parametrize("status", [400, 422])
def test_a_server_that_knows_no_run_details_starts_it_all_the_same(
    round_of: RoundOf, github: GithubServer, status: int
) -> None:
    github.world.knows_run_details, github.world.unknown_key_status = False, status
    one = round_of()
    one.put_up()
    assert one.press().status is DeliveryStatus.DONE
    assert len(one.dispatches) == 1
    assert one.press(run=github.runs[0]["id"]).reason.startswith("it was answered before")


@rule("A click: by somebody without write access")
@pytest.mark.parametrize("permission", ["read", "triage", "none"])
def test_who_may_not_write_starts_nothing(round_of: RoundOf, github: GithubServer, permission: str) -> None:
    one = round_of()
    one.put_up()
    github.world.permissions["mallory"] = permission
    answered = one.press(sender="mallory")
    assert (answered.status, len(github.runs), one.dispatches) == (DeliveryStatus.REFUSED, 1, [])
    assert answered.reason.startswith("@mallory has no write access here (")


@rule("A click: refused, and it was GitHub's own of a check")
def test_githubs_own_button_is_answered_by_the_old_verdict_and_the_reason_once(
    round_of: RoundOf, github: GithubServer
) -> None:
    one = round_of()
    first = one.put_up()
    payload = github.rerequest(first["id"], "mallory")
    assert [one.event("check_run", payload).status for _ in range(2)] == [DeliveryStatus.REFUSED, DeliveryStatus.DONE]
    assert len(github.runs) == 2
    assert (one.latest["conclusion"], one.latest["output"]["title"]) == ("failure", "1 failed, 1 passed")
    assert "mallory has no write access here" in one.latest["output"]["summary"]
    assert "@mallory" not in one.latest["output"]["summary"]
    assert f"({first['html_url']})" in one.latest["output"]["summary"]
    assert one.press().status is DeliveryStatus.DONE  # octocat may
    assert [run["status"] for run in github.runs] == ["completed", "completed", "queued"]


@pytest.fixture
def of_fork(round_of: RoundOf, github: GithubServer) -> Round:
    """The run of a fork's commit."""
    one = round_of()
    github.world.branches.clear()
    github.world.start_workflow_run(run_id=4711, sha=one.job.sha, head_repository="mallory/demo")
    one.put_up()
    return one


@rule("A click: on a fork's commit")
def test_a_forks_commit_is_not_run_again_by_any_button(of_fork: Round, github: GithubServer) -> None:
    reason = "the commit is a fork's, or on no branch: a workflow cannot be started there"
    assert (of_fork.press().status, of_fork.press().reason) == (DeliveryStatus.REFUSED, reason)
    assert len(github.runs) == 1
    assert of_fork.press_githubs().reason == reason
    assert "the commit is a fork's" in of_fork.latest["output"]["summary"]
    assert of_fork.latest["actions"] == []
    assert of_fork.dispatches == []


@rule("A click: on published results")
def test_published_results_are_not_run_again_by_any_button(round_of: RoundOf, github: GithubServer) -> None:
    one = round_of()
    one.put_up(ours=replace(FAILED, kind=RunKind.PUBLISHED))
    assert one.press().reason == "no workflow has run its tests: there is none to be started again"
    for _ in range(2):  # what repeats them is no more
        assert one.press_githubs().status is DeliveryStatus.REFUSED
        assert one.latest["actions"] == []
    assert one.press("rerun-all").status is DeliveryStatus.REFUSED
    assert one.dispatches == []
    assert len(github.runs) == 3


@rule("A click: on another App's check")
def test_anothers_check_run_is_nothing_to_us(round_of: RoundOf, github: GithubServer) -> None:
    one = round_of()
    foreign_run(github, one.job.sha)
    for answered in (one.press(), one.press_githubs()):
        assert (answered.status, answered.reason) == (DeliveryStatus.REFUSED, "the check run is another App's")
    assert len(github.requests) == 1  # nothing was asked


def _unknown(payload: dict[str, Any]) -> dict[str, Any]:
    repository = {**payload["repository"], "full_name": "octo/unknown"}
    return {key: value for key, value in payload.items() if key != "installation"} | {"repository": repository}


@rule("A click: in a repository without the App")
def test_a_repository_in_which_the_app_is_not_installed_is_refused(round_of: RoundOf, github: GithubServer) -> None:
    one = round_of()
    answered = one.event("check_run", _unknown(github.press(one.put_up()["id"], "rerun-failed")))
    assert answered.status is DeliveryStatus.REFUSED
    assert answered.reason.startswith("The App is not installed in octo/unknown (404")


def test_a_suspended_app_is_asked_again_later(round_of: RoundOf, github: GithubServer) -> None:
    one = round_of()
    run = one.put_up()
    github.installation.is_suspended = True
    assert one.press(run=run["id"]).status is DeliveryStatus.LATER
    github.installation.is_suspended = False
    assert one.press(run=run["id"]).status is DeliveryStatus.DONE


@rule("A click: the same, of the suite")
def test_the_suites_button_is_answered_by_the_old_verdict_and_the_reason_once(
    round_of: RoundOf, github: GithubServer
) -> None:
    """GitHub has put the suite back to `queued`: nothing but a run ends that."""
    one = round_of()
    one.put_up("unit")
    one.put_up("docs", "success")
    payload = github.rerequest_suite(one.job.sha, "mallory")
    assert [one.event("check_suite", payload).status for _ in range(2)] == [DeliveryStatus.REFUSED, DeliveryStatus.DONE]
    assert len(github.runs) == 3
    assert (one.latest["name"], one.latest["conclusion"]) == ("pytest (unit)", "failure")
    assert "has no write access here" in one.latest["output"]["summary"]


def test_a_suite_whose_workflow_is_not_started_is_told_that_once(round_of: RoundOf, github: GithubServer) -> None:
    one = round_of()
    one.put_up()
    github.world.workflows["tests.yml"] = None
    payload = github.rerequest_suite(one.job.sha)
    assert [one.event("check_suite", payload).status for _ in range(2)] == [DeliveryStatus.REFUSED, DeliveryStatus.DONE]
    assert [run["conclusion"] for run in github.runs] == ["failure", "action_required"]
