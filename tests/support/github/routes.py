"""Routes requests to their handlers and authenticates them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlencode

from tests.support.github import actions, checks, comments, graphql, hooks, installations, repository, statuses
from tests.support.github.login import ApiRequest, Token, app_of
from tests.support.github.responses import HttpError, JsonResponse, error_body
from tests.support.github.rules import InvalidError
from tests.support.github.world import World

_ROUTES = (
    *installations.ROUTES,
    *checks.ROUTES,
    *actions.ROUTES,
    *repository.ROUTES,
    *hooks.ROUTES,
    *statuses.ROUTES,
    *graphql.ROUTES,
    *comments.ROUTES,
)


def respond(
    world: World, method: str, path: str, query: Mapping[str, str], body: dict[str, Any], authorization: str
) -> JsonResponse:
    """Return the response to a request, including error responses."""
    if match := re.fullmatch(r"/repositories/(\d+)(.*)", path):
        path = f"/repos/{world.repository_of(int(match[1]))}{match[2]}"
    elif (match := re.fullmatch(r"/repos/([^/]+/[^/]+)(.*)", path)) and world.shows_move(match[1], authorization):
        return _redirect(world, method, match[1], match[2], query)
    try:
        return _respond(world, method, path, query, body, authorization)
    except HttpError as error:
        return JsonResponse(status=error.status, body=error_body(error.status, str(error)))
    except InvalidError as error:
        return JsonResponse(status=422, body=error_body(422, str(error)))


def _redirect(world: World, method: str, repository: str, rest: str, query: Mapping[str, str]) -> JsonResponse:
    """Return a redirect to the address by id, as for repositories that were renamed or transferred."""
    number = world.repository_id(world.moved[repository])
    location = f"{world.url}/repositories/{number}{rest}{'?' if query else ''}{urlencode(query)}"
    is_read = method == "GET"
    message = "Moved Permanently" if is_read else "Temporary Redirect"
    return JsonResponse(
        status=301 if is_read else world.write_redirect_status,
        body={"message": message, "url": location, "documentation_url": "https://docs.github.com/rest"},
        headers={"Location": location},
    )


def _respond(
    world: World, method: str, path: str, query: Mapping[str, str], body: dict[str, Any], authorization: str
) -> JsonResponse:
    for verb, pattern, by_app, handle in _ROUTES:
        if verb == method and (match := re.fullmatch(pattern, path)):
            parts = {name: unquote(part) for name, part in match.groupdict().items()}
            app = app_of(authorization, world.apps, world.now()) if by_app else None
            token = None if by_app else _token(world, authorization)
            address = world.url + path
            return handle(world, ApiRequest(address=address, parts=parts, query=query, body=body, app=app, token=token))
    raise HttpError(404, "Not Found")


def _token(world: World, authorization: str) -> Token:
    token = world.tokens.get(authorization.partition(" ")[2])
    if token is None or token.expires_at <= world.now():
        raise HttpError(401, "Bad credentials")
    if token.installation and token.installation.is_suspended:
        raise HttpError(403, "This installation has been suspended")
    return token
