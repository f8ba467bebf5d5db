"""Which commit is the base: the one that the tested code was built on.

``pull_request.base.sha`` is never used: it is the target branch's commit of some earlier time.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..model.history import NoBase
from ..model.job import Checkout, Context, Repository
from ..model.settings import Compare
from ..text.commits import short_commit
from ..verdict import tested_commit


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseCommit:
    """The base. `branch` has it, as GitHub's event or a comparison says; empty if neither does."""

    commit: str
    branch: str = ""

    def __str__(self) -> str:
        return f"{self.branch} at {short_commit(self.commit)}" if self.branch else f"commit {short_commit(self.commit)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeBase:
    """The base is where `head` branched off `branch`, which GitHub has to compare.

    `otherwise` is the base if that is `head` itself.
    """

    branch: str
    head: str
    otherwise: BaseCommit | MergeBase | NoBase


def base_commit(context: Context, repository: Repository, compare: Compare) -> BaseCommit | MergeBase | NoBase:
    """Return the base of what is tested: HEAD of `repository`, as the workspace has it before the tests."""
    checkout, _ = tested_commit.compare_head(context, repository)
    if not repository.head:
        return NoBase(reason="git reports no commit for the tested files")
    if checkout not in (Checkout.HEAD, Checkout.MERGE):
        return NoBase(reason="the workspace has a different commit checked out")
    base = _of_event(context, repository, checkout)
    branch = compare.branch
    if not branch or branch == getattr(base, "branch", ""):  # the tested commit is on that branch, or merges it
        return base
    return MergeBase(branch=branch, head=repository.head, otherwise=base)


def _of_event(context: Context, repository: Repository, checkout: Checkout) -> BaseCommit | MergeBase | NoBase:
    # What the event says is true of the commit that GitHub started the workflow for, and of no other.
    is_events = repository.head == context.workflow_sha and context.rerun is None
    if checkout is Checkout.MERGE:
        return BaseCommit(commit=repository.parents[0], branch=context.base_ref if is_events else "")
    if context.merge_group_base and is_events:
        # It may be the commit of a group ahead in the queue, which is not on the branch yet.
        return BaseCommit(commit=context.merge_group_base)
    if context.event == "push" and is_events:
        return _before(context)
    if (context.pull_request is not None or context.is_fork) and context.rerun is None:
        return _merge_base_with_target(context, repository)
    if not repository.parents:
        return NoBase(reason=f"commit {short_commit(repository.head)} has no parent")
    return BaseCommit(commit=repository.parents[0], branch=context.head_branch if is_events else "")


def _before(context: Context) -> BaseCommit | NoBase:
    """Return the branch's commit before the push."""
    if not context.before:
        return NoBase(reason="the event does not name the commit before the push")
    if not context.before.strip("0"):
        return NoBase(reason=f"the branch {context.head_branch} is new")
    return BaseCommit(commit=context.before, branch=context.head_branch)


def _merge_base_with_target(context: Context, repository: Repository) -> MergeBase | NoBase:
    """Return the question for the base of a pull request whose head itself is tested."""
    if not context.base_ref:
        return NoBase(reason="the event does not name the target branch of the pull request")
    is_merged = NoBase(reason=f"{context.base_ref} has commit {short_commit(repository.head)} already")
    return MergeBase(branch=context.base_ref, head=repository.head, otherwise=is_merged)
