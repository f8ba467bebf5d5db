"""A repository's people and files: https://docs.github.com/rest/collaborators and https://docs.github.com/rest/repos."""

from __future__ import annotations

import re
from base64 import encodebytes
from hashlib import sha1

from tests.support.github.answers import Answer, HttpError
from tests.support.github.login import Asked
from tests.support.github.world import REPOSITORY_PATH, Route, World

_CONTENT_BYTES = 1024 * 1024
_BASE = {"maintain": "write", "triage": "read"}


def _permission(world: World, asked: Asked) -> Answer:
    """Logins are compared without regard to case; a finer role has the permission it is built on."""
    asked.may("metadata", "read")
    wanted = asked.parts["login"].casefold()
    for login, role in world.permissions.items():
        if login.casefold() == wanted:
            body = {"permission": _BASE.get(role, role), "role_name": role, "user": {"login": login}}
            return Answer(body=body)
    raise HttpError(404, f"{asked.parts['login']} is not a user")


def _contents(world: World, asked: Asked) -> Answer:
    """A file of more than 1 MiB has an entry, but no content there."""
    asked.may("contents", "read")
    ref, path = asked.query.get("ref", "main"), asked.parts["path"]
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
        "url": f"{asked.address}?ref={ref}",
    }
    return Answer(body=body)


ROUTES: tuple[Route, ...] = (
    ("GET", f"{REPOSITORY_PATH}/collaborators/(?P<login>[^/]+)/permission", False, _permission),
    ("GET", f"{REPOSITORY_PATH}/contents/(?P<path>.+)", False, _contents),
)
