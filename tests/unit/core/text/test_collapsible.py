from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.text.collapsible import Collapsible, fit
from tests.support.rendered import Page
from tests.support.rules import rule


def collapsibles(number: int, body: str = "traceback") -> list[Collapsible]:
    return [Collapsible(head=f"test {index}", lines=[body]) for index in range(number)]


def test_all_are_shown_whole_where_there_is_room() -> None:
    fitted = fit(collapsibles(3), 10_000)
    assert (fitted.shown, fitted.without_text) == (3, 0)
    assert Page(fitted.markdown).code == ["traceback\n"] * 3


def test_a_line_without_text_does_not_unfold() -> None:
    fitted = fit(collapsibles(1, body=""), 10_000)
    assert fitted.markdown == "<p>test 0</p>"
    assert fitted.without_text == 0


def test_lines_go_before_texts() -> None:
    fitted = fit(collapsibles(100, body="é" * 400), 6_000)
    assert (fitted.shown, fitted.without_text) == (100, 95)
    assert len(Page(fitted.markdown).code) == 5


def test_lines_take_half_of_the_budget_at_most() -> None:
    fitted = fit(collapsibles(10_000), 2_000)
    assert fitted.shown == 67
    assert 1_900 < len(fitted.markdown) <= 2_000


@rule("Limits: one giant traceback in a summary")
@pytest.mark.parametrize(("number", "shown_whole"), [(1, 1), (2, 1), (9, 8)])
def test_one_giant_displaces_no_other_but_shows_where_it_is_alone(number: int, shown_whole: int) -> None:
    giant = Collapsible(head="giant", lines=["x" * 6_000])
    fitted = fit([giant, *collapsibles(number - 1)], 10_000)
    assert (fitted.shown, fitted.shown - fitted.without_text) == (number, shown_whole)


def test_work_ends_with_the_budget() -> None:
    asked = 0

    def endless() -> Iterator[Collapsible]:
        nonlocal asked
        while True:
            asked += 1
            yield Collapsible(head="test", lines=["x"])

    assert fit(endless(), 1_000).shown == asked - 1


def test_of_a_text_that_has_no_room_only_its_beginning_is_asked_for() -> None:
    asked = 0

    def endless() -> Iterator[str]:
        nonlocal asked
        while True:
            asked += 1
            yield "a line"

    assert fit([Collapsible(head="test", lines=endless())], 1_000).without_text == 1
    assert asked < 200


@given(
    st.lists(st.builds(Collapsible, head=st.text("ab", max_size=60), lines=st.lists(st.text("é`\n", max_size=300)))),
    st.integers(0, 900),
)
def test_nothing_passes_the_budget(lines: list[Collapsible], budget_bytes: int) -> None:
    fitted = fit(lines, budget_bytes)
    assert len(fitted.markdown.encode()) <= budget_bytes
    assert Page(fitted.markdown).is_balanced
