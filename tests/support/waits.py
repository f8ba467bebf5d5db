"""How long a test waits for an event that always comes."""

from __future__ import annotations

#: Reached only by a hang, not on a slow machine; an event ends the wait at once.
HANG_SECONDS = 120.0
