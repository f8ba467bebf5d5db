"""Reading the check runs of earlier commits: requests, permissions, trust; against a real HTTP server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from checks.adapters.github.client import READ_PERMISSIONS, GithubApi
from checks.adapters.github.past_runs import GithubPastRuns
from checks.adapters.github.reading import COMPARE_PERMISSIONS
from checks.core.github.external_id import compose
from checks.core.history import record_line, record_text
from checks.core.history.base_runs import BaseUnavailableError
from checks.core.history.past_runs import Check, LookBack
from checks.core.model.identity import RunKind
from checks.core.model.settings import Credentials
from tests.support.github.job_client import JobClient, app, check_run, token
from tests.support.github.server import REPOSITORY, Fault, GithubServer
from tests.support.github.world import App
from tests.support.records import large_record
from tests.support.rules import rule

OWN = check_run(name="pytest (unit)")
CHECK = Check.of_run(OWN)
RECORD = large_record(20, failures=3)
COMPLETE = replace(OWN.identity, kind=RunKind.COMPLETE, counts=RECORD.counts)
MISSING = "the permission Contents: read is missing"


def sha(number: int) -> str:
    """Return the id of a commit of main; the newest is 0."""
    return f"{number:040x}"


def history(github: GithubServer, commits: int, merged: int = 0) -> None:
    """Let main have so many commits, each of which merges a branch with so many."""
    world = github.world
    world.branches["main"] = sha(0)
    for number in range(commits):
        side = [f"{number:x}b{index:x}".rjust(40, "f") for index in range(merged)]
        parent = [sha(number + 1)] if number + 1 < commits else []
        world.parents[sha(number)] = [*parent, *side[:1]]
        world.parents |= {commit: [*side[index + 1 : index + 2], *parent][:1] for index, commit in enumerate(side)}
    github.installation.permissions["contents"] = "read"


class Publisher:
    """Adds completed check runs with records, of an App or of the job's token."""

    def __init__(self, github: GithubServer, credentials: Credentials | None = None) -> None:
        self._world = github.world
        created = JobClient(github, credentials).checks.create(check_run(name=OWN.name)).id
        self._template = self._world.runs.pop(int(created))
        github.requests.clear()

    def __call__(self, commit: str, **changes: Any) -> None:
        text = record_line.join("text", record_text.render(RECORD))
        run = {"head_sha": commit, "external_id": compose(COMPLETE), "status": "completed", "conclusion": "failure"}
        self._world.copy_run(self._template, **{**run, "output": {"title": "", "summary": "", "text": text}, **changes})


class Reader:
    """A `GithubPastRuns` with its log."""

    def __init__(self, github: GithubServer, credentials: Credentials | None = None, *, api_url: str = "") -> None:
        self.log = list[str]()
        policy = replace(JobClient(github).api.retry_policy, budget_seconds=10, answer_seconds=3, hurried_seconds=3)
        api = GithubApi(
            credentials or app(github),
            repository=REPOSITORY,
            api_url=api_url or github.url,
            retry_policy=policy,
            permissions=READ_PERMISSIONS,
        )
        self.past_runs = GithubPastRuns(api, self.log.append)

    def look_back(self, start: str = sha(0)) -> LookBack:
        return self.past_runs.look_back(start, CHECK)

    def reason(self) -> str:
        with pytest.raises(BaseUnavailableError) as caught:
            self.look_back()
        return str(caught.value)


def commits_with_runs(look_back: LookBack) -> dict[str, int]:
    return {commit.commit: len(commit.runs) for commit in look_back.commits if commit.runs}


def paths(github: GithubServer) -> Sequence[str]:
    return [request.path for request in github.requests]


@rule("Since when: permissions and requests")
@pytest.mark.parametrize("is_enterprise", [False, True])
def test_fifty_commits_take_at_most_ten_requests(github: GithubServer, is_enterprise: bool) -> None:
    history(github, 60)
    add = Publisher(github)
    for number in range(60):
        add(sha(number))
    reader = Reader(github, api_url=github.enterprise_url if is_enterprise else github.url)
    look_back = reader.look_back()
    assert commits_with_runs(look_back) == {sha(number): 1 for number in range(50)}
    assert next(look_back.newest_runs()).record == RECORD
    assert len(github.requests) <= 10
    assert paths(github).count("/graphql") == 6
    assert [request.body["permissions"] for request in github.tokens_granted] == [COMPARE_PERMISSIONS]
    assert reader.log == []


def test_merged_branches_are_passed_over(github: GithubServer) -> None:
    history(github, 60, merged=4)
    add = Publisher(github)
    add(sha(0))
    add(sha(45))
    add(next(commit for commit in github.world.parents if commit.startswith("f")))
    look_back = Reader(github).look_back("refs/heads/main")
    assert [commit.commit for commit in look_back.commits] == [sha(number) for number in range(50)]
    assert commits_with_runs(look_back) == {sha(0): 1, sha(45): 1}
    assert len(github.requests) <= 10


def test_runs_of_a_commit_are_in_order_and_the_newest_ones_come_first(github: GithubServer) -> None:
    history(github, 50)
    add = Publisher(github)
    for number in range(50):
        for hour in (3, 0, 2, 1):
            rerun = replace(COMPLETE, earlier="7" if hour else "")
            add(sha(number), started_at=f"2026-01-01T0{hour}:00:00Z", external_id=compose(rerun))
    look_back = Reader(github).look_back()
    assert len(github.requests) <= 10
    assert {*commits_with_runs(look_back)} == {sha(number) for number in range(50)}
    assert commits_with_runs(look_back)[sha(0)] == 2
    starts = [run.run.started_at for run in look_back.commits[0].runs]
    assert starts == sorted(starts)
    assert all(run.is_rerun for run in look_back.newest_runs())


@rule("Since when: a check run is not believed")
@rule("Flaky: the check runs of a fork, and partial records")
@pytest.mark.parametrize(
    "changes",
    [
        {"external_id": compose(replace(COMPLETE, kind=RunKind.FORK))},
        {"external_id": compose(replace(COMPLETE, kind=RunKind.TESTS))},
        {"external_id": compose(replace(COMPLETE, kind=RunKind.REPUBLISHED))},
        {"external_id": compose(replace(COMPLETE, tested="d" * 40))},
        {"external_id": compose(replace(COMPLETE, workflow="other.yml"))},
        {"external_id": compose(replace(COMPLETE, category="other"))},
        {"external_id": compose(replace(COMPLETE, counts=replace(RECORD.counts, failed=2)))},
        {"external_id": "another action's"},
        {"name": "pytest (other)"},
        {"status": "in_progress", "conclusion": None},
        {"output": {"title": "", "summary": "", "text": "no record"}},
        {"output": {"title": "", "summary": "", "text": record_text.render(replace(RECORD, is_partial=True))}},
        {"output": {"title": "", "summary": "", "text": f"{record_text.render(RECORD)}\nmore"}},
    ],
    ids=str,
)
@pytest.mark.parametrize("with_rest", [False, True])
def test_other_check_runs_are_no_evidence(github: GithubServer, changes: dict[str, Any], with_rest: bool) -> None:
    history(github, 2)
    if with_rest:
        github.fault(Fault(path="graphql", how="answer", status=403))
    Publisher(github)(sha(0), **changes)
    assert commits_with_runs(Reader(github).look_back()) == {}


@rule("Since when: a check run is not believed")
def test_another_apps_check_run_is_no_evidence(github: GithubServer) -> None:
    history(github, 1)
    other = App(id=4712, client_id="Iv23liOther", slug="other", key_name="another's")
    github.world.install(other, REPOSITORY)
    Publisher(github, Credentials(app_id="4712", private_key=other.private_key))(sha(0))
    assert commits_with_runs(Reader(github).look_back()) == {}
    Publisher(github)(sha(0))
    assert commits_with_runs(Reader(github).look_back()) == {sha(0): 1}


def test_github_token_looks_back_without_further_requests(github: GithubServer) -> None:
    history(github, 2)
    credentials = token(github.world.actions_token(REPOSITORY))
    Publisher(github, credentials)(sha(1))
    assert commits_with_runs(Reader(github, credentials).look_back()) == {sha(1): 1}
    assert paths(github) == ["/graphql", "/graphql"]


@rule("Since when: GraphQL is refused")
@pytest.mark.parametrize(
    "fault",
    [
        Fault(path="graphql", how="answer", status=403),
        Fault(path="graphql", how="answer", status=404),
        Fault(path="graphql", how="answer", body={"errors": [{"message": "Field 'history' doesn't exist"}]}),
        Fault(path="graphql", how="answer", body={"errors": [{"type": "FORBIDDEN", "message": "no"}]}),
    ],
)
def test_rest_reads_the_newest_commits_within_ten_requests(github: GithubServer, fault: Fault) -> None:
    history(github, 60, merged=1)
    add = Publisher(github)
    for number in range(60):
        add(sha(number))
    github.fault(fault)
    reader = Reader(github)
    look_back = reader.look_back("refs/heads/main")
    assert commits_with_runs(look_back) == {sha(number): 1 for number in range(5)}
    assert len(look_back.commits) == 50
    assert len(github.requests) <= 10
    assert reader.log == []


@rule("Since when: a permission is missing")
@pytest.mark.parametrize("credentials", ["app", "token"])
def test_missing_permission_is_one_line_of_the_log(github: GithubServer, credentials: str) -> None:
    history(github, 3)
    del github.installation.permissions["contents"]
    value = github.world.actions_token(REPOSITORY, contents="none")
    reader = Reader(github, app(github) if credentials == "app" else token(value))
    assert reader.reason() == MISSING
    assert reader.log == [f"Earlier commits are not looked at: {MISSING}."]


@rule("Since when: GitHub is slow or refuses")
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(path="graphql", how="answer", status=502), "GitHub did not answer within 10 s"),
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
def test_outage_and_rate_limit_are_a_reason(github: GithubServer, fault: Fault, reason: str) -> None:
    history(github, 3)
    github.fault(fault)
    reader = Reader(github)
    assert (reader.reason(), reader.log) == (reason, [])
    assert not [path for path in paths(github) if path.startswith("/repos/") and path.endswith("/commits")]


def test_texts_that_have_arrived_are_used(github: GithubServer) -> None:
    history(github, 30)
    add = Publisher(github)
    for number in range(30):
        add(sha(number))
    github.fault(Fault(path="graphql", how="answer", status=403, headers={"Retry-After": "60"}, nth=[3]))
    assert commits_with_runs(Reader(github).look_back()) == {sha(number): 1 for number in range(10)}


def test_unknown_commit_has_no_history(github: GithubServer) -> None:
    history(github, 1)
    assert Reader(github).look_back("e" * 40) == LookBack()
