"""An App's installations and their tokens: https://docs.github.com/rest/apps/apps."""

from __future__ import annotations

from typing import Any

from tests.support.github.login import ApiRequest, Installation
from tests.support.github.responses import HttpError, JsonResponse, timestamp
from tests.support.github.world import REPOSITORY_PATH, Route, World


def _find(world: World, request: ApiRequest) -> JsonResponse:
    return _shown(world.installation_of(request.app, request.repository))


def _show(world: World, request: ApiRequest) -> JsonResponse:
    return _shown(_numbered(world, request))


def _numbered(world: World, request: ApiRequest) -> Installation | None:
    number = int(request.parts["id"])
    return next(
        (
            installation
            for installation in world.installations
            if installation.id == number and installation.app == request.app
        ),
        None,
    )


def _shown(installation: Installation | None) -> JsonResponse:
    if installation is None:
        raise HttpError(404, "Not Found")
    body = {
        "id": installation.id,
        "app_id": installation.app.id,
        "app_slug": installation.app.slug,
        "permissions": dict(installation.permissions),
    }
    return JsonResponse(body=body)


def _create_token(world: World, request: ApiRequest) -> JsonResponse:
    installation = _numbered(world, request)
    if installation is None:
        raise HttpError(404, "Not Found")
    if installation.is_suspended:
        raise HttpError(403, "This installation has been suspended")
    permissions = request.body.get("permissions") or installation.permissions
    if any(installation.permissions.get(name) not in ("write", level) for name, level in permissions.items()):
        raise HttpError(422, "The permissions requested are not granted to this installation.")
    token = world.grant(
        installation.app,
        _requested_repositories(world, installation, request.body),
        permissions,
        installation,
    )
    body = {
        "token": token.value,
        "expires_at": timestamp(token.expires_at),
        "permissions": permissions,
        "repository_selection": "selected",
    }
    return JsonResponse(status=201, body=body)


def _requested_repositories(world: World, installation: Installation, body: dict[str, Any]) -> set[str]:
    if "repositories" not in body and "repository_ids" not in body:
        return set(installation.repositories)
    names, numbers = body.get("repositories", []), body.get("repository_ids", [])
    repositories = {known for known in installation.repositories if known.partition("/")[2] in names}
    repositories |= {known for known in installation.repositories if world.repository_id(known) in numbers}
    if len(repositories) < len(names) + len(numbers):
        message = "There is at least one repository that does not exist or is not accessible to the parent "
        raise HttpError(422, message + "installation.")
    return repositories


def _show_app(world: World, request: ApiRequest) -> JsonResponse:
    del world
    assert request.app is not None
    return JsonResponse(body=request.app.as_json)


ROUTES: tuple[Route, ...] = (
    ("GET", "/app", True, _show_app),
    ("GET", f"{REPOSITORY_PATH}/installation", True, _find),
    ("GET", r"/app/installations/(?P<id>\d+)", True, _show),
    ("POST", r"/app/installations/(?P<id>\d+)/access_tokens", True, _create_token),
)
