"""Keep the comment of a pull request up to date while other jobs do the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...core.comment.decide import CreateComment, decide
from ...core.comment.render import render
from ...core.comment.repository import CommentedPullRequest
from ...core.model.check_run import RemoteCheckRun
from ...core.model.ports import PublishError

#: Another round follows each write, and each change that another job makes meanwhile.
_ROUNDS = 10
_UNSETTLED = (
    "The comment of the pull request may lack a result, because other jobs kept changing it at the same time, or "
    "GitHub was slow."
)

#: Selects the check runs that the comment is about.
Select = Callable[[Sequence[RemoteCheckRun]], Sequence[RemoteCheckRun]]


def write_comment(
    pull_request: CommentedPullRequest,
    commit: str,
    select: Select = lambda runs: runs,
    may_create: Callable[[Sequence[RemoteCheckRun]], bool] = lambda _: False,
) -> None:
    """Write the comment, unless its text is unchanged, the pull request has another head, or nothing is selected.

    Everything is read again after each write: whoever writes last has read what all have completed, so that no result
    is lost, and of several new comments only the first remains. A write whose answer was lost is not repeated before
    that. Raises `PublishError`.
    """
    lost: PublishError | None = None
    is_created = False  # a list may lack what was created a moment ago
    for _ in range(_ROUNDS):
        if not (runs := select(pull_request.runs(commit))):
            return
        may_create_now = not is_created and may_create(runs)
        changes = decide(pull_request.comments(), render(runs, commit), may_create=may_create_now)
        if not changes or pull_request.head() != commit:
            return
        try:
            for change in changes:
                pull_request.write(change)
                is_created = is_created or isinstance(change, CreateComment)
        except PublishError as error:
            if not error.may_have_been_applied:
                raise
            lost = error
        if pull_request.remaining_seconds() <= 0:
            break
    raise lost or PublishError(_UNSETTLED)
