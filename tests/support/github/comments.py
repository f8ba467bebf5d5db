"""Comments of pull requests: https://docs.github.com/rest/issues/comments."""

from __future__ import annotations

from typing import Any

from tests.support.github.login import ApiRequest
from tests.support.github.responses import HttpError, JsonResponse, paged, timestamp
from tests.support.github.world import REPOSITORY_PATH, Route, World

_BODY_CHARACTERS = 65_536

JsonObject = dict[str, Any]


def add_comment(world: World, number: int, body: str, *, login: str, **fields: Any) -> JsonObject:
    """Add a comment of a user, or as `fields` say."""
    comment_id = world.new_id()
    comment = {
        "id": comment_id,
        "issue_number": number,
        "body": body,
        "user": {"login": login, "type": "Bot" if login.endswith("[bot]") else "User"},
        "created_at": timestamp(world.now()),
        "updated_at": timestamp(world.now()),
        "performed_via_github_app": None,
        **fields,
    }
    world.comments[comment_id] = comment
    return comment


def _list(world: World, request: ApiRequest) -> JsonResponse:
    """Return a page of the comments, by ascending id. The reader needs one of the two permissions."""
    _may(request, "read")
    number = _number(world, request)
    found = [comment for _, comment in sorted(world.comments.items()) if comment["issue_number"] == number]
    return paged(request.address, request.query, found)


def _create(world: World, request: ApiRequest) -> JsonResponse:
    _may(request, "write")
    number, body = _number(world, request), _body(request)
    assert request.token is not None
    app = request.token.app
    comment = add_comment(world, number, body, login=f"{app.slug}[bot]", performed_via_github_app=app.as_json)
    return JsonResponse(status=201, body=comment)


def _update(world: World, request: ApiRequest) -> JsonResponse:
    _may(request, "write")
    comment = _comment(world, request)
    comment.update(body=_body(request), updated_at=timestamp(world.now()))
    return JsonResponse(body=comment)


def _delete(world: World, request: ApiRequest) -> JsonResponse:
    _may(request, "write")
    del world.comments[_comment(world, request)["id"]]
    return JsonResponse(status=204, body=None)


def _may(request: ApiRequest, level: str) -> None:
    """Raise `HttpError` unless the token may read or write comments, which *Issues* allows, too."""
    assert request.token is not None
    request.may("issues" if "issues" in request.token.permissions else "pull_requests", level)


def _number(world: World, request: ApiRequest) -> int:
    number = int(request.parts["number"])
    if number not in world.pull_heads:
        raise HttpError(404, "Not Found")
    if request.body and number in world.locked:
        raise HttpError(403, "Unable to create comment because issue is locked.")
    return number


def _comment(world: World, request: ApiRequest) -> JsonObject:
    comment = world.comments.get(int(request.parts["id"]))
    if comment is None:
        raise HttpError(404, "Not Found")
    return comment


def _body(request: ApiRequest) -> str:
    body = request.body.get("body")
    if not isinstance(body, str) or not body.strip():
        raise HttpError(422, "Validation Failed: body can't be blank")
    if len(body) > _BODY_CHARACTERS:
        raise HttpError(422, "Validation Failed: body is too long (maximum is 65536 characters)")
    return body


_COMMENTS = rf"{REPOSITORY_PATH}/issues/(?P<number>\d+)/comments"
_COMMENT = rf"{REPOSITORY_PATH}/issues/comments/(?P<id>\d+)"

ROUTES: tuple[Route, ...] = (
    ("GET", _COMMENTS, False, _list),
    ("POST", _COMMENTS, False, _create),
    ("PATCH", _COMMENT, False, _update),
    ("DELETE", _COMMENT, False, _delete),
)
