"""The comments of a pull request -> what to write, so that one comment with the text remains."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

#: The last line of the comment, which GitHub does not show.
MARKER = "<!-- pytest-check-runs comment 1 -->"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment of a pull request. `is_own_author`: its author is the bot that writes ours."""

    id: str
    body: str
    is_own_author: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateComment:
    """Create a comment."""

    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateComment:
    """Replace the text of a comment."""

    id: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteComment:
    """Delete a comment that another job created at the same time as an earlier one."""

    id: str


CommentChange = CreateComment | UpdateComment | DeleteComment


def decide(comments: Iterable[Comment], body: str, *, may_create: bool) -> tuple[CommentChange, ...]:
    """Return what to write so that the first of our comments has this text and no other remains.

    A comment is ours if its author is the bot and it ends with the marker: people can quote the marker, and the bot may
    write other comments.
    """
    own = sorted((comment for comment in comments if _is_ours(comment)), key=lambda comment: int(comment.id))
    if not own:
        return (CreateComment(body=body),) if may_create else ()
    first, *duplicates = own
    update = () if _text(first) == body else (UpdateComment(id=first.id, body=body),)
    return (*update, *(DeleteComment(id=duplicate.id) for duplicate in duplicates))


def _is_ours(comment: Comment) -> bool:
    return comment.is_own_author and _text(comment).rpartition("\n")[2] == MARKER


def _text(comment: Comment) -> str:
    """Return the text with the line endings that we write."""
    return comment.body.replace("\r\n", "\n").rstrip()
