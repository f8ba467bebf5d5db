"""An App's installations and their tokens: https://docs.github.com/rest/apps/apps."""

from __future__ import annotations

from tests.support.github.answers import Answer, HttpError, timestamp
from tests.support.github.login import Asked, Installation
from tests.support.github.world import REPOSITORY_PATH, Route, World


def _find(world: World, asked: Asked) -> Answer:
    return _shown(world.installation_of(asked.app, asked.repository))


def _show(world: World, asked: Asked) -> Answer:
    return _shown(_numbered(world, asked))


def _numbered(world: World, asked: Asked) -> Installation | None:
    number = int(asked.parts["id"])
    return next((one for one in world.installations if one.id == number and one.app == asked.app), None)


def _shown(one: Installation | None) -> Answer:
    if one is None:
        raise HttpError(404, "Not Found")
    body = {"id": one.id, "app_id": one.app.id, "app_slug": one.app.slug, "permissions": dict(one.permissions)}
    return Answer(body=body)


def _create_token(world: World, asked: Asked) -> Answer:
    one = _numbered(world, asked)
    if one is None:
        raise HttpError(404, "Not Found")
    if one.is_suspended:
        raise HttpError(403, "This installation has been suspended")
    permissions = asked.body.get("permissions") or one.permissions
    if any(one.permissions.get(name) not in ("write", level) for name, level in permissions.items()):
        raise HttpError(422, "The permissions requested are not granted to this installation.")
    token = world.grant(one.app, _narrowed(one, asked.body.get("repositories")), permissions, one)
    body = {
        "token": token.value,
        "expires_at": timestamp(token.expires_at),
        "permissions": permissions,
        "repository_selection": "selected",
    }
    return Answer(status=201, body=body)


def _narrowed(one: Installation, names: list[str] | None) -> set[str]:
    repositories = {known for known in one.repositories if names is None or known.partition("/")[2] in names}
    if names is not None and len(repositories) < len(names):
        message = "There is at least one repository that does not exist or is not accessible to the parent "
        raise HttpError(422, message + "installation.")
    return repositories


ROUTES: tuple[Route, ...] = (
    ("GET", f"{REPOSITORY_PATH}/installation", True, _find),
    ("GET", r"/app/installations/(?P<id>\d+)", True, _show),
    ("POST", r"/app/installations/(?P<id>\d+)/access_tokens", True, _create_token),
)
