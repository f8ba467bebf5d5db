"""Amounts with their nouns."""

from __future__ import annotations


def pluralize(amount: int, noun: str) -> str:
    """Return the amount with its noun, such as ``1 error`` or ``2,000 errors``."""
    return f"{amount:,} {noun}" if amount == 1 else f"{amount:,} {noun}s"
