"""Commits as people know them."""

from __future__ import annotations

_CHARACTERS = 7


def short_commit(commit: str) -> str:
    """Return the commit's first digits, as GitHub shows them."""
    return commit[:_CHARACTERS]
