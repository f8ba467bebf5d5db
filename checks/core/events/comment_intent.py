"""Parsing the event of a new comment, whose commands are parsed again when they are carried out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

from ..comment_commands.lines import command_lines
from ..github.parse_run import mapping, seconds, text
from ..model.delivery import DeliveryResult, DeliveryStatus
from ..model.intents import CommentPosted, RepositoryRef


def parse_comment_event(
    payload: Mapping[str, Any], repository_ref: RepositoryRef, sender: str
) -> CommentPosted | DeliveryResult:
    """Return the comment if it has commands, or why there is nothing to do. `sender` is empty without a valid login.

    Bots and Apps have no commands, even if an App writes in a person's name.
    """
    issue, comment = mapping(payload, "issue"), mapping(payload, "comment")
    author, number, comment_id = mapping(comment, "user"), issue.get("number"), comment.get("id")
    created_at = seconds(comment.get("created_at"))
    is_by_person = all(text(user, "type") == "User" for user in (mapping(payload, "sender"), author))
    if not isinstance(issue.get("pull_request"), Mapping):
        return _ignored("it is not in a pull request")
    if not is_by_person or comment.get("performed_via_github_app") is not None:
        return _ignored("it was not written by a person")
    if not any(command_lines(text(comment, "body"))):
        return _ignored("it has no command")
    if not (_is_id(number) and _is_id(comment_id) and created_at and sender):
        return _unreadable("the payload names no pull request, no comment, no time or no sender")
    if text(author, "login") != sender:
        return _unreadable("the comment is not the sender's")
    return CommentPosted(
        repository_ref=repository_ref,
        sender=sender,
        number=number,
        comment_id=str(comment_id),
        body=text(comment, "body"),
        created_at=created_at,
        page=text(comment, "html_url"),
    )


def _is_id(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 < value < 2**63


def _ignored(reason: str) -> DeliveryResult:
    return DeliveryResult(status=DeliveryStatus.IGNORED, reason=f"issue_comment.created: {reason}")


def _unreadable(reason: str) -> DeliveryResult:
    return DeliveryResult(status=DeliveryStatus.UNREADABLE, reason=reason)
