"""Whether the tested commit is the reported one, for each event."""

from __future__ import annotations

import pytest

from checks.core.model import job
from checks.core.model.job import Context, Repository
from checks.core.verdict.tested_commit import after_tests, compare_head, with_reported_commit

HEAD, MERGE, BASE, OTHER = "a" * 40, "b" * 40, "c" * 40, "d" * 40
PUSH = Context(event="push", head_sha=HEAD)
PULL_REQUEST = Context(event="pull_request", head_sha=HEAD, base_ref="main", pull_request=7)
TARGET = Context(event="pull_request_target", head_sha=HEAD, base_ref="main", pull_request=7)
COMMENT = Context(event="issue_comment", head_sha=HEAD, pull_request=7)
AFTER_FORK = Context(event="workflow_run", head_sha=HEAD, is_fork=True)


def workspace(head: str, *parents: str) -> Repository:
    return Repository(root="/repo", head=head, parents=parents)


CASES: dict[str, tuple[Context, Repository, job.Checkout, str]] = {
    "a push": (PUSH, workspace(HEAD, BASE), job.Checkout.HEAD, "Tested commit aaaaaaa."),
    "a pull request's head": (PULL_REQUEST, workspace(HEAD), job.Checkout.HEAD, "Tested commit aaaaaaa."),
    "its merge": (
        PULL_REQUEST,
        workspace(MERGE, BASE, HEAD),
        job.Checkout.MERGE,
        "Tested commit bbbbbbb, the merge of aaaaaaa into main.",
    ),
    "a head that merged its base": (
        PULL_REQUEST,
        workspace(MERGE, HEAD, BASE),
        job.Checkout.OTHER,
        "Commit aaaaaaa was not tested.",
    ),
    "a fork's merge, base unknown": (
        AFTER_FORK,
        workspace(MERGE, BASE, HEAD),
        job.Checkout.MERGE,
        "the merge of aaaaaaa.",
    ),
    "a merge of something else": (
        PULL_REQUEST,
        workspace(MERGE, BASE, OTHER),
        job.Checkout.OTHER,
        "Commit aaaaaaa was not tested.",
    ),
    "an octopus": (
        PULL_REQUEST,
        workspace(MERGE, BASE, HEAD, OTHER),
        job.Checkout.OTHER,
        "the workspace has bbbbbbb checked out.",
    ),
    "the commit after it": (PULL_REQUEST, workspace(OTHER, HEAD), job.Checkout.OTHER, "Remove `ref` from"),
    "the base under pull_request_target": (
        TARGET,
        workspace(BASE),
        job.Checkout.OTHER,
        "github.event.pull_request.head.sha",
    ),
    "the default branch after a comment": (COMMENT, workspace(BASE), job.Checkout.OTHER, "ref: refs/pull/7/head"),
    "the default branch after a workflow": (
        AFTER_FORK,
        workspace(BASE),
        job.Checkout.OTHER,
        "github.event.workflow_run.head_sha",
    ),
    "a moved branch": (PUSH, workspace(OTHER, HEAD), job.Checkout.OTHER, "the workspace has ddddddd checked out."),
    "a merge of a pushed commit": (
        PUSH,
        workspace(MERGE, BASE, HEAD),
        job.Checkout.OTHER,
        "Commit aaaaaaa was not tested.",
    ),
    "no git": (PUSH, Repository(root="/repo"), job.Checkout.UNKNOWN, "git reports no commit"),
    "no reported commit": (Context(event="push"), workspace(HEAD), job.Checkout.UNKNOWN, "Commit unknown."),
    "neither": (Context(event="push"), Repository(root="/repo"), job.Checkout.UNKNOWN, "Commit unknown."),
    "a shell": (Context(head_sha=HEAD), workspace(HEAD), job.Checkout.HEAD, ""),
    "a shell without git": (Context(), Repository(root="/repo"), job.Checkout.UNKNOWN, ""),
}


@pytest.mark.parametrize(("context", "repository", "verdict", "words"), CASES.values(), ids=CASES)
def test_only_the_head_and_its_merge_count_as_tested(
    context: Context, repository: Repository, verdict: job.Checkout, words: str
) -> None:
    checkout, sentence = compare_head(context, repository)
    assert checkout is verdict
    assert words in sentence


@pytest.mark.parametrize("context", [PUSH, PULL_REQUEST, COMMENT, Context(), Context(event="issue_comment")])
def test_commit_that_git_no_longer_reports_is_lost(context: Context) -> None:
    before = workspace(HEAD, BASE)
    checkout, sentence = compare_head(context, after_tests(before, ("", ())), before.head)
    assert checkout is job.Checkout.LOST
    assert "git reported commit aaaaaaa before the tests, and no commit after them" in sentence


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        pytest.param(workspace(HEAD), (HEAD, ()), job.Checkout.HEAD, id="unchanged"),
        pytest.param(workspace(HEAD), (OTHER, (HEAD,)), job.Checkout.OTHER, id="another commit"),
        pytest.param(workspace(HEAD), (MERGE, (BASE, HEAD)), job.Checkout.MERGE, id="the merge"),
        pytest.param(workspace(HEAD), None, job.Checkout.HEAD, id="not asked"),
        pytest.param(workspace(OTHER), None, job.Checkout.OTHER, id="not asked, another commit before"),
        pytest.param(workspace(""), ("", ()), job.Checkout.UNKNOWN, id="no git"),
        pytest.param(workspace(""), (OTHER, ()), job.Checkout.OTHER, id="cloned by the tests"),
    ],
)
def test_the_commit_after_the_tests_counts(
    before: Repository, after: tuple[str, tuple[str, ...]] | None, verdict: job.Checkout
) -> None:
    assert compare_head(PULL_REQUEST, after_tests(before, after), before.head)[0] is verdict


COMMENTED = Context(event="issue_comment", pull_request=7, workflow_sha=BASE)


@pytest.mark.parametrize(
    ("context", "repository", "commit"),
    [
        pytest.param(PUSH, workspace(OTHER), HEAD, id="the event names it"),
        pytest.param(COMMENTED, workspace(HEAD), HEAD, id="a comment, with the head checked out"),
        pytest.param(COMMENTED, workspace(MERGE, BASE, HEAD), HEAD, id="a comment, with the merge checked out"),
        pytest.param(COMMENTED, workspace(BASE), "", id="a comment, with the default branch checked out"),
        pytest.param(Context(), workspace(HEAD, BASE, OTHER), HEAD, id="outside a workflow"),
        pytest.param(Context(), Repository(root="/repo"), "", id="no git either"),
    ],
)
def test_tested_commit_is_reported_if_the_event_names_none(
    context: Context, repository: Repository, commit: str
) -> None:
    assert with_reported_commit(context, repository).head_sha == commit


def test_default_branch_is_not_reported_for_a_comment() -> None:
    checkout, sentence = compare_head(COMMENTED, workspace(BASE))
    assert checkout is job.Checkout.OTHER
    assert "ref: refs/pull/7/head" in sentence
