"""GitHub's responses to the requests of re-runs; against a real HTTP server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.adapters.github.client import RERUN_PERMISSIONS, GithubApi
from checks.adapters.github.rerun_repository import GithubRerunRepository
from checks.adapters.github.retrying import RefusedError
from checks.core.github.error_kind import ErrorKind
from checks.core.model.check_run import Conclusion, Status
from checks.core.rerun.decision import Origin
from checks.core.rerun.repository import Dispatched, NotDispatchedError
from tests.support.github.job_client import SHA, JobClient, app, check_run
from tests.support.github.server import REPOSITORY, Fault, GithubServer

LOST = {
    "reset": Fault(how="drop", done=True),
    "half an answer": Fault(how="half", done=True),
    "502": Fault(how="answer", status=502, done=True),
}


def repository_for(github: GithubServer, seconds: float = 60.0) -> GithubRerunRepository:
    github.installation.permissions["actions"] = "write"
    retry_policy = JobClient(github).api.retry_policy
    api = GithubApi(
        app(github), repository=REPOSITORY, api_url=github.url, retry_policy=retry_policy, permissions=RERUN_PERMISSIONS
    )
    return GithubRerunRepository(api, until=retry_policy.clock.monotonic() + seconds)


@pytest.mark.parametrize(
    ("login", "expected"),
    [("octocat", "write"), ("OctoCat", "write"), ("mallory", "read"), ("maria", "write"), ("nobody", "none")],
)
def test_permission_is_read_from_the_repository(github: GithubServer, login: str, expected: str) -> None:
    github.world.permissions |= {"mallory": "triage", "maria": "maintain"}
    assert repository_for(github).permission(login) == expected


def test_failed_permission_lookup_raises(github: GithubServer) -> None:
    github.fault(Fault(path="/permission$", how="answer", status=403, body={"message": "Forbidden"}))
    with pytest.raises(RefusedError):
        repository_for(github).permission("octocat")


def test_origin_has_repository_branch_commit_and_file(github: GithubServer) -> None:
    github.world.start_workflow_run("tests.yml", ref="v1", sha=SHA, run_id=17)
    assert repository_for(github).origin("17") == Origin(
        repository=REPOSITORY,
        branch="v1",
        head_sha=SHA,
        workflow="tests.yml",
        event="push",
        status="queued",
        page=f"{github.url}/{REPOSITORY}/actions/runs/17",
    )


def test_unreadable_workflow_run_has_no_state(github: GithubServer) -> None:
    github.fault(Fault(path="/actions/runs/17$", how="answer", status=403, body={"message": "Resource not accessible"}))
    origin = repository_for(github).origin("17")
    assert origin is not None
    assert (origin.repository, origin.status, origin.is_over) == ("", "", False)


def test_deleted_fork_is_not_mistaken_for_the_repository(github: GithubServer) -> None:
    github.world.start_workflow_run("tests.yml", ref="main", sha=SHA, run_id=17)["head_repository"] = None
    origin = repository_for(github).origin("17")
    assert origin is not None
    assert origin.repository == ""


def test_fields_of_another_type_are_missing(github: GithubServer) -> None:
    names = {"repository": {"full_name": REPOSITORY}, "head_repository": REPOSITORY}
    body = {**names, "id": 17, "path": 1, "head_branch": {}, "head_sha": [SHA], "run_attempt": "2", "status": True}
    github.fault(Fault(path="/runs/17$", how="answer", body=body))
    assert repository_for(github).origin("17") == Origin(repository="", branch="", head_sha="", workflow="")


def test_list_without_workflow_runs_is_not_githubs(github: GithubServer) -> None:
    github.fault(Fault(path="/runs$", how="answer", body={"total_count": 0}))
    with pytest.raises(RefusedError) as raised:
        repository_for(github).dispatched_runs("tests.yml", since=0.0)
    assert raised.value.error_kind is ErrorKind.NOT_API
    assert "`workflow_runs`" in str(raised.value)


def test_deleted_workflow_run_has_no_origin(github: GithubServer) -> None:
    assert repository_for(github).origin("17") is None


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
def test_run_is_created_once_although_response_is_lost(github: GithubServer, fault: Fault) -> None:
    github.fault(replace(fault, method="POST", path="/check-runs$", nth=[1]))
    run = replace(check_run(), status=Status.QUEUED)
    published = repository_for(github).create(run)
    assert [str(one["id"]) for one in github.runs] == [published.id]


def test_own_runs_of_all_pages_are_listed_latest_last(github: GithubServer) -> None:
    repository = repository_for(github)
    repository.create(check_run())
    for number in range(150):
        github.world.copy_run(github.runs[0], name=f"n{number % 2}")
    assert len(repository.runs(SHA)) == 151
    ids = [int(run.id) for run in repository.runs(SHA)]
    assert ids == sorted(ids)
    assert len(repository.runs(SHA, name="n1")) == 75
    assert {run.name for run in repository.runs(SHA, only_latest=True)} == {"pytest (unit)", "n0", "n1"}
    assert repository.runs("b" * 40) == ()


def test_only_uncompleted_runs_are_incomplete(github: GithubServer) -> None:
    repository = repository_for(github)
    for name, conclusion in [("runs", None), ("done", Conclusion.SUCCESS)]:
        repository.create(check_run(name=name, run_id=f"1{len(name)}", conclusion=conclusion))
    repository.create(replace(check_run(name="waits", run_id="19"), status=Status.QUEUED))
    assert sorted(run.name for run in repository.incomplete_runs(SHA)) == ["runs", "waits"]


@pytest.mark.parametrize("status", [None, 400, 422])
def test_dispatch_works_with_and_without_run_details(github: GithubServer, status: int | None) -> None:
    if status:
        github.world.knows_run_details, github.world.unknown_key_status = False, status
    result = repository_for(github).dispatch("tests.yml", "main", "{}")
    (dispatch,) = github.world.dispatches
    assert result.run_id == ("" if status else str(dispatch.run_id))
    assert (result == Dispatched()) is bool(status)


@pytest.mark.parametrize("status", [500, 502])
def test_server_error_is_not_a_refused_dispatch(github: GithubServer, status: int) -> None:
    github.fault(Fault(path="/dispatches$", how="answer", status=status))
    with pytest.raises(RefusedError) as raised:
        repository_for(github, seconds=0.0).dispatch("tests.yml", "main", "{}")
    assert raised.value.may_have_been_applied


def test_permanent_dispatch_refusal_has_its_remedy(github: GithubServer) -> None:
    with pytest.raises(NotDispatchedError, match="The branch or tag `gone` no longer exists"):
        repository_for(github).dispatch("tests.yml", "gone", "{}")
