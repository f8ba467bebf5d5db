"""Reading the base from GitHub: requests, permissions, time; against a real HTTP server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from checks.adapters.github.base_runs import GithubBaseRuns
from checks.adapters.github.client import READ_PERMISSIONS, GithubApi
from checks.adapters.github.reading import COMPARE_PERMISSIONS
from checks.core.github.external_id import compose
from checks.core.history.base_runs import BaseUnavailableError
from checks.core.model.identity import RunKind
from checks.core.model.settings import Credentials
from tests.support.github.job_client import SHA, JobClient, app, check_run, token
from tests.support.github.server import REPOSITORY, Fault, GithubServer
from tests.support.github.world import App
from tests.support.rules import rule
from tests.support.waits import HANG_SECONDS

NAME, HEAD, FORK_POINT = "pytest (unit)", "a" * 40, "b" * 40
RUNS = f"/repos/{REPOSITORY}/commits/{SHA}/check-runs"
LATE = "GitHub did not answer within 3 s"


class Reader:
    """A `GithubBaseRuns` with its log and the clock of its retries."""

    def __init__(
        self,
        github: GithubServer,
        credentials: Credentials | None = None,
        *,
        answer_seconds: int = 3,
        api_url: str = "",
    ) -> None:
        client = JobClient(github)
        self.clock, self.log, self.is_cancelled = client.clock, list[str](), False
        retry_policy = replace(
            client.api.retry_policy, budget_seconds=3, answer_seconds=answer_seconds, hurried_seconds=answer_seconds
        )
        api = GithubApi(
            credentials or app(github),
            repository=REPOSITORY,
            api_url=api_url or github.url,
            retry_policy=retry_policy,
            permissions=READ_PERMISSIONS,
        )
        self.runs = GithubBaseRuns(api, self.log.append, lambda: self.is_cancelled)

    def of_commit(self) -> list[str]:
        return [run.id for run in self.runs.of_commit(SHA, NAME)]

    def reason(self, ask: Callable[[], object] | None = None) -> str:
        with pytest.raises(BaseUnavailableError) as caught:
            (ask or self.of_commit)()
        return str(caught.value)


def create(github: GithubServer, credentials: Credentials | None = None, name: str = NAME) -> str:
    """Create a check run on the base, and forget the requests."""
    created = JobClient(github, credentials).checks.create(check_run(name=name)).id
    github.requests.clear()
    return created


def granted(github: GithubServer) -> list[dict[str, Any]]:
    return [request.body["permissions"] for request in github.tokens_granted]


@rule("The base: permissions")
def test_one_request_with_a_token_that_writes_nothing(github: GithubServer) -> None:
    created = create(github)
    assert Reader(github).of_commit() == [created]
    assert [request.path.rpartition("/")[2] for request in github.requests] == [
        "installation",
        "access_tokens",
        "check-runs",
    ]
    assert granted(github) == [{"checks": "read", "metadata": "read"}]


def test_installation_that_is_known_is_not_looked_up(github: GithubServer) -> None:
    created = create(github)
    credentials = replace(app(github), installation_id=github.installation.id)
    assert Reader(github, credentials).of_commit() == [created]
    assert [request.path.rpartition("/")[2] for request in github.requests] == ["access_tokens", "check-runs"]


def test_github_token_reads_with_one_request(github: GithubServer) -> None:
    credentials = token(github.world.actions_token(REPOSITORY))
    created = create(github, credentials)
    read_only = token(github.world.actions_token(REPOSITORY, checks="read"))
    assert Reader(github, read_only).of_commit() == [created]
    assert [request.path for request in github.requests] == [RUNS]


@rule("Posing as the base: another App's check run")
def test_check_run_of_another_app_is_not_seen(github: GithubServer) -> None:
    other = App(id=4712, client_id="Iv23liOther", slug="other", key_name="another's")
    github.world.install(other, REPOSITORY)
    create(github, Credentials(app_id="4712", private_key=other.private_key))
    created = create(github)
    assert Reader(github).of_commit() == [created]


def test_all_pages_are_read_oldest_first(github: GithubServer) -> None:
    created = create(github)
    for _ in range(150):
        github.world.copy_run(github.world.runs[int(created)])
    ids = Reader(github).of_commit()
    assert (len(ids), ids[0]) == (151, created)
    assert [request.query["page"] for request in github.reads if request.path == RUNS] == ["1", "2"]


@pytest.mark.parametrize(("status", "message"), [(404, "Not Found"), (422, f"No commit found for SHA: {SHA}")])
def test_commit_that_github_does_not_have_is_a_reason(github: GithubServer, status: int, message: str) -> None:
    github.fault(Fault(path="check-runs", how="answer", status=status, body={"message": message}))
    assert Reader(github).reason() == "GitHub does not find the commit"


@rule("The base: a permission is missing")
@pytest.mark.parametrize("credentials", ["app", "token"])
def test_missing_permission_is_logged_once_and_the_reason(github: GithubServer, credentials: str) -> None:
    github.installation.permissions.pop("checks")
    value = github.world.actions_token(REPOSITORY, checks="none")
    reader = Reader(github, app(github) if credentials == "app" else token(value))
    assert reader.reason() == "the permission Checks: read is missing"
    assert reader.log == ["Results are not compared with the base: the permission Checks: read is missing."]


def branched(github: GithubServer) -> None:
    """Let a branch leave main at a commit, and both go on."""
    github.world.parents |= {HEAD: [FORK_POINT], SHA: [FORK_POINT], FORK_POINT: []}


def test_merge_base_needs_contents_and_no_list_of_files(github: GithubServer) -> None:
    branched(github)
    github.installation.permissions["contents"] = "read"
    github.world.branches["feature/#1"] = SHA
    reader = Reader(github)
    assert reader.runs.merge_base("feature/#1", HEAD) == FORK_POINT
    assert granted(github) == [COMPARE_PERMISSIONS]
    assert github.requests[-1].query == {"per_page": "1", "page": "2"}


@rule("The base: a permission is missing")
def test_without_contents_check_runs_are_still_read(github: GithubServer) -> None:
    branched(github)
    created = create(github)
    reader = Reader(github)
    assert reader.reason(lambda: reader.runs.merge_base("main", HEAD)) == "the permission Contents: read is missing"
    assert reader.log == ["Results are not compared with the base: the permission Contents: read is missing."]
    assert granted(github) == [READ_PERMISSIONS]
    assert reader.of_commit() == [created]


def test_branch_that_does_not_exist_is_a_reason(github: GithubServer) -> None:
    branched(github)
    github.installation.permissions["contents"] = "read"
    reader = Reader(github)
    assert reader.reason(lambda: reader.runs.merge_base("gone", HEAD)) == "GitHub does not find the commit"


OWN = check_run()
COMPLETE = compose(replace(OWN.identity, kind=RunKind.COMPLETE))


def history(github: GithubServer) -> None:
    """Let the tested commit have ancestors, of which the third has results."""
    github.world.parents = {SHA: [HEAD, FORK_POINT], HEAD: ["1" * 40], "1" * 40: ["2" * 40], FORK_POINT: []}
    created = create(github)
    github.world.runs[int(created)] |= {"head_sha": "2" * 40, "external_id": COMPLETE, "status": "completed"}
    github.world.copy_run(github.world.runs[int(created)])
    github.world.copy_run(github.world.runs[int(created)], status="in_progress", external_id="")
    del github.world.runs[int(created)]


@pytest.mark.parametrize("is_enterprise", [False, True])
def test_nearest_ancestor_takes_one_request(github: GithubServer, is_enterprise: bool) -> None:
    history(github)
    github.installation.permissions["contents"] = "read"
    reader = Reader(github, api_url=github.enterprise_url if is_enterprise else github.url)
    assert reader.runs.nearest_ancestor(SHA, OWN) == "2" * 40
    assert [request.path for request in github.requests if request.kind == "installation"] == ["/graphql"]


@rule("The base: a permission is missing")
@pytest.mark.parametrize("credentials", ["app", "token"])
def test_ancestors_without_permission_are_a_line_of_the_log(github: GithubServer, credentials: str) -> None:
    history(github)
    value = github.world.actions_token(REPOSITORY, contents="none")
    reader = Reader(github, app(github) if credentials == "app" else token(value))
    reason = "the permission Contents: read is missing"
    assert reader.reason(lambda: reader.runs.nearest_ancestor(SHA, OWN)) == reason
    assert reader.log == [f"The base has no results, and its ancestors are not looked at: {reason}."]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(path="graphql", how="answer", status=502), LATE),
        (
            Fault(path="graphql", how="answer", status=403, headers={"Retry-After": "60"}),
            "GitHub's rate limit allows no more requests",
        ),
        (
            Fault(path="graphql", how="answer", body={"errors": [{"type": "RATE_LIMITED", "message": "exceeded"}]}),
            "GitHub's rate limit allows no more requests",
        ),
    ],
)
def test_ancestors_that_github_does_not_return_have_a_reason(github: GithubServer, fault: Fault, reason: str) -> None:
    history(github)
    github.installation.permissions["contents"] = "read"
    github.fault(fault)
    reader = Reader(github)
    assert reader.reason(lambda: reader.runs.nearest_ancestor(SHA, OWN)) == reason


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"repository": None}, "errors": [{"type": "NOT_FOUND", "message": "Could not resolve"}]},
        {"data": None, "errors": [{"message": "Something went wrong while executing your query."}]},
    ],
)
def test_graphql_errors_mean_that_no_ancestor_is_known(github: GithubServer, body: dict[str, Any]) -> None:
    github.fault(Fault(path="graphql", how="answer", body=body))
    assert Reader(github).runs.nearest_ancestor(SHA, OWN) == ""


def test_branch_of_the_commit_is_that_of_the_suite(github: GithubServer) -> None:
    create(github, token(github.world.actions_token(REPOSITORY)))
    assert Reader(github).runs.branch_of(SHA) == ""
    create(github)
    assert Reader(github).runs.branch_of(SHA) == "main"


def test_branch_of_the_commit_is_not_asked_with_a_token(github: GithubServer) -> None:
    credentials = token(github.world.actions_token(REPOSITORY))
    create(github, credentials)
    assert (Reader(github, credentials).runs.branch_of(SHA), github.requests) == ("", [])


def test_brief_outage_is_retried(github: GithubServer) -> None:
    created = create(github)
    github.fault(Fault(path="check-runs", how="answer", status=502, nth=[1, 2]))
    assert Reader(github).of_commit() == [created]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(path="check-runs", how="answer", status=502), LATE),
        (Fault(path="check-runs", how="html"), LATE),
        (Fault(path="check-runs", how="drop"), LATE),
        (
            Fault(path="check-runs", how="answer", status=429, headers={"Retry-After": "60"}),
            "GitHub's rate limit allows no more requests",
        ),
        (Fault(path="access_tokens", how="answer", status=401), "GitHub does not accept the credentials"),
    ],
)
def test_nothing_is_retried_after_three_seconds(github: GithubServer, fault: Fault, reason: str) -> None:
    github.fault(fault)
    reader = Reader(github)
    started_at = reader.clock.seconds
    assert reader.reason() == reason
    assert reader.clock.seconds - started_at <= 3
    assert reader.log == []


@contextmanager
def hanging(github: GithubServer, path: str) -> Iterator[None]:
    """Let requests hang until the end of the block."""
    may_go_on = threading.Event()
    github.fault(Fault(path=path, before=lambda: may_go_on.wait(HANG_SECONDS)))
    try:
        yield
    finally:
        may_go_on.set()


@pytest.mark.slow
def test_hanging_server_is_a_reason(github: GithubServer) -> None:
    with hanging(github, "check-runs"):
        reader = Reader(github, answer_seconds=1)
        assert reader.reason() == LATE


def test_no_request_is_sent_after_the_time_or_a_cancellation(github: GithubServer) -> None:
    late, cancelled = Reader(github), Reader(github)
    late.clock.seconds += 3
    cancelled.is_cancelled = True
    assert (late.reason(), cancelled.reason()) == (LATE, "the program was cancelled")
    assert github.requests == []
