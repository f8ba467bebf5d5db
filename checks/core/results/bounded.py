"""Whole numbers that the tests have a say in -> such as can be counted with, shown and sent."""

from __future__ import annotations

#: More tests, lines or records than any session has; 32 bits hold it.
_MAXIMUM = 1_000_000_000


def integer(value: object, *, minimum: int = 0) -> int | None:
    """Return a whole number from `minimum` to a billion, None for anything else; neither True nor 1.0 is one."""
    return value if type(value) is int and minimum <= value <= _MAXIMUM else None


def required_integer(value: object) -> int:
    """Return a whole number from 0 to a billion. Raises `ValueError` for anything else."""
    if type(value) is int and 0 <= value <= _MAXIMUM:
        return value
    raise ValueError("must be a whole number from 0 to 1,000,000,000")


def exit_status(value: object) -> int | None:
    """Return pytest's exit status, which a plugin may make negative; None for what cannot be one."""
    return integer(value, minimum=-_MAXIMUM)
