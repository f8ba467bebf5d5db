"""Repositories that are renamed or transferred: requests follow, and no other host gets the credentials."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.adapters.github.retrying import ApiResponse, RefusedError, Request
from checks.core.github.error_kind import ErrorKind
from checks.core.model.check_run import Conclusion
from tests.support.github.job_client import SHA, JobClient, app, check_run, remarks, token
from tests.support.github.server import REPOSITORY, Fault, GithubServer
from tests.support.github.world import App
from tests.support.rules import rule

NEW = "octo/renamed"
OLD_PATH = f"/repos/{REPOSITORY}"
QUERY = {"filter": "all", "check_name": "pytest"}
LIST = Request(method="GET", path=f"{OLD_PATH}/commits/{SHA}/check-runs", query=QUERY)


def ask(client: JobClient, request: Request = LIST) -> ApiResponse:
    return client.api.ask(request, until=client.api.retry_policy.until())


def old_paths(github: GithubServer) -> list[str]:
    """Return the methods of the requests that used the former name."""
    return [request.method for request in github.requests if request.path.startswith(OLD_PATH)]


@pytest.mark.parametrize("status", [307, 308])
@rule("GitHub's side: the repository is renamed or transferred")
def test_run_continues_when_repository_is_renamed(github: GithubServer, status: int) -> None:
    github.world.write_redirect_status = status
    client, run = JobClient(github), check_run()
    published = client.checks.create(run)
    github.world.rename(REPOSITORY, NEW)
    before = len(old_paths(github))
    client.checks.update(published, run, remarks(2))
    client.checks.update(published, check_run(conclusion=Conclusion.FAILURE), remarks(1, first=3))
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "failure")
    assert [annotation["title"] for annotation in github.annotations()] == ["test_1", "test_2", "test_3"]
    assert old_paths(github)[before:] == ["PATCH"]
    assert client.waits.seconds == []


def test_run_begins_after_repository_was_renamed(github: GithubServer) -> None:
    github.world.rename(REPOSITORY, NEW)
    client = JobClient(github)
    published = client.checks.create(check_run())
    client.checks.update(published, check_run(conclusion=Conclusion.SUCCESS), ())
    assert github.run["conclusion"] == "success"
    assert f"/repos/{NEW}/" in github.run["url"]
    assert old_paths(github) == ["GET", "GET"]  # to look up the installation, and the request that needed the token


@pytest.mark.parametrize("is_private", [False, True])
def test_run_continues_when_repository_is_transferred(github: GithubServer, *, is_private: bool) -> None:
    github.world.hides_moved = is_private
    client, run = JobClient(github), check_run()
    published = client.checks.create(run)
    other = github.world.install(github.app, "other/existing")
    github.world.rename(REPOSITORY, "other/demo", to=other)
    client.checks.update(published, check_run(conclusion=Conclusion.FAILURE), remarks(1))
    assert github.run["conclusion"] == "failure"
    assert github.tokens_granted[-1].path == f"/app/installations/{other.id}/access_tokens"


def test_missing_thing_is_looked_for_once_more_at_most(github: GithubServer) -> None:
    client = JobClient(github)
    ask(client)
    with pytest.raises(RefusedError):
        ask(client, Request(method="GET", path=f"{OLD_PATH}/check-runs/1"))
    assert [request.path.rpartition("/")[2] for request in github.requests[3:]] == ["1", "installation"]


def test_given_installation_works_after_a_rename(github: GithubServer) -> None:
    credentials = replace(app(github), installation_id=github.installation.id)
    github.world.rename(REPOSITORY, NEW)
    JobClient(github, credentials).checks.create(check_run())
    assert len(github.runs) == 1


def test_installation_of_another_app_is_replaced(github: GithubServer) -> None:
    other = github.world.install(App(id=4712, client_id="Iv23liAnother", slug="another"), REPOSITORY)
    JobClient(github, replace(app(github), installation_id=other.id)).checks.create(check_run())
    assert github.run["app"]["id"] == github.app.id


def test_job_token_follows_a_rename(github: GithubServer) -> None:
    client = JobClient(github, token(github.world.actions_token(REPOSITORY)))
    github.world.rename(REPOSITORY, NEW)
    client.checks.create(check_run())
    assert len(github.runs) == 1


def test_redirected_request_keeps_its_query(github: GithubServer) -> None:
    client = JobClient(github)
    github.world.rename(REPOSITORY, NEW)
    ask(client)
    assert [request.query for request in github.requests if request.path.endswith("/check-runs")] == [QUERY] * 2


def test_token_is_limited_to_the_renamed_repository(github: GithubServer) -> None:
    github.installation.repositories.add("octo/other")
    github.world.rename(REPOSITORY, NEW)
    ask(JobClient(github))
    (granted,) = github.tokens_granted
    assert granted.body["repository_ids"] == [github.world.repository_id(NEW)]
    assert "repositories" not in granted.body


@rule("GitHub's side: a redirect to another host")
@pytest.mark.parametrize("path", ["/installation$", "/access_tokens$", "/commits/"])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirect_to_other_host_gets_no_credentials(github: GithubServer, path: str, status: int) -> None:
    with GithubServer() as elsewhere:
        headers = {"Location": f"{elsewhere.url}/repositories/7?key=secret"}
        github.fault(Fault(path=path, how="answer", status=status, headers=headers))
        client = JobClient(github, budget_seconds=0.0)
        with pytest.raises(RefusedError, match="is not GitHub's API") as caught:
            ask(client)
        assert elsewhere.requests == []
    assert caught.value.error_kind is ErrorKind.NOT_API
    assert f": redirect to {elsewhere.url}/repositories/7)" in str(caught.value)


def test_redirects_in_a_circle_end(github: GithubServer) -> None:
    github.fault(Fault(path="/commits/", how="answer", status=307, headers={"Location": f"{github.url}{LIST.path}"}))
    with pytest.raises(RefusedError, match="is not GitHub's API"):
        ask(JobClient(github, budget_seconds=0.0))
    assert len([request for request in github.requests if "/commits/" in request.path]) == 4
