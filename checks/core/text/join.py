"""Joins parts of a text."""

from __future__ import annotations

from collections.abc import Iterable


def paragraphs(parts: Iterable[str]) -> str:
    """Join the parts that are not empty, with blank lines between them."""
    return "\n\n".join(filter(None, parts))


def and_more(shown: str, remaining: int) -> str:
    """Return ``a, b and 3 more`` for ``a, b``, if 3 remain; the text as it is if none do."""
    return f"{shown} and {remaining:,} more" if remaining > 0 else shown
