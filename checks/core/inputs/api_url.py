"""The address of GitHub's API."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from ..model.errors import CheckError, Problem


def parse_api_url(environ: Mapping[str, str]) -> str:
    """Return ``GITHUB_API_URL`` without a trailing slash; GitHub.com's if unset. Raises `CheckError` if it is wrong."""
    api_url = environ.get("GITHUB_API_URL", "").strip().rstrip("/") or "https://api.github.com"
    try:
        parts = urlsplit(api_url)
        is_valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0  # `port` raises, too
    except ValueError:
        is_valid = False
    if not is_valid:
        why = "it is not a URL that begins with https://."
        remedy = "Unset it for GitHub.com. For an Enterprise Server, set it to https://HOST/api/v3."
        raise CheckError(Problem(what="GITHUB_API_URL", why=why, remedy=remedy))
    return api_url
