"""Reading what earlier commits have of a manual check: requests, permissions, time; against a real HTTP server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from checks.adapters.github.client import READ_PERMISSIONS, GithubApi
from checks.adapters.github.earlier_runs import SECONDS, GithubEarlierRuns
from checks.adapters.github.reading import COMPARE_PERMISSIONS
from checks.core.github import payload
from checks.core.history.base_runs import BaseUnavailableError
from checks.core.manual.earlier_runs import Commit
from checks.core.manual.runs import ManualCheck, manual_run
from checks.core.model.identity import Identity
from checks.core.model.manual import ManualRecord
from tests.support.github.job_client import JobClient, app, check_run
from tests.support.github.server import REPOSITORY, Fault, GithubServer
from tests.support.github.world import App
from tests.support.rerun.edges import create_check_run
from tests.support.rules import rule

NAME = "pytest (device)"
MAIN, TOPIC = [f"a{number:039x}" for number in range(3)], [f"b{number:039x}" for number in range(140)]
LATE = "GitHub did not answer within 3 s"


class Reader:
    """A `GithubEarlierRuns` with its log and the clock of its retries."""

    def __init__(self, github: GithubServer) -> None:
        client = JobClient(github)
        self.clock, self.log = client.clock, list[str]()
        hurried = replace(client.api.retry_policy, budget_seconds=SECONDS, answer_seconds=SECONDS)
        self.api = GithubApi(
            app(github), repository=REPOSITORY, api_url=github.url, retry_policy=hurried, permissions=READ_PERMISSIONS
        )
        self.runs = GithubEarlierRuns(self.api, self.log.append, lambda: False)

    def newest_of(self, *commits: str) -> list[str]:
        """Return the instructions of the newest runs; each commit's differ."""
        nodes = [Commit(sha=commit, node_id=f"C_{commit}") for commit in commits]
        return [run.output.text for run in self.runs.newest_of(nodes, NAME)]

    def reason(self, ask: Callable[[], object]) -> str:
        with pytest.raises(BaseUnavailableError) as caught:
            ask()
        return str(caught.value)


@pytest.fixture
def server(github: GithubServer) -> GithubServer:
    """`topic` branched off `main` at its second commit."""
    github.installation.permissions |= {"contents": "read", "pull_requests": "read"}
    github.world.branches = {"main": MAIN[-1], "topic": TOPIC[-1]}
    line = {after: [before] for before, after in (*pairwise(MAIN), *pairwise(TOPIC))}
    github.world.parents = {MAIN[0]: [], TOPIC[0]: [MAIN[1]], **line}
    return github


def create(github: GithubServer, commit: str, text: str, *, name: str = NAME, by: App | None = None) -> None:
    """Create the run of a manual check as an App."""
    check = ManualCheck(
        name=name,
        head_sha=commit,
        identity=Identity(workflow="manual.yml", run_id="17", job="manual", category="device"),
        instructions=text,
        record=ManualRecord(instructions="9f3c52d1a0b4"),
    )
    started_at = github.now() + len(github.runs)
    installation = github.installation if by is None else github.world.install(by, REPOSITORY)
    token = github.world.grant(by or github.app, {REPOSITORY}, {"checks": "write"}, installation)
    create_check_run(github, payload.create(manual_run(check, started_at)), token.value)


def asked(github: GithubServer) -> list[str]:
    """Return the last words of the requests' paths, without those of logins."""
    names = [request.path.rpartition("/")[2] for request in github.requests]
    return [name for name in names if name not in ("installation", "access_tokens")]


def test_commits_are_nearest_first_and_end_where_they_branched_off(server: GithubServer) -> None:
    found = [commit.sha for commit in Reader(server).runs.commits("main", TOPIC[2])]
    assert found == [TOPIC[1], TOPIC[0], MAIN[1]]
    assert [request.body["permissions"] for request in server.tokens_granted] == [COMPARE_PERMISSIONS]


def test_branch_without_commits_of_its_own_has_no_earlier_ones(server: GithubServer) -> None:
    assert [commit.sha for commit in Reader(server).runs.commits("main", MAIN[1])] == []


def test_newest_manual_run_of_each_commit_in_two_requests(server: GithubServer) -> None:
    create(server, TOPIC[0], "old")
    create(server, TOPIC[0], "new")
    create(server, TOPIC[0], "of another check", name="pytest (page)")
    create(server, TOPIC[0], "of another App", by=App(id=4712, client_id="Iv23liAnother", slug="another"))
    JobClient(server).checks.create(replace(check_run(name=NAME), head_sha=TOPIC[0]))
    create(server, MAIN[1], "base")
    server.requests.clear()
    assert Reader(server).newest_of(TOPIC[2], TOPIC[0], MAIN[1]) == ["new", "base"]
    assert asked(server) == ["graphql", "graphql"]


def test_texts_are_read_ten_at_a_time_and_as_far_as_needed(server: GithubServer) -> None:
    for commit in TOPIC[:12]:
        create(server, commit, commit)
    server.requests.clear()
    reader = Reader(server)
    nodes = [Commit(sha=commit, node_id=f"C_{commit}") for commit in reversed(TOPIC)]
    found = reader.runs.newest_of(nodes[-100:], NAME)
    assert next(found).head_sha == TOPIC[11]
    assert asked(server) == ["graphql"] * 2
    assert len([*found]) == 11
    assert asked(server) == ["graphql"] * 3


def test_100_nearest_commits_are_looked_at(server: GithubServer) -> None:
    create(server, TOPIC[40], "within")
    create(server, TOPIC[39], "beyond")
    assert Reader(server).newest_of(*reversed(TOPIC)) == ["within"]


def test_four_nearest_commits_are_read_where_graphql_is_refused(server: GithubServer) -> None:
    create(server, TOPIC[1], "fourth")
    create(server, TOPIC[0], "fifth")
    server.requests.clear()
    server.fault(Fault(path="/graphql", status=404, how="answer"))
    assert Reader(server).newest_of(*reversed(TOPIC[:5])) == ["fourth"]
    assert asked(server) == ["graphql", *["check-runs"] * 4]


def test_changed_files_have_their_former_names(server: GithubServer) -> None:
    server.world.changes = lambda *_: [
        {"filename": "b.py", "status": "renamed", "previous_filename": "a.py"},
        {"filename": "c.py", "status": "added"},
    ]
    changes = Reader(server).runs.changes(TOPIC[0], TOPIC[1])
    assert (changes.status, changes.files) == ("ahead", (("b.py", "a.py"), ("c.py",)))
    assert Reader(server).runs.changes(TOPIC[1], MAIN[2]).status == "diverged"


@pytest.mark.parametrize("body", [{}, {"files": None}, {"files": [{"status": "added"}]}])
def test_comparison_without_names_of_files_is_an_error(server: GithubServer, body: dict[str, object]) -> None:
    server.fault(Fault(path="/compare/", how="answer", body={"merge_base_commit": {}, "status": "ahead", **body}))
    reader = Reader(server)
    reason = reader.reason(lambda: reader.runs.changes(TOPIC[0], TOPIC[1]))
    assert reason == "GitHub does not say which files have changed"


def test_head_of_a_pull_request_needs_its_permission(server: GithubServer) -> None:
    server.world.pull_heads[7] = TOPIC[3]
    assert Reader(server).runs.head_of(7) == TOPIC[3]
    del server.installation.permissions["pull_requests"]
    assert Reader(server).reason(lambda: Reader(server).runs.head_of(7)) == (
        "the permission Pull requests: read is missing"
    )


def test_missing_permission_and_commit_are_named(server: GithubServer) -> None:
    reader = Reader(server)
    assert reader.reason(lambda: reader.runs.commits("gone", TOPIC[2])) == "GitHub does not find the commit"
    del server.installation.permissions["contents"]
    reader = Reader(server)
    assert reader.reason(lambda: reader.runs.changes(TOPIC[0], TOPIC[1])) == (
        "the permission Contents: read is missing"
    )


@rule("Carrying verdicts over: unknown, as GitHub does not answer within 3 seconds")
@pytest.mark.parametrize("path", ["/compare/", "/access_tokens", "/installation"])
def test_outage_ends_after_three_seconds(server: GithubServer, path: str) -> None:
    server.fault(Fault(path=path, status=502, how="answer"))
    reader = Reader(server)
    began = reader.clock.monotonic()
    assert reader.reason(lambda: reader.runs.commits("main", TOPIC[2])) == LATE
    assert reader.clock.monotonic() - began <= SECONDS
    server.mend()
    reader.clock.seconds = began + SECONDS
    assert reader.reason(lambda: reader.runs.changes(TOPIC[0], TOPIC[1])) == LATE
