"""Which commit is the base, for each event, checkout and value of `compare`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.history.base_commit import BaseCommit, MergeBase, base_commit
from checks.core.model.history import NoBase
from checks.core.model.job import Context, Repository
from checks.core.model.rerun import Rerun
from checks.core.model.settings import Compare
from tests.support.rules import rule

HEAD, MERGE, BASE, OLD, OTHER = "a" * 40, "b" * 40, "c" * 40, "d" * 40, "e" * 40

PUSH = Context(event="push", head_sha=HEAD, workflow_sha=HEAD, head_ref="main", head_branch="main", before=BASE)
PULL_REQUEST = Context(event="pull_request", head_sha=HEAD, workflow_sha=MERGE, base_ref="main", pull_request=7)
TARGET = replace(PULL_REQUEST, event="pull_request_target", workflow_sha=OTHER)
QUEUE = Context(
    event="merge_group", head_sha=HEAD, workflow_sha=HEAD, base_ref="main", head_ref="gh", merge_group_base=BASE
)
RERUN = Context(
    event="workflow_dispatch",
    head_sha=HEAD,
    workflow_sha=HEAD,
    head_branch="topic",
    rerun=Rerun(sha=MERGE, head=HEAD, categories=()),
)
COMMENT = Context(event="issue_comment", head_sha=HEAD, workflow_sha=OTHER, pull_request=7)
AFTER = Context(event="workflow_run", head_sha=HEAD, workflow_sha=OTHER)

OF_HEAD = Repository(root="/", head=HEAD, parents=(OLD,))
OF_MERGE = Repository(root="/", head=MERGE, parents=(BASE, HEAD))

ON_MAIN = BaseCommit(commit=BASE, branch="main")
SOMEWHERE = BaseCommit(commit=BASE)
PARENT = BaseCommit(commit=OLD)
BRANCHED_OFF = MergeBase(branch="main", head=HEAD, otherwise=NoBase(reason="main has commit aaaaaaa already"))


def because(reason: str) -> NoBase:
    return NoBase(reason=reason)


CASES: dict[str, tuple[Context, Repository, BaseCommit | MergeBase | NoBase]] = {
    "a push": (PUSH, OF_HEAD, ON_MAIN),
    "a push of several commits": (PUSH, replace(OF_HEAD, parents=(OTHER,)), ON_MAIN),
    "a pushed merge": (PUSH, replace(OF_HEAD, parents=(OTHER, OLD)), ON_MAIN),
    "a new branch": (replace(PUSH, head_branch="topic", before="0" * 40), OF_HEAD, because("the branch topic is new")),
    "a pushed tag": (
        replace(PUSH, head_branch="", before=""),
        OF_HEAD,
        because("the event does not name the commit before the push"),
    ),
    "a push, and `head-sha` is the commit before": (
        replace(PUSH, head_sha=OLD),
        Repository(root="/", head=OLD),
        because("commit ddddddd has no parent"),
    ),
    "a pull request's merge": (PULL_REQUEST, OF_MERGE, ON_MAIN),
    "its head": (PULL_REQUEST, OF_HEAD, BRANCHED_OFF),
    "another merge of it than the event's": (replace(PULL_REQUEST, workflow_sha=OTHER), OF_MERGE, SOMEWHERE),
    "the target's, merged": (TARGET, OF_MERGE, SOMEWHERE),
    "the target's, its head": (TARGET, OF_HEAD, BRANCHED_OFF),
    "a review": (replace(PULL_REQUEST, event="pull_request_review"), OF_MERGE, ON_MAIN),
    "a merge queue": (QUEUE, OF_HEAD, SOMEWHERE),
    "a comment, merged": (COMMENT, OF_MERGE, SOMEWHERE),
    "a comment, the head": (
        COMMENT,
        OF_HEAD,
        because("the event does not name the target branch of the pull request"),
    ),
    "after a workflow of a pull request": (replace(AFTER, pull_request=7, base_ref="main"), OF_HEAD, BRANCHED_OFF),
    "after a workflow on a branch": (AFTER, OF_HEAD, PARENT),
    "after a fork's, merged": (replace(AFTER, is_fork=True), OF_MERGE, SOMEWHERE),
    "after a fork's, the head": (
        replace(AFTER, is_fork=True),
        OF_HEAD,
        because("the event does not name the target branch of the pull request"),
    ),
    "a schedule": (replace(PUSH, event="schedule", before=""), OF_HEAD, BaseCommit(commit=OLD, branch="main")),
    "by hand, of a merge": (
        replace(PUSH, event="workflow_dispatch", before=""),
        replace(OF_HEAD, parents=(OLD, OTHER)),
        BaseCommit(commit=OLD, branch="main"),
    ),
    "a release, whose tag is called main": (
        Context(event="release", head_sha=HEAD, workflow_sha=HEAD, head_ref="main"),
        OF_HEAD,
        PARENT,
    ),
    "the first commit": (
        replace(PUSH, event="schedule"),
        replace(OF_HEAD, parents=()),
        because("commit aaaaaaa has no parent"),
    ),
    "a re-run of a merge": (RERUN, OF_MERGE, SOMEWHERE),
    "a re-run of a head": (replace(RERUN, rerun=Rerun(sha=HEAD, head=HEAD, categories=())), OF_HEAD, PARENT),
    "a re-run, and another commit is checked out": (
        RERUN,
        OF_HEAD,
        because("the workspace has a different commit checked out"),
    ),
    "another commit": (
        PUSH,
        Repository(root="/", head=OTHER),
        because("the workspace has a different commit checked out"),
    ),
    "no git": (PULL_REQUEST, Repository(root="/"), because("git reports no commit for the tested files")),
    "a shell": (Context(head_sha=HEAD), OF_HEAD, PARENT),
}


@rule("The base: the merge commit of a pull request")
@rule("The base: another merge commit of it than the event's")
@rule("The base: the head of a pull request, in any event")
@rule("The base: the head of a pull request, and the event")
@rule("The base: a merge group")
@rule("The base: a push to a branch")
@rule("The base: a push that creates a branch, or of a tag")
@rule("The base: a re-run")
@rule("The base: any other event")
@rule("The base: a different commit than the reported one")
@rule("Posing as the base: a pushed or released tag")
@rule("Posing as the base: a retargeted pull request")
@rule("Posing as the base: a merge group behind another one")
@pytest.mark.parametrize(("context", "repository", "expected"), CASES.values(), ids=CASES)
def test_each_event_has_its_base(
    context: Context, repository: Repository, expected: BaseCommit | MergeBase | NoBase
) -> None:
    assert base_commit(context, repository, Compare()) == expected


BRANCHES: dict[str, tuple[Context, Repository, str, BaseCommit | MergeBase]] = {
    "another branch": (PUSH, OF_HEAD, "dev", MergeBase(branch="dev", head=HEAD, otherwise=ON_MAIN)),
    "another than a pull request's": (
        PULL_REQUEST,
        OF_MERGE,
        "dev",
        MergeBase(branch="dev", head=MERGE, otherwise=ON_MAIN),
    ),
    "another than that of a pull request's head": (
        PULL_REQUEST,
        OF_HEAD,
        "dev",
        MergeBase(branch="dev", head=HEAD, otherwise=BRANCHED_OFF),
    ),
    "a new branch": (
        replace(PUSH, head_branch="topic", before="0" * 40),
        OF_HEAD,
        "main",
        MergeBase(branch="main", head=HEAD, otherwise=NoBase(reason="the branch topic is new")),
    ),
    "the pushed branch": (PUSH, OF_HEAD, "main", ON_MAIN),
    "a pull request's branch": (PULL_REQUEST, OF_MERGE, "main", ON_MAIN),
    "that of a pull request's head": (PULL_REQUEST, OF_HEAD, "main", BRANCHED_OFF),
    "a merge queue's, which may be behind it": (
        QUEUE,
        OF_HEAD,
        "main",
        MergeBase(branch="main", head=HEAD, otherwise=SOMEWHERE),
    ),
    "a tag's name": (
        Context(event="release", head_sha=HEAD, workflow_sha=HEAD, head_ref="main"),
        OF_HEAD,
        "main",
        MergeBase(branch="main", head=HEAD, otherwise=PARENT),
    ),
}


@rule("The base: compare names a branch")
@pytest.mark.parametrize(("context", "repository", "branch", "expected"), BRANCHES.values(), ids=BRANCHES)
def test_compare_names_a_branch(
    context: Context, repository: Repository, branch: str, expected: BaseCommit | MergeBase
) -> None:
    assert base_commit(context, repository, Compare(branch=branch)) == expected
