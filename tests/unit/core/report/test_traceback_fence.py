from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.report.traceback_fence import traceback_fence
from checks.core.text.ansi import visible
from tests.support.any_session import TEXTS
from tests.support.bodies import ATTACKS
from tests.support.rendered import Page
from tests.support.rules import rule

PLUGIN = """\
src/cart.py:7: in total
    def total(self):
      two = self.indented
  > return sum(two)
      self = Cart(2)
      two = [1, 2]
      … and 3 more
E   TypeError: no
E
E     - more

During handling of the above exception, another exception occurred:

… 3 frames left out …
…/json/decoder.py:9: in decode
E   ValueError"""
GROUP = """\
E   ExceptionGroup: several
  +-- exception 1 of 2
  | tests/test_a.py:3: in one
  |   > raise one
  |       one = 1
  | E   KeyError
  +-- exception 2 of 2
  |   +-- exception 1 of 1
  |   | E   KeyError"""
PYTEST = """\
    def test_a():
>       assert 1 == 2
E       assert 1 == 2

tests/test_a.py:2: AssertionError"""
NATIVE = """\
Traceback (most recent call last):
  File "/repo/a.py", line 3, in <module>
    x = 1 / 0
ZeroDivisionError: division by zero"""
DOCTEST = """\
009     >>> twice(3)
Expected:
    7"""
#: By name: a traceback, and the first characters of its lines.
TRACEBACKS = {
    "the plugin's": (PLUGIN, "@  !###---    @-"),
    "a group": (GROUP, "- @!#-  -"),
    "pytest's own": (PYTEST, " !- @"),
    "Python's own": (NATIVE, "    "),
    "a doctest": (DOCTEST, "   "),
    "coloured": ("\x1b[31mE   boom\x1b[0m", "-"),
    "prose": ("Expected one\nE\n> 3 dogs\n>3 dogs", " -! "),
    "a value without a raising line": ("      a = 1", " "),
}


@rule("Characters: tracebacks in the summary")
@pytest.mark.parametrize(("traceback", "markers"), TRACEBACKS.values(), ids=TRACEBACKS)
def test_marker_of_each_line_says_what_it_is(traceback: str, markers: str) -> None:
    (shown,) = Page(traceback_fence(traceback)).code
    assert "".join(line[0] for line in shown.splitlines()) == markers


def unmarked(block: str) -> str:
    """Return what was made a block."""
    return "\n".join(re.sub(r"^@@ (.*) @@$|^.", r"\1", line) for line in block.split("\n"))


@pytest.mark.parametrize("traceback", [traceback for traceback, _ in TRACEBACKS.values()], ids=TRACEBACKS)
def test_text_behind_the_markers_is_unchanged(traceback: str) -> None:
    (shown,) = Page(traceback_fence(traceback)).code
    assert unmarked(shown.removesuffix("\n")) == visible(traceback)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_hostile_traceback_is_one_block_of_code(attack: str) -> None:
    page = Page(traceback_fence(attack))
    assert page.tags == ["pre", "code"]
    assert page.prose.strip() == ""


@given(st.lists(TEXTS, max_size=5).map("\n".join))
def test_any_text_is_one_block_that_begins_as_a_diff(text: str) -> None:
    markdown = traceback_fence(text)
    assert re.match(r"`{3,}diff\n", markdown)
    assert Page(markdown).tags == ["pre", "code"]
