"""Commit statuses: https://docs.github.com/rest/commits/statuses."""

from __future__ import annotations

import re
from typing import Any

from tests.support.github.login import ApiRequest
from tests.support.github.responses import HttpError, JsonResponse, timestamp
from tests.support.github.world import REPOSITORY_PATH, Route, World

_STATES = {"error", "failure", "pending", "success"}
_DESCRIPTION_CHARACTERS = 140
_CONTEXT_CHARACTERS = 255
MOST_PER_CONTEXT = 1_000


def _create(world: World, request: ApiRequest) -> JsonResponse:
    request.may("statuses", "write")
    sha, body = request.parts["sha"], request.body
    if not re.fullmatch("[0-9a-f]{40}", sha):
        raise HttpError(422, f"No commit found for SHA: {sha}")
    context = body.get("context", "default")
    _check(body, context)
    known = {"repository": request.repository, "sha": sha, "context": context}
    if sum(known.items() <= status.items() for status in world.statuses) >= MOST_PER_CONTEXT:
        raise HttpError(422, "Validation Failed: This SHA and context has reached the maximum number of statuses.")
    assert request.token is not None
    status = {
        **known,
        "id": world.new_id(),
        "state": body["state"],
        "description": body.get("description"),
        "target_url": body.get("target_url"),
        "creator": {"login": f"{request.token.app.slug}[bot]"},
        "created_at": timestamp(world.now()),
    }
    world.statuses.append(status)
    return JsonResponse(status=201, body=status)


def _check(body: dict[str, Any], context: str) -> None:
    """Raise a 422 as GitHub does, which documents the states and the link, and reports the lengths."""
    description, target_url = body.get("description") or "", body.get("target_url") or "https://"
    if body.get("state") not in _STATES:
        raise HttpError(422, "Validation Failed: state is not included in the list")
    if len(description) > _DESCRIPTION_CHARACTERS:
        raise HttpError(422, "Validation Failed: description is too long (maximum is 140 characters)")
    if not context or len(context) > _CONTEXT_CHARACTERS:
        raise HttpError(422, "Validation Failed: context is too long (maximum is 255 characters)")
    if not target_url.startswith(("http://", "https://")):
        raise HttpError(422, "Validation Failed: target_url must use http(s) scheme")


ROUTES: tuple[Route, ...] = (("POST", f"{REPOSITORY_PATH}/statuses/(?P<sha>[^/]+)", False, _create),)
