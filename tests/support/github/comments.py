"""Comments of pull requests, and their reactions.

See https://docs.github.com/rest/issues/comments and https://docs.github.com/rest/reactions/reactions.
"""

from __future__ import annotations

from typing import Any

from tests.support.github.login import ApiRequest
from tests.support.github.responses import HttpError, JsonResponse, paged, timestamp
from tests.support.github.world import REPOSITORY, REPOSITORY_PATH, Route, World

_BODY_CHARACTERS = 65_536
_REACTIONS = {"+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"}

JsonObject = dict[str, Any]


def add_comment(world: World, number: int, body: str, *, login: str, **fields: Any) -> JsonObject:
    """Add a comment of a user, or as `fields` say."""
    comment_id = world.new_id()
    comment = {
        "id": comment_id,
        "issue_number": number,
        "body": body,
        "user": {"login": login, "type": "Bot" if login.endswith("[bot]") else "User"},
        "html_url": f"{world.url}/{REPOSITORY}/pull/{number}#issuecomment-{comment_id}",
        "created_at": timestamp(world.now()),
        "updated_at": timestamp(world.now()),
        "performed_via_github_app": None,
        **fields,
    }
    world.comments[comment_id] = comment
    return comment


def edit_comment(world: World, comment_id: int, body: str) -> None:
    """Edit a comment as its author does, now. GitHub's times are whole seconds."""
    world.comments[comment_id].update(body=body, updated_at=timestamp(world.now()))


def _list(world: World, request: ApiRequest) -> JsonResponse:
    """Return a page of the comments, by ascending id. The reader needs one of the two permissions."""
    _may(request, "read")
    number, since = _number(world, request), request.query.get("since", "")
    found = [comment for _, comment in sorted(world.comments.items()) if comment["issue_number"] == number]
    return paged(request.address, request.query, [comment for comment in found if comment["updated_at"] >= since])


def _show(world: World, request: ApiRequest) -> JsonResponse:
    _may(request, "read")
    return JsonResponse(body=_comment(world, request))


def _react(world: World, request: ApiRequest) -> JsonResponse:
    """Add a reaction. People report that a pull request's comment needs *Pull requests*, not *Issues*."""
    request.may("pull_requests", "write")
    comment, content = _comment(world, request), request.body.get("content")
    if content not in _REACTIONS:
        raise HttpError(422, f"Validation Failed: {content!r} is not a reaction")
    if comment["issue_number"] in world.locked:
        raise HttpError(403, "Unable to create reaction because issue is locked.")
    assert request.token is not None
    reaction = {"content": content, "user": {"login": f"{request.token.app.slug}[bot]"}}
    reactions = world.reactions.setdefault(comment["id"], [])
    is_new = reaction not in reactions
    if is_new:
        reactions.append(reaction)
    return JsonResponse(status=201 if is_new else 200, body={"id": world.new_id(), **reaction})


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
    ("GET", _COMMENT, False, _show),
    ("POST", f"{_COMMENT}/reactions", False, _react),
    ("PATCH", _COMMENT, False, _update),
    ("DELETE", _COMMENT, False, _delete),
)
