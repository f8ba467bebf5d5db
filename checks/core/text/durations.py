"""Parses and formats durations."""

from __future__ import annotations

from math import ceil

#: More than any job takes. JSON also allows 1e999, which is infinite.
_MAX_SECONDS = 1e9
#: Shorter durations are not shown: they differ in every run, and nobody waits for them.
SHOWN_SECONDS = 0.01


def parse_seconds(value: object) -> float:
    """Return an untrusted value as seconds; 0 if it is not a plausible duration."""
    if type(value) is float or type(value) is int:
        return float(value) if 0 < value < _MAX_SECONDS else 0.0
    return 0.0


def shown_duration(seconds: float) -> str:
    """Return the duration; empty below `SHOWN_SECONDS`."""
    return duration(seconds) if seconds >= SHOWN_SECONDS else ""


def with_duration(text: str, seconds: float) -> str:
    """Return ``Passed in 0.12 s`` for ``Passed``; the text alone below `SHOWN_SECONDS`."""
    return f"{text} in {duration(seconds)}" if seconds >= SHOWN_SECONDS else text


def rough_duration(seconds: float) -> str:
    """Return a duration in steps of 10 s, 1 m and 5 m, such as ``40 s``, ``3 m`` or ``1 h 05 m``."""
    tens, minutes = ceil(seconds / 10) * 10, round(seconds / 60)
    if tens < 60:
        return f"{max(tens, 10)} s"
    if minutes < 60:
        return f"{max(minutes, 1)} m"
    hours, minutes = divmod(round(minutes / 5) * 5, 60)
    return f"{hours} h {minutes:02} m"


def duration(seconds: float) -> str:
    """Return seconds as ``0.12 s``, ``41 s``, ``1 m 12 s`` or ``1 h 02 m``; negative ones as 0."""
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
