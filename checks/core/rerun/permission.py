"""Who may re-run checks, and pass or fail manual ones."""

from __future__ import annotations

_WRITE_PERMISSIONS = frozenset({"admin", "maintain", "write"})


def sender_refusal(sender: str, permission: str) -> str:
    """Return why a user with this `permission` in the repository may not; empty if the user may."""
    if permission in _WRITE_PERMISSIONS:
        return ""
    return f"@{sender} has no write access to this repository ({permission})"
