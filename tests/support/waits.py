"""How long a test waits for an event that always comes."""

from __future__ import annotations

#: Only a hang takes so long: a busy machine does not, and an event ends the wait at once.
HANG_SECONDS = 120.0
