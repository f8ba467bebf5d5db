"""Markdown of a check run's summary as a terminal shows it."""

from __future__ import annotations

import pytest

from checks.core.text.collapsible import details
from checks.core.text.escape import code, code_span, fence, prose
from checks.core.text.plain import plain

NASTY = r"a_b_c *s* <b>x</b> & \* [y](z) @mona #1 `code_*` ~$|"
CASES = {
    "prose": (prose(NASTY), NASTY),
    "a code span": (code_span("a_b \\* <x>"), "`a_b \\* <x>`"),
    "stars in a code span": (code_span("f(**x)"), "`f(**x)`"),
    "a code span with backticks": (code_span("a `b` c"), "``a `b` c``"),
    "a block of code": (f"Why:\n\n{fence('  <b> &lt; | x')}\n\nSo.", "Why:\n\n  <b> &lt; | x\n\nSo."),
    "fences in a block of code": (fence("```\n| x |\n```"), "```\n| x |\n```"),
    "a block of a language": (fence("-E   x\n```", language="diff"), "-E   x\n```"),
    "a collapsible": (details(f"{code('<a> & b')}: 2", "- 1 × `later`"), "<a> & b: 2\n\n- 1 × `later`"),
    "a table": ("| passed |\n| ---: |\n| 2 |\n\nAll passed.", "All passed."),
    "a heading": ("### Failures\n\nx", "Failures\n\nx"),
    "a link": ("See. [More](https://docs.test/x_y)", "See. More: https://docs.test/x_y"),
}


@pytest.mark.parametrize(("markdown", "expected"), CASES.values(), ids=CASES)
def test_plain_text_has_no_markup(markdown: str, expected: str) -> None:
    assert plain(markdown) == expected
