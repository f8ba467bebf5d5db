"""The pieces of a secret that reveal it."""

from __future__ import annotations

from checks.core.redaction.truncated import FRAGMENT_CHARACTERS
from checks.core.redaction.wrapped import strip_breaks


def fragments(text: str) -> set[str]:
    """Return all runs of four characters, ignoring breaks."""
    letters = strip_breaks(text)
    return {letters[start : start + FRAGMENT_CHARACTERS] for start in range(len(letters) - FRAGMENT_CHARACTERS + 1)}
