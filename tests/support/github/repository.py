"""Collaborators and files: https://docs.github.com/rest/collaborators and https://docs.github.com/rest/repos."""

from __future__ import annotations

import re
from base64 import encodebytes
from hashlib import sha1

from tests.support.github.login import ApiRequest
from tests.support.github.responses import HttpError, JsonResponse
from tests.support.github.world import REPOSITORY_PATH, Route, World

_CONTENT_BYTES = 1024 * 1024
_BASE = {"maintain": "write", "triage": "read"}


def _permission(world: World, request: ApiRequest) -> JsonResponse:
    """Logins are case-insensitive. A custom role has the permission of its base role."""
    request.may("metadata", "read")
    login_key = request.parts["login"].casefold()
    for login, role in world.permissions.items():
        if login.casefold() == login_key:
            body = {"permission": _BASE.get(role, role), "role_name": role, "user": {"login": login}}
            return JsonResponse(body=body)
    raise HttpError(404, f"{request.parts['login']} is not a user")


def _contents(world: World, request: ApiRequest) -> JsonResponse:
    """Files over 1 MiB are listed without content."""
    request.may("contents", "read")
    ref, path = request.query.get("ref", "main"), request.parts["path"]
    if world.commit(ref) is None and not re.fullmatch("[0-9a-f]{40}", ref):
        raise HttpError(404, f"No commit found for the ref {ref}")
    if path not in world.files:
        raise HttpError(404, "Not Found")
    content = world.files[path].encode()
    is_small = len(content) <= _CONTENT_BYTES
    body = {
        "type": "file",
        "encoding": "base64" if is_small else "none",
        "size": len(content),
        "name": path.rpartition("/")[2],
        "path": path,
        "content": encodebytes(content).decode() if is_small else "",
        "sha": sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest(),
        "url": f"{request.address}?ref={ref}",
    }
    return JsonResponse(body=body)


ROUTES: tuple[Route, ...] = (
    ("GET", f"{REPOSITORY_PATH}/collaborators/(?P<login>[^/]+)/permission", False, _permission),
    ("GET", f"{REPOSITORY_PATH}/contents/(?P<path>.+)", False, _contents),
)
