from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.text.collapsible import Collapsible, fit
from tests.support.rendered import Page
from tests.support.rules import rule


def collapsibles(number: int, body: str = "traceback") -> list[Collapsible]:
    return [Collapsible(head=f"test {index}", lines=[body]) for index in range(number)]


def test_all_collapsibles_are_shown_if_they_fit() -> None:
    fitted = fit(collapsibles(3), 10_000)
    assert (fitted.shown, fitted.without_text) == (3, 0)
    assert Page(fitted.markdown).code == ["traceback\n"] * 3


def test_head_without_lines_is_not_collapsible() -> None:
    fitted = fit(collapsibles(1, body=""), 10_000)
    assert fitted.markdown == "<p>test 0</p>"
    assert fitted.without_text == 0


def test_heads_are_fitted_before_texts() -> None:
    fitted = fit(collapsibles(100, body="é" * 400), 6_000)
    assert (fitted.shown, fitted.without_text) == (100, 95)
    assert len(Page(fitted.markdown).code) == 5


def test_heads_use_at_most_half_of_the_budget() -> None:
    fitted = fit(collapsibles(10_000), 2_000)
    assert fitted.shown == 67
    assert 1_900 < len(fitted.markdown) <= 2_000


@rule("Limits: one very long traceback in a summary")
@pytest.mark.parametrize(("number", "shown_whole"), [(1, 1), (2, 1), (9, 8)])
def test_giant_text_does_not_displace_other_texts(number: int, shown_whole: int) -> None:
    giant = Collapsible(head="giant", lines=["x" * 6_000])
    fitted = fit([giant, *collapsibles(number - 1)], 10_000)
    assert (fitted.shown, fitted.shown - fitted.without_text) == (number, shown_whole)


def test_only_one_collapsible_beyond_the_budget_is_consumed() -> None:
    consumed = 0

    def endless() -> Iterator[Collapsible]:
        nonlocal consumed
        while True:
            consumed += 1
            yield Collapsible(head="test", lines=["x"])

    assert fit(endless(), 1_000).shown == consumed - 1


def test_text_that_does_not_fit_is_not_read_to_its_end() -> None:
    consumed = 0

    def endless() -> Iterator[str]:
        nonlocal consumed
        while True:
            consumed += 1
            yield "a line"

    assert fit([Collapsible(head="test", lines=endless())], 1_000).without_text == 1
    assert consumed < 200


@given(
    st.lists(st.builds(Collapsible, head=st.text("ab", max_size=60), lines=st.lists(st.text("é`\n", max_size=300)))),
    st.integers(0, 900),
)
def test_fitted_markdown_stays_within_the_budget(lines: list[Collapsible], budget_bytes: int) -> None:
    fitted = fit(lines, budget_bytes)
    assert len(fitted.markdown.encode()) <= budget_bytes
    assert Page(fitted.markdown).is_balanced
