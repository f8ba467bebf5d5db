"""The prefilter excludes no text with a value, however it is wrapped, quoted and surrounded."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.core.redaction.prefilter import Prefilter
from checks.core.redaction.token_patterns import ScannedText
from checks.core.redaction.values import forms_of, opaque_runs
from tests.support.examples import EXAMPLES
from tests.support.github.world import App

VALUES = (
    "Purple monkeys wash dishes quickly",
    "november rain",
    "tEEEEn E b E b n t",
    "日本語のパスワードです",
    "#!?#!?#!?#!?",
    "kN8vQ2xZr7LmP4wYb6Hd1sT0gJ5cF9aUoE3iKqWn",
    App().private_key.strip(),
)
FORMS = sorted(forms_of(VALUES))
PREFILTER = Prefilter({form: opaque_runs(form) for form in FORMS}, ["is contained here:"])

AROUND = st.text(st.characters(codec=None), max_size=20) | st.sampled_from(["\\", "\\\\", "C:\\", "\x1b[31m", "│ "])


@settings(max_examples=3 * EXAMPLES)
@given(AROUND, st.sampled_from(FORMS), AROUND)
def test_prefilter_finds_every_form_in_any_surroundings(before: str, form: str, after: str) -> None:
    scanned = ScannedText.scan(f"{before}{form}{after}")
    assert not PREFILTER.excludes(scanned)
    assert form in PREFILTER.candidates(scanned)


@settings(max_examples=3 * EXAMPLES)
@given(AROUND, st.integers(0, 24), st.integers(16, 40), AROUND)
def test_prefilter_finds_a_piece_of_a_random_value(before: str, start: int, size: int, after: str) -> None:
    value = VALUES[5]
    piece = value[start : start + max(size, 16)]
    if len(piece) >= 16:
        assert value in PREFILTER.candidates(ScannedText.scan(f"{before} {piece} {after}"))


def test_prefilter_finds_a_phrase() -> None:
    scanned = ScannedText.scan("'x' is contained here:\n  x")
    assert not PREFILTER.excludes(scanned)
    assert PREFILTER.candidates(scanned) == {""}


@pytest.mark.parametrize("text", ["", "tests/test_a.py::test_x PASSED", "AssertionError: assert 1 == 2\n" * 100])
def test_prefilter_excludes_ordinary_texts(text: str) -> None:
    assert PREFILTER.excludes(ScannedText.scan(text))
    assert PREFILTER.candidates(ScannedText.scan(text)) == set()
