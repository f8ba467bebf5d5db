"""The comment of a pull request, through the whole action."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checks.core.comment.decide import MARKER
from tests.support.github.comments import add_comment
from tests.support.github.server import REPOSITORY, Fault, GithubServer
from tests.support.json_reports import PASSED
from tests.support.rules import rule
from tests.support.runner.jobs import KILLS_US, Job, JobOf, StepResult

PASSES = {"test_a.py": "def test_a(): pass\n", "report.json": json.dumps(PASSED)}
FAILS = {"test_a.py": "def test_a():\n    assert {} == {'price': 3}, '@octocat, see #12'\n"}
NUMBER = 12


@pytest.fixture(autouse=True)
def granted(github: GithubServer) -> None:
    github.installation.permissions["pull_requests"] = "write"


def as_pull_request(job: Job, *, fork: bool = False, event: str = "pull_request") -> Job:
    """Make the job one of the pull request, whose head it checks out."""
    head = {"sha": job.sha, "ref": "topic", "repo": {"full_name": "mallory/demo" if fork else REPOSITORY}}
    job.event = {"pull_request": {"number": NUMBER, "head": head, "base": {"ref": "main"}}}
    job.env |= {"GITHUB_EVENT_NAME": event}
    job.github.world.pull_heads[NUMBER] = job.sha
    return job


@pytest.fixture
def pull_request_job(job_of: JobOf) -> Callable[..., Job]:
    return lambda files=PASSES: as_pull_request(job_of(files))


def publish(job: Job, **inputs: str) -> StepResult:
    """Report the passed tests of `PASSES` without pytest, which a comment does not need."""
    return job.run("publish", report="report.json", **inputs)


def comments(github: GithubServer) -> list[dict[str, Any]]:
    return list(github.world.comments.values())


def only(github: GithubServer) -> str:
    (comment,) = comments(github)
    body: str = comment["body"]
    return body


def comment_lines(result: StepResult) -> list[str]:
    """Return the lines of the log about the comment."""
    return [line for line in result.log.splitlines() if line.startswith("::warning::") and "comment" in line]


@rule("Comment: failures, and a check fails")
def test_first_failure_creates_the_comment_after_the_verdict(
    pull_request_job: Callable[..., Job], github: GithubServer
) -> None:
    result = pull_request_job(FAILS).run(category="unit", comment="failures")
    assert (result.exit_status, github.run["conclusion"], comment_lines(result)) == (1, "failure", [])
    (comment,) = comments(github)
    assert comment["user"]["login"] == "pytest-checks[bot]"
    body = comment["body"]
    assert body.startswith(f"### 1 of 1 check failed\n\nCommit <code>{github.run['head_sha'][:7]}</code>.")
    assert f'<a href="{github.run["html_url"]}"><code>pytest (unit)</code></a></td><td>failure: 1 failed in ' in body
    assert "<td><code>AssertionError: @octocat, see #12</code></td><td><code>test_a.py::test_a</code></td>" in body
    assert body.endswith(MARKER)
    verdict, last = github.writes[-2:]
    assert (verdict.body["conclusion"], last.path) == ("failure", f"/repos/{REPOSITORY}/issues/{NUMBER}/comments")


@rule("Comment: failures, and all checks pass later")
def test_comment_is_edited_when_all_pass(pull_request_job: Callable[..., Job], github: GithubServer) -> None:
    job = pull_request_job(FAILS)
    job.run(comment="failures")
    first = comments(github)[0]["id"]
    (job.checkout / "test_a.py").write_text("def test_a(): pass\n")
    job.commit("Fix")
    as_pull_request(job).run(comment="failures")
    assert [comment["id"] for comment in comments(github)] == [first]
    assert only(github).startswith(f"### All checks passed\n\nCommit <code>{job.sha[:7]}</code>.")


def test_nothing_is_written_while_no_check_fails(pull_request_job: Callable[..., Job], github: GithubServer) -> None:
    assert comment_lines(pull_request_job().run(comment="failures")) == []
    assert comments(github) == []


@rule("Comment: always")
def test_each_job_edits_the_comment_once(pull_request_job: Callable[..., Job], github: GithubServer) -> None:
    job = pull_request_job()
    for category in ("unit", "docs"):
        publish(job, category=category, comment="always")
    assert "pytest (docs)" in only(github)
    assert "pytest (unit)" in only(github)
    assert [write.method for write in github.writes if "/comments" in write.path] == ["POST", "PATCH"]


@rule("Comment: the pull request has another head by then")
def test_commit_that_is_no_longer_the_head_gets_no_comment(
    pull_request_job: Callable[..., Job], github: GithubServer
) -> None:
    job = pull_request_job()
    github.world.pull_heads[NUMBER] = "d" * 40
    assert comment_lines(publish(job, comment="always")) == []
    assert comments(github) == []


@rule("Impersonating the action: a person's comment that ends as the action's does, a comment of another App's bot")
def test_comments_of_others_are_left_alone(pull_request_job: Callable[..., Job], github: GithubServer) -> None:
    through_our_app = {"performed_via_github_app": github.app.as_json}
    other_app = {"performed_via_github_app": github.app.as_json | {"id": 9, "client_id": "Iv23liOther"}}
    world, forged = github.world, f"### All checks passed\n\n{MARKER}"
    before = [
        add_comment(world, NUMBER, forged, login="mallory"),
        add_comment(world, NUMBER, forged, login="mallory", **through_our_app),
        add_comment(world, NUMBER, forged, login="other[bot]", **other_app),
        add_comment(world, NUMBER, forged, login="dependabot[bot]"),
        add_comment(world, NUMBER, "Re-run started.", login="pytest-checks[bot]", **through_our_app),
    ]
    texts = [comment["body"] for comment in before]
    publish(pull_request_job(), comment="always", compare="none")
    assert [comment["body"] for comment in comments(github)][:5] == texts
    assert len(comments(github)) == 6


def test_comment_among_hundreds_is_found(pull_request_job: Callable[..., Job], github: GithubServer) -> None:
    job = pull_request_job()
    for number in range(205):
        add_comment(github.world, NUMBER, f"{number}", login="octocat")
    publish(job, category="unit", comment="always")
    publish(job, category="docs", comment="always")
    assert len(comments(github)) == 206


def _revoke(github: GithubServer) -> None:
    del github.installation.permissions["pull_requests"]


def _forbid(github: GithubServer) -> None:
    body = {"message": "Resource not accessible by integration"}
    github.fault(Fault(path="/comments", method="POST", how="answer", status=403, body=body))


def _lock(github: GithubServer) -> None:
    github.world.locked.add(NUMBER)


def _reject(github: GithubServer) -> None:
    github.fault(Fault(path="/comments", how="answer", status=422, body={"message": "Validation Failed"}))


@rule("Comment: GitHub refuses it: no permission, a locked conversation")
@pytest.mark.parametrize(
    ("prepare", "line"),
    [
        pytest.param(_revoke, "The App cannot write comments on pull request 12 of octo/demo (422: ", id="422"),
        pytest.param(
            _forbid,
            "The App cannot write comments on pull request 12 of octo/demo (403: ",
            id="403",
            marks=pytest.mark.slow,
        ),
        pytest.param(_lock, "The conversation of pull request 12 of octo/demo is locked (403: ", id="locked"),
        pytest.param(
            _reject,
            "The comment on pull request 12 of octo/demo could not be written (422: ",
            id="rejected",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_refusal_costs_one_line_of_the_log(
    pull_request_job: Callable[..., Job], github: GithubServer, prepare: Callable[[GithubServer], None], line: str
) -> None:
    prepare(github)
    result = publish(pull_request_job(), comment="always")
    assert (result.exit_status, result.outputs["conclusion"], github.run["conclusion"]) == (0, "success", "success")
    (logged,) = comment_lines(result)
    assert logged.startswith(f"::warning::{line}")
    assert comments(github) == []


@rule("Comment: no pull request: a push, a merge queue, a schedule; no commit: issue_comment without head-sha")
@pytest.mark.parametrize(
    "event", ["push", *(pytest.param(name, marks=pytest.mark.slow) for name in ("merge_group", "issue_comment"))]
)
def test_event_without_a_pull_request_asks_for_no_token(job_of: JobOf, github: GithubServer, event: str) -> None:
    job = job_of(PASSES, env={"GITHUB_EVENT_NAME": event})
    job.event = {"merge_group": {"head_sha": job.sha}, "issue": {"pull_request": {"url": ""}, "number": NUMBER}}
    assert comment_lines(publish(job, comment="always")) == []
    assert all("pull_requests" not in token.body["permissions"] for token in github.tokens_granted)
    assert not any("/issues/" in request.path for request in github.requests)


def test_tokens_are_for_checks_and_for_the_comment(pull_request_job: Callable[..., Job], github: GithubServer) -> None:
    publish(pull_request_job(), comment="always", compare="none")
    assert [token.body["permissions"] for token in github.tokens_granted] == [
        {"checks": "write", "metadata": "read"},
        {"checks": "read", "metadata": "read", "pull_requests": "write"},
    ]


@rule("Comment: a fork's pull request, without the App's key")
def test_read_only_token_of_a_fork_writes_nothing(job_of: JobOf, github: GithubServer) -> None:
    job = as_pull_request(job_of(PASSES), fork=True)
    token = github.world.actions_token(REPOSITORY, checks="read", pull_requests="read")
    result = publish(job, comment="always", app_id="", private_key="", github_token=token)
    assert result.exit_status == 0
    (line,) = comment_lines(result)
    assert "Pull request 12 gets no comment from this job, because the job has no check run on GitHub" in line
    assert comments(github) == []


@rule("Comment: github-token")
def test_token_of_the_job_writes_as_github_actions(job_of: JobOf, github: GithubServer) -> None:
    token = github.world.actions_token(REPOSITORY, pull_requests="write")
    job = as_pull_request(job_of(PASSES))
    for category in ("unit", "docs"):
        publish(job, category=category, comment="always", app_id="", private_key="", github_token=token)
    (comment,) = comments(github)
    assert comment["user"]["login"] == "github-actions[bot]"
    assert "pytest (docs)" in comment["body"]


def test_token_never_writes_about_a_check_of_the_app(
    pull_request_job: Callable[..., Job], github: GithubServer
) -> None:
    del github.installation.permissions["pull_requests"]
    token = github.world.actions_token(REPOSITORY, pull_requests="write")
    result = publish(pull_request_job(), comment="always", github_token=token)
    assert "The App cannot write comments" in comment_lines(result)[0]
    assert comments(github) == []


def test_comment_of_an_author_that_cannot_be_found_again_is_removed(job_of: JobOf, github: GithubServer) -> None:
    permissions = {"checks": "write", "pull_requests": "write", "metadata": "read"}
    token = github.world.grant(github.app, {REPOSITORY}, permissions, github.installation).value
    result = publish(as_pull_request(job_of(PASSES)), comment="always", app_id="", private_key="", github_token=token)
    assert "its author has to be github-actions[bot]" in comment_lines(result)[0]
    assert (result.exit_status, comments(github)) == (0, [])


@rule("Comment: the step is killed")
def test_post_step_writes_the_comment_of_a_killed_step(
    pull_request_job: Callable[..., Job], github: GithubServer
) -> None:
    job = pull_request_job({"test_a.py": KILLS_US})
    job.run(category="unit", comment="failures")
    assert comments(github) == []
    assert job.run("finish", category="unit", comment="failures", job_status="failure").exit_status == 0
    assert "failure: " in only(github)
    assert "killed" in only(github)


def test_invalid_input_is_a_failure_in_the_comment(pull_request_job: Callable[..., Job], github: GithubServer) -> None:
    assert pull_request_job().run(category="unit", comment="failures", workers="many").exit_status == 2
    assert "action required: 1 invalid input" in only(github)


def test_published_results_have_a_comment(pull_request_job: Callable[..., Job], github: GithubServer) -> None:
    job = pull_request_job()
    report = job.run(category="first").outputs["report"]
    (Path(job.workspace) / "copy.json").write_bytes((Path(job.workspace) / report).read_bytes())
    job.run(program="publish", report="copy.json", category="unit", comment="always")
    assert "pytest (unit)" in only(github)


def test_outputs_do_not_wait_for_the_comment(pull_request_job: Callable[..., Job], github: GithubServer) -> None:
    job = pull_request_job()
    seen: list[tuple[str, str]] = []

    def look() -> None:
        seen.append((job.records("output")["conclusion"], github.run["conclusion"]))

    github.fault(Fault(path="/issues/", how="none", before=look))
    publish(job, comment="always")
    assert {*seen} == {("success", "success")}
    assert len(comments(github)) == 1
