"""Passing tests with unusual characters in their IDs."""

import pytest

from teashop import money


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        pytest.param("£12.99", 1299, id="£12.99"),
        pytest.param("1,299.00", 129_900, id="thousands, with [brackets]"),
        pytest.param("  4.5 ", 450, id="blanks | pipes | and/slashes"),
        pytest.param("£0.07", 7, id="`back-ticks` & <b>tags</b>"),
        pytest.param("3", 300, id="茶 ☕ @octocat #12"),
        pytest.param("0", 0, id="tests/other.py::TestName::test_name"),
    ],
)
def test_parse(text: str, pence: int) -> None:
    assert money.parse(text) == pence


@pytest.mark.parametrize("pence", [0, 1, 99, 100, 1299, 1_000_000, -250])
def test_what_is_written_can_be_read(pence: int) -> None:
    assert money.parse(money.pounds(abs(pence))) == abs(pence)


@pytest.mark.parametrize("people", range(1, 13))
def test_an_even_bill_is_shared_evenly(people: int) -> None:
    assert money.split(people * 450, people) == [450] * people
