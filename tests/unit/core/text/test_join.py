from __future__ import annotations

import pytest

from checks.core.text.join import and_more, paragraphs


def test_empty_parts_are_no_paragraphs() -> None:
    assert paragraphs(["", "a", "", "b\nc"]) == "a\n\nb\nc"


@pytest.mark.parametrize(
    ("missing", "expected"), [(-1, "a, b"), (0, "a, b"), (1, "a, b and 1 more"), (1200, "a, b and 1,200 more")]
)
def test_missing_elements_are_counted(missing: int, expected: str) -> None:
    assert and_more("a, b", missing) == expected
