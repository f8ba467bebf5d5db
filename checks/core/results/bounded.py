"""Validate integers that the tests' process reports, so that they can be added up, displayed and sent."""

from __future__ import annotations

#: More tests, lines or records than any session has; fits into 32 bits.
_MAXIMUM = 1_000_000_000


def integer(value: object, *, minimum: int = 0) -> int | None:
    """Return `value` if it is an integer from `minimum` to a billion, else None; True and 1.0 are not integers."""
    return value if type(value) is int and minimum <= value <= _MAXIMUM else None


def required_integer(value: object) -> int:
    """Return `value` if it is an integer from 0 to a billion. Raises `ValueError` otherwise."""
    if type(value) is int and 0 <= value <= _MAXIMUM:
        return value
    raise ValueError("must be a whole number from 0 to 1,000,000,000")


def exit_status(value: object) -> int | None:
    """Return pytest's exit status (a plugin may make it negative), or None for an invalid value."""
    return integer(value, minimum=-_MAXIMUM)
