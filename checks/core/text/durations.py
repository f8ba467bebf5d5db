"""Seconds -> a duration that people read."""

from __future__ import annotations

#: More than any job takes; JSON has 1e999 too, which is infinite.
_MAX_SECONDS = 1e9


def parse_seconds(value: object) -> float:
    """What somebody tells as a time in seconds; 0 for what cannot be one."""
    if type(value) is float or type(value) is int:
        return float(value) if 0 < value < _MAX_SECONDS else 0.0
    return 0.0


def duration(seconds: float) -> str:
    """Seconds, no less than 0, as ``0.12 s``, ``41 s``, ``1 m 12 s`` or ``1 h 02 m``."""
    seconds = max(seconds, 0.0)
    if round(seconds, 2) < 10:
        return f"{seconds:.2f} s"
    if round(seconds) < 60:
        return f"{seconds:.0f} s"
    if round(seconds) < 3600:
        minutes, remaining = divmod(round(seconds), 60)
        return f"{minutes} m {remaining:02} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02} m"
