"""What was tested is what is reported: the workspace's HEAD against the reported commit."""

from __future__ import annotations

from dataclasses import replace

from ..model.job import Checkout, Context, Repository


def with_reported_commit(context: Context, repository: Repository) -> Context:
    """The context with the commit to report on; where the event names none, that is the one that was tested.

    A comment's event knows only the number of its pull request. The workflow checks out ``refs/pull/N/head`` or
    ``refs/pull/N/merge``, whose second parent is the head; the default branch, which a plain checkout gives, is
    neither, and nothing of a pull request: then there is no commit to report on.
    """
    is_default = context.pull_request is not None and repository.head == context.workflow_sha
    if context.head_sha or is_default:
        return context
    is_merge = context.pull_request is not None and len(repository.parents) == 2
    return replace(context, head_sha=repository.parents[1] if is_merge else repository.head)


def compare_head(context: Context, repository: Repository) -> tuple[Checkout, str]:
    """What HEAD is to `context.head_sha`, and the sentence that says so to people (plain text)."""
    commit, head = context.head_sha, repository.head
    if not (commit and head):
        return _unknown(context)
    if context.rerun is not None and head != context.rerun.sha:
        return Checkout.OTHER, (
            f"Commit {_short(context.rerun.sha)} was not tested. This re-run is for it, but the workspace has "
            f"{_short(head)} checked out. {_remedy(context)}"
        )
    if head == commit:
        return Checkout.HEAD, f"Tested commit {_short(head)}."
    if _is_merge_of(context, repository):
        target = f" into {context.base_ref}" if context.base_ref else ""
        return Checkout.MERGE, f"Tested commit {_short(head)}, the merge of {_short(commit)}{target}."
    return Checkout.OTHER, (
        f"Commit {_short(commit)} was not tested. This check run is for it, but the workspace has {_short(head)} "
        f"checked out. {_remedy(context)}"
    )


def _unknown(context: Context) -> tuple[Checkout, str]:
    """Of an event or a workspace that names no commit."""
    commit = context.head_sha
    if commit:
        reason = "because git reports no commit for the workspace"
        return Checkout.UNKNOWN, f"Could not verify that commit {_short(commit)} was tested, {reason}."
    if context.event == "issue_comment":
        return Checkout.OTHER, f"The pull request was not tested. {_remedy(context)}"
    return Checkout.UNKNOWN, "Commit unknown."


def _is_merge_of(context: Context, repository: Repository) -> bool:
    """Whether HEAD is what a pull request's merge would be; elsewhere a merge commit is just another commit."""
    of_pull_request = context.pull_request is not None or context.is_fork or context.rerun is not None
    # Its second parent: a head that merged its base again, as a moved branch may have, has it as its first.
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
            return "Remove `ref` from actions/checkout, and do not check out another commit in a later step."


def _short(commit: str) -> str:
    return commit[:7]
