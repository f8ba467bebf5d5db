"""Each event's commit, branch and pull request; the job's page; whatever may be missing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.core.inputs.context import parse_context
from checks.core.model.job import Context

HEAD, MERGE, BASE = "a" * 40, "b" * 40, "c" * 40
ENVIRON = {
    "GITHUB_REPOSITORY": "octo/repo",
    "GITHUB_SHA": MERGE,
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_ACTOR": "octocat",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_API_URL": "https://api.github.com",
    "GITHUB_WORKFLOW_REF": "octo/repo/.github/workflows/tests.yml@refs/heads/main",
    "GITHUB_RUN_ID": "30433642",
    "GITHUB_RUN_ATTEMPT": "2",
    "GITHUB_JOB": "tests",
}


def pull_request(head_repository: dict[str, str] | None) -> dict[str, Any]:
    return {
        "action": "synchronize",
        "number": 7,
        "pull_request": {
            "number": 7,
            "head": {"ref": "topic", "sha": HEAD, "repo": head_repository},
            "base": {"ref": "main", "sha": BASE, "repo": {"full_name": "octo/repo"}},
        },
    }


def workflow_run(head_repository: str, pull_requests: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "action": "completed",
        "workflow_run": {
            "head_branch": "topic",
            "head_sha": HEAD,
            "head_repository": {"full_name": head_repository},
            "pull_requests": pull_requests,
        },
    }


BASE_REPOSITORY, FORK = {"full_name": "octo/repo"}, {"full_name": "mona/repo"}
FORMER = {"full_name": "octo/former"}
PULL_REQUESTS = [{"number": 7, "head": {"ref": "topic", "sha": HEAD}, "base": {"ref": "main", "sha": BASE}}]
SUITE = {"head_branch": "topic", "head_sha": HEAD, "pull_requests": PULL_REQUESTS}
FORKS_SUITE: dict[str, Any] = {"head_branch": None, "head_sha": HEAD, "pull_requests": []}
COMMENT = {"action": "created", "comment": {"body": "hello"}}

ON_TOPIC = {"head_sha": HEAD, "head_ref": "topic"}
OF_PULL_REQUEST = {**ON_TOPIC, "base_ref": "main", "pull_request": 7}
OF_SHA = {"head_sha": MERGE, "head_ref": "main"}

EVENTS: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("push", "push", {"after": MERGE}, OF_SHA),
    ("a pull request", "pull_request", pull_request(BASE_REPOSITORY), OF_PULL_REQUEST),
    ("a fork's", "pull_request", pull_request(FORK), {**OF_PULL_REQUEST, "is_fork": True}),
    ("a deleted fork's", "pull_request", pull_request(None), {**OF_PULL_REQUEST, "is_fork": True}),
    ("in a repository renamed since", "pull_request", {**pull_request(FORMER), "repository": FORMER}, OF_PULL_REQUEST),
    ("the target", "pull_request_target", pull_request(FORK), {**OF_PULL_REQUEST, "is_fork": True}),
    ("a review", "pull_request_review", pull_request(BASE_REPOSITORY), OF_PULL_REQUEST),
    (
        "a merge queue",
        "merge_group",
        {
            "merge_group": {
                "head_sha": HEAD,
                "head_ref": "refs/heads/gh-readonly-queue/main/pr-7-c",
                "base_ref": "refs/heads/main",
                "base_sha": BASE,
            }
        },
        {"head_sha": HEAD, "head_ref": "gh-readonly-queue/main/pr-7-c", "base_ref": "main"},
    ),
    ("a schedule", "schedule", {"schedule": "0 4 * * *"}, OF_SHA),
    ("by hand", "workflow_dispatch", {"inputs": {"rerun": ""}, "ref": "refs/heads/main"}, OF_SHA),
    ("after a workflow", "workflow_run", workflow_run("octo/repo", PULL_REQUESTS), OF_PULL_REQUEST),
    ("after a workflow on a branch", "workflow_run", workflow_run("octo/repo", []), ON_TOPIC),
    ("after a fork's", "workflow_run", workflow_run("mona/repo", []), {**ON_TOPIC, "is_fork": True}),
    (
        "after a workflow in a repository renamed since",
        "workflow_run",
        {**workflow_run("octo/former", []), "repository": FORMER},
        ON_TOPIC,
    ),
    (
        "a comment",
        "issue_comment",
        {**COMMENT, "issue": {"number": 7, "pull_request": {"url": "u"}}},
        {"pull_request": 7},
    ),
    ("an issue's comment", "issue_comment", {**COMMENT, "issue": {"number": 8}}, OF_SHA),
    ("a suite", "check_suite", {"check_suite": SUITE}, OF_PULL_REQUEST),
    ("a fork's suite", "check_suite", {"check_suite": FORKS_SUITE}, {"head_sha": HEAD, "is_fork": True}),
    (
        "a check",
        "check_run",
        {"check_run": {"head_sha": HEAD, "pull_requests": PULL_REQUESTS, "check_suite": SUITE}},
        OF_PULL_REQUEST,
    ),
    (
        "a fork's check",
        "check_run",
        {"check_run": {"head_sha": HEAD, "pull_requests": [], "check_suite": FORKS_SUITE}},
        {"head_sha": HEAD, "is_fork": True},
    ),
    ("a release", "release", {"release": {"tag_name": "v1"}}, OF_SHA),
    ("one we never heard of", "moon_landing", {"moon": {}}, OF_SHA),
]

HEAD_FIELDS = ("head_sha", "head_ref", "base_ref", "pull_request", "is_fork")


@pytest.mark.parametrize(
    ("event", "payload", "expected_fields"), [case[1:] for case in EVENTS], ids=[case[0] for case in EVENTS]
)
def test_each_event_gives_its_head_commit(event: str, payload: dict[str, Any], expected_fields: dict[str, Any]) -> None:
    context = parse_context({**ENVIRON, "GITHUB_EVENT_NAME": event}, payload, {})
    expected = Context(**expected_fields)
    assert {field: getattr(context, field) for field in HEAD_FIELDS} == {
        field: getattr(expected, field) for field in HEAD_FIELDS
    }
    assert context.event == event


def test_head_ref_of_a_tag_has_no_prefix() -> None:
    environ = {**ENVIRON, "GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/tags/v1.0"}
    assert parse_context(environ, {}, {}).head_ref == "v1.0"


BASES: dict[str, tuple[str, str, dict[str, Any], tuple[str, str, str]]] = {
    "a push": ("push", "refs/heads/main", {"before": BASE}, ("main", BASE, "")),
    "a new branch": ("push", "refs/heads/topic", {"before": "0" * 40}, ("topic", "0" * 40, "")),
    "a tag": ("push", "refs/tags/main", {"before": BASE}, ("", "", "")),
    "no commit": ("push", "refs/heads/main", {"before": ["x"]}, ("main", "", "")),
    "a schedule": ("schedule", "refs/heads/main", {"before": BASE}, ("main", "", "")),
    "a merge group": ("merge_group", "refs/heads/gh", {"merge_group": {"base_sha": BASE}}, ("", "", BASE)),
    "a pull request": ("pull_request", "refs/pull/7/merge", pull_request(BASE_REPOSITORY), ("", "", "")),
}


@pytest.mark.parametrize(("event", "ref", "payload", "expected"), BASES.values(), ids=BASES)
def test_event_names_what_its_commit_is_built_on(
    event: str, ref: str, payload: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    environ = {**ENVIRON, "GITHUB_EVENT_NAME": event, "GITHUB_REF": ref}
    context = parse_context(environ, {**payload, "repository": {"default_branch": "trunk"}}, {})
    assert (context.head_branch, context.before, context.merge_group_base) == expected
    assert context.default_branch == "trunk"


def test_environment_variables_identify_the_job() -> None:
    context = parse_context(ENVIRON, {}, {})
    assert (context.repository, context.run_id, context.run_attempt, context.job) == (
        "octo/repo",
        "30433642",
        2,
        "tests",
    )
    assert context.workflow == ".github/workflows/tests.yml"


def test_empty_environment_gives_the_default_context() -> None:
    assert parse_context({}, {}, {}) == Context()


@pytest.mark.parametrize(("actor", "is_dependabot"), [("dependabot[bot]", True), ("dependabot", False)])
def test_dependabot_is_recognized_by_its_login(actor: str, is_dependabot: bool) -> None:
    assert parse_context({**ENVIRON, "GITHUB_ACTOR": actor}, {}, {}).is_dependabot == is_dependabot


RUN = "https://github.com/octo/repo/actions/runs/30433642"
PAGES = {
    "the job's": ({}, "51725241954", f"{RUN}/job/51725241954"),
    "without the job's number": ({}, "", f"{RUN}/attempts/2"),
    "with something else in its place": ({}, "../..", f"{RUN}/attempts/2"),
    "on an Enterprise Server": (
        {"GITHUB_SERVER_URL": "https://git.example.com/"},
        "",
        "https://git.example.com/octo/repo/actions/runs/30433642/attempts/2",
    ),
    "outside a workflow": ({"GITHUB_RUN_ID": ""}, "1", ""),
}


@pytest.mark.parametrize(("environ", "check_run_id", "page"), PAGES.values(), ids=PAGES)
def test_job_url_is_the_job_page_or_the_attempt_page(environ: dict[str, str], check_run_id: str, page: str) -> None:
    context = parse_context({**ENVIRON, **environ}, {}, {"job-check-run-id": check_run_id})
    assert context.job_url == page


WORKFLOWS = {
    "octo/repo/.github/workflows/a.yml@refs/heads/x@y": ".github/workflows/a.yml",
    "octo/repo/.github/workflows/a@b.yml@refs/tags/v1": ".github/workflows/a@b.yml",
    f"octo/repo/.github/workflows/a.yml@{HEAD}": ".github/workflows/a.yml",
    "nonsense": "",
    "": "",
}


@pytest.mark.parametrize(("ref", "path"), WORKFLOWS.items())
def test_workflow_ref_gives_the_workflow_file(ref: str, path: str) -> None:
    assert parse_context({**ENVIRON, "GITHUB_WORKFLOW_REF": ref}, {}, {}).workflow == path


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["number", "head"]), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=50)
@given(
    st.sampled_from([case[1] for case in EVENTS]),
    st.dictionaries(st.sampled_from(["pull_request", "workflow_run", "check_run", "issue"]), JSON),
)
def test_incomplete_payload_raises_no_error(event: str, payload: dict[str, Any]) -> None:
    assert parse_context({**ENVIRON, "GITHUB_EVENT_NAME": event}, payload, {}).event == event
