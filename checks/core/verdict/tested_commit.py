"""Compares the workspace's HEAD with the reported commit."""

from __future__ import annotations

from dataclasses import replace

from ..model.job import Checkout, Context, Repository
from ..text.commits import short_commit


def with_reported_commit(context: Context, repository: Repository) -> Context:
    """Return the context with the commit to report on: the event's, else the tested one.

    An ``issue_comment`` event has only the number of its pull request. Its workflow checks out ``refs/pull/N/head`` or
    ``refs/pull/N/merge``, whose second parent is the head. A plain checkout gives the default branch, which is not part
    of the pull request. Then `head_sha` stays empty.
    """
    is_default = context.pull_request is not None and repository.head == context.workflow_sha
    if context.head_sha or is_default:
        return context
    is_merge = context.pull_request is not None and len(repository.parents) == 2
    return replace(context, head_sha=repository.parents[1] if is_merge else repository.head)


def after_tests(repository: Repository, head: tuple[str, tuple[str, ...]] | None) -> Repository:
    """Return the repository with HEAD's commit and its parents after the tests; `head` is None if nobody looked."""
    return repository if head is None else replace(repository, head=head[0], parents=head[1])


def compare_head(context: Context, repository: Repository, before: str = "") -> tuple[Checkout, str]:
    """Return how HEAD relates to `context.head_sha`, and a sentence about it (plain text).

    `before` is HEAD's commit before the tests, empty if git reported none. In a shell, where there is no event, files
    may differ from the commit, so the sentence is empty unless something is wrong.
    """
    commit, head = context.head_sha, repository.head
    if before and not head:
        return Checkout.LOST, (
            f"Could not verify that commit {short_commit(commit or before)} was tested: git reported commit "
            f"{short_commit(before)} before the tests, and no commit after them. `install` or a test may have removed "
            "or damaged `.git`. Keep it unchanged, then run the tests again."
        )
    if not (commit and head):
        return _unknown(context)
    if context.rerun is not None and head != context.rerun.sha:
        return Checkout.OTHER, (
            f"Commit {short_commit(context.rerun.sha)} was not tested. This re-run is for it, but the workspace has "
            f"{short_commit(head)} checked out. {_remedy(context)}"
        )
    if head == commit:
        return Checkout.HEAD, f"Tested commit {short_commit(head)}." if context.event else ""
    if _is_merge_of(context, repository):
        target = f" into {context.base_ref}" if context.base_ref else ""
        return Checkout.MERGE, f"Tested commit {short_commit(head)}, the merge of {short_commit(commit)}{target}."
    return Checkout.OTHER, (
        f"Commit {short_commit(commit)} was not tested. This check run is for it, but the workspace has "
        f"{short_commit(head)} checked out. {_remedy(context)}"
    )


def _unknown(context: Context) -> tuple[Checkout, str]:
    """Return the same if the event or the workspace does not name a commit."""
    commit = context.head_sha
    if commit:
        return Checkout.UNKNOWN, (
            f"Could not verify that commit {short_commit(commit)} was tested, because git reports no commit for the "
            "folder where pytest starts. Check out the repository with git, and set `working-directory` to a folder in "
            "it."
        )
    if context.event == "issue_comment":
        return Checkout.OTHER, f"The pull request was not tested. {_remedy(context)}"
    return Checkout.UNKNOWN, "Commit unknown." if context.event else ""


def _is_merge_of(context: Context, repository: Repository) -> bool:
    """Whether HEAD is the merge commit of the pull request; for other events a merge is a different commit."""
    of_pull_request = context.pull_request is not None or context.is_fork or context.rerun is not None
    # The head is the second parent. In a branch that later merged its base again, it is the first.
    return of_pull_request and len(repository.parents) == 2 and repository.parents[1] == context.head_sha


def _remedy(context: Context) -> str:
    match context.event:
        case "workflow_dispatch" if context.rerun is not None:
            return "Check out `ref: ${{ inputs.rerun && fromJSON(inputs.rerun).sha || '' }}`."
        case "pull_request_target":
            ref = "${{ github.event.pull_request.head.sha }}"
            # https://securitylab.github.com/resources/github-actions-preventing-pwn-requests/
            return f"Run these tests on `pull_request`, or check out `ref: {ref}` if you trust its authors."
        case "workflow_run":
            return "Check out `ref: ${{ github.event.workflow_run.head_sha }}`."
        case "issue_comment":
            return f"Check out `ref: refs/pull/{context.pull_request}/head`."
        case _:
            return (
                "Remove `ref` from actions/checkout, and do not check out another commit in a later step. With several "
                "checkouts, set `working-directory` to a folder of the one that this check run is for."
            )
