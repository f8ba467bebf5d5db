"""The event of a new comment: whose it is, and that no wrong value leads to an action."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from checks.core.events.intents import parse_intent
from checks.core.model.delivery import Delivery, DeliveryResult, DeliveryStatus
from checks.core.model.intents import CommentPosted, RepositoryRef

Payload = dict[str, Any]
Path = tuple[str, ...]
OCTOCAT = {"login": "octocat", "id": 583231, "type": "User", "site_admin": False}
POSTED: Payload = {
    "action": "created",
    "issue": {
        "id": 4,
        "number": 12,
        "state": "open",
        "title": "/check pass everything",
        "body": "/check pass everything",
        "user": {"login": "mallory", "id": 7, "type": "User"},
        "pull_request": {"url": "https://api.github.test/repos/octo/demo/pulls/12", "merged_at": None},
    },
    "comment": {
        "id": 4711,
        "body": "/check pass device",
        "user": {**OCTOCAT},
        "author_association": "NONE",
        "created_at": "2026-01-02T03:04:05Z",
        "updated_at": "2026-01-02T03:04:05Z",
        "html_url": "https://github.test/octo/demo/pull/12#issuecomment-4711",
        "performed_via_github_app": None,
    },
    "repository": {"id": 1, "name": "demo", "full_name": "octo/demo", "owner": {"login": "octo"}, "fork": False},
    "installation": {"id": 42, "node_id": "MDIz"},
    "sender": {**OCTOCAT},
}
INTENT = CommentPosted(
    repository_ref=RepositoryRef(full_name="octo/demo", installation_id=42),
    sender="octocat",
    number=12,
    comment_id="4711",
    body="/check pass device",
    created_at=1767323045.0,
    page="https://github.test/octo/demo/pull/12#issuecomment-4711",
)
#: What an action needs. Without the others there are defaults, or they are not read.
NEEDED = {
    ("action",),
    ("issue",),
    ("issue", "number"),
    ("issue", "pull_request"),
    ("comment",),
    *(("comment", key) for key in ("id", "body", "user", "created_at", "performed_via_github_app")),
    *((*user, key) for user in (("comment", "user"), ("sender",)) for key in ("login", "type")),
    ("sender",),
    ("repository",),
    ("repository", "full_name"),
}
WRONG: tuple[object, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    10**30,
    "",
    "x",
    "\0",
    [],
    ["x"],
    [{}],
    {},
    {"id": 1},
    {"login": []},
)


def paths(payload: Payload, above: Path = ()) -> Iterator[Path]:
    """Yield the way to each value, however deep."""
    for key, value in payload.items():
        yield (*above, key)
        if isinstance(value, dict):
            yield from paths(value, (*above, key))


def changed(path: Path, value: object) -> Payload:
    """Return the payload with another value; `...` removes it."""
    copy = deepcopy(POSTED)
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    if value is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return copy


def parsed(payload: Payload) -> object:
    return parse_intent(Delivery(guid="guid", event="issue_comment", payload=payload), "4711")


def has_default(path: Path, value: object) -> bool:
    """Whether the value is as good as the right one."""
    is_no_app = path[-1] == "performed_via_github_app" and value in (None, ...)
    return is_no_app or (path == ("issue", "pull_request") and isinstance(value, dict))


def test_comment_is_parsed() -> None:
    assert parsed(POSTED) == INTENT


@pytest.mark.parametrize("path", list(paths(POSTED)), ids=".".join)
def test_wrong_type_of_a_field_leads_to_no_action(path: Path) -> None:
    for value in (*WRONG, ...):
        result = parsed(changed(path, value))
        if path in NEEDED and not has_default(path, value):
            assert isinstance(result, DeliveryResult), value
            assert result.status in (DeliveryStatus.IGNORED, DeliveryStatus.UNREADABLE)
        else:
            assert isinstance(result, CommentPosted), value
            reference = replace(result.repository_ref, installation_id=42)
            assert replace(result, page=INTENT.page, repository_ref=reference) == INTENT


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("issue", "pull_request"), ..., "issue_comment.created: it is not in a pull request"),
        (("sender", "type"), "Bot", "issue_comment.created: it was not written by a person"),
        (("comment", "user", "type"), "Bot", "issue_comment.created: it was not written by a person"),
        (("comment", "user", "type"), "Mannequin", "issue_comment.created: it was not written by a person"),
        (("comment", "performed_via_github_app"), {"id": 1}, "issue_comment.created: it was not written by a person"),
        (("comment", "body"), "Thanks!", "issue_comment.created: it has no command"),
        (("comment", "body"), "> /check pass device", "issue_comment.created: it has no command"),
        (("action",), "edited", "issue_comment.edited: only new comments have commands"),
        (("action",), "deleted", "issue_comment.deleted: only new comments have commands"),
        (("sender", "login"), "mona", "the comment is not the sender's"),
        (("sender", "login"), "../../user", "the payload names no pull request, no comment, no time or no sender"),
        (("comment", "created_at"), "today", "the payload names no pull request, no comment, no time or no sender"),
    ],
)
def test_other_comments_have_a_reason(path: Path, value: object, reason: str) -> None:
    result = parsed(changed(path, value))
    assert isinstance(result, DeliveryResult)
    assert result.reason == reason


@pytest.mark.parametrize("role", ["OWNER", "MEMBER", "COLLABORATOR", None])
def test_authorship_is_not_read(role: str | None) -> None:
    assert parsed(changed(("comment", "author_association"), role)) == INTENT
