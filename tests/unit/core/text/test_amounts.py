"""Amounts with their nouns."""

from __future__ import annotations

import pytest

from checks.core.text.amounts import pluralize


@pytest.mark.parametrize(("amount", "expected"), [(0, "0 errors"), (1, "1 error"), (2_000, "2,000 errors")])
def test_pluralize_uses_singular_for_one(amount: int, expected: str) -> None:
    assert pluralize(amount, "error") == expected
