"""Redirects: where GitHub has a repository that was renamed or transferred.

https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import SplitResult, urljoin, urlsplit

from .error_kind import RequestFailure

_REPEATED = frozenset({301, 302, 307, 308})
_REPOSITORY = re.compile(r"(?P<repository>/repos/[^/]+/[^/]+|/repositories/\d+)(?P<rest>/.*)?")
_PORTS = {"http": 80, "https": 443}


def redirected_path(failure: RequestFailure, api_url: str, path: str) -> str:
    """Return the path below `api_url` at which to repeat the request for `path`, or "" if it must not be repeated.

    A redirect to another host is not followed, because that host would receive the credentials.
    """
    location = failure.headers.get("location", "")
    if failure.status not in _REPEATED or not location:
        return ""
    try:
        api, target = urlsplit(api_url), urlsplit(urljoin(api_url + path, location))
        is_same_origin = _origin(api) == _origin(target)
    except ValueError:
        return ""
    prefix = api.path.rstrip("/")
    return target.path.removeprefix(prefix) if is_same_origin and target.path.startswith(f"{prefix}/") else ""


def moved_repository(path: str, new_path: str) -> tuple[str, str] | None:
    """Return the old and the new path of the repository if this is what distinguishes the paths, else None.

    From ``/repos/octo/demo/check-runs`` to ``/repositories/7/check-runs`` these are ``/repos/octo/demo`` and
    ``/repositories/7``.
    """
    old, new = _REPOSITORY.fullmatch(path), _REPOSITORY.fullmatch(new_path)
    if old is None or new is None or old["rest"] != new["rest"] or old["repository"] == new["repository"]:
        return None
    return old["repository"], new["repository"]


def current_path(path: str, moves: Mapping[str, str]) -> str:
    """Return the path of the same thing in a repository that moved; `moves` has repositories' old and new paths."""
    match = _REPOSITORY.fullmatch(path)
    if match is None or match["repository"] not in moves:
        return path
    return moves[match["repository"]] + (match["rest"] or "")


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port or _PORTS.get(url.scheme)
